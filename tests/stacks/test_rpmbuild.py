"""Converted spec files are built by rpmbuild, installed, and run by both interpreters."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.stacks.errors import BadSpecError
from elpython.stacks.rpmtool import package_facts, rpmbuild
from elpython.stacks.spec.convert import convert
from stack_samples import SAMPLES, file_list

if TYPE_CHECKING:
    from stack_samples import Machine

pytestmark = pytest.mark.slow

LIBRARIES = {
    "python-evenodd": ("evenodd", "evenodd.built_for()"),
    "python-fastadd": ("fastadd", "fastadd.add(20, 22)"),
    "python-roman": ("roman", "roman.roman(14)"),
    "python-mainlib": ("mainlib", "mainlib.ANSWER"),
}


def programs(packages: list[Path]) -> dict[str, list[str]]:
    return {
        path.name.split("-")[0]: sorted(
            Path(name).name for name in file_list(path) if "/bin/" in name
        )
        for path in packages
    }


def no_shared_file(packages: list[Path]) -> bool:
    seen: set[str] = set()
    for path in packages:
        # Folders of build ids are shared by all packages of a system.
        own = {name for name in file_list(path) if "/.build-id" not in name}
        if own & seen:
            return False
        seen |= own
    return True


@pytest.mark.parametrize("sample", LIBRARIES)
def test_library_is_built_for_both_stacks_and_runs_on_both(machine: Machine, sample: str) -> None:
    """A pure library, an extension in C, one with tests, one in the main package."""
    module, expression = LIBRARIES[sample]
    packages = machine.build(sample, machine.old, machine.new)
    assert sorted(path.name.split("-")[0] for path in packages) == ["python311", "python313"]
    assert no_shared_file(packages)
    machine.install(packages)
    answers = {
        stack.version: machine.run(
            stack.interpreter, "-c", f"import {module}; print({module}.__file__, {expression})"
        ).split()
        for stack in (machine.old, machine.new)
    }
    for version, (path, *_) in answers.items():
        assert f"/python{version}/site-packages/" in path
    values = {version: answer[1:] for version, answer in answers.items()}
    if sample == "python-evenodd":
        assert values == {"3.11": ["3.11"], "3.13": ["3.13"]}
    else:
        assert values["3.11"] == values["3.13"]


def test_tests_run_for_both_stacks_while_building(machine: Machine, tmp_path: Path) -> None:
    text = (SAMPLES / "python-roman" / "python-roman.spec").read_text()
    converted = convert(text).text
    assert "%{__python3_other} -m unittest" in converted
    broken = converted.replace(
        "%{__python3_other} -m unittest -v test_roman",
        "%{__python3_other} -m unittest test_missing",
    )
    assert broken != converted
    spec = tmp_path / "python-roman.spec"
    spec.write_text(broken)
    sources = machine.root / "build" / "python-roman-3.11" / "SOURCES"
    if not sources.exists():
        machine.build("python-roman", machine.old, machine.new)
    with pytest.raises(BadSpecError) as caught:
        rpmbuild(
            spec,
            files=machine.macros(machine.old, machine.new),
            defines={"_topdir": str(tmp_path), "_sourcedir": str(sources)},
            log=tmp_path / "log",
        )
    assert str(tmp_path / "log") in caught.value.todo


def test_programs_are_split_between_the_stacks(machine: Machine) -> None:
    packages = machine.build("python-greetings", machine.old, machine.new)
    assert programs(packages) == {
        "python311": ["greet", "greet3", "greetd-3.11", "hello"],
        "python313": ["greet-3.13", "greetd-3.13", "hello-3.13"],
    }
    assert no_shared_file(packages)
    machine.install(packages)
    bindir = machine.prefix / "bin"
    assert machine.run(bindir / "greet") == "hello from 3.11"
    assert machine.run(bindir / "greet-3.13") == "hello from 3.13"
    assert machine.run(bindir / "greetd-3.13") == "hello from 3.13"
    assert machine.run(bindir / "hello") == "hello from 3.11"
    first = (bindir / "hello-3.13").read_text().splitlines()[0]
    assert first.split()[0] == f"#!{machine.new.interpreter}"


def test_after_the_switch_the_same_spec_gives_the_names_to_the_new_stack(machine: Machine) -> None:
    before = machine.build("python-wheelhouse", machine.old, machine.new)
    after = machine.build("python-wheelhouse", machine.new, machine.old)
    assert programs(before) == {"python311": ["wheelhouse"], "python313": ["wheelhouse-3.13"]}
    assert programs(after) == {"python311": ["wheelhouse-3.11"], "python313": ["wheelhouse"]}
    machine.install(before)
    assert machine.run(machine.prefix / "bin" / "wheelhouse") == "wheelhouse on 3.11"
    machine.install(["--replacepkgs", "--replacefiles", *after])
    assert machine.run(machine.prefix / "bin" / "wheelhouse") == "wheelhouse on 3.13"
    assert machine.run(machine.prefix / "bin" / "wheelhouse-3.11") == "wheelhouse on 3.11"


def test_application_follows_the_default_stack(machine: Machine) -> None:
    for stack, other in ((machine.old, machine.new), (machine.new, machine.old)):
        packages = machine.build("noteclock", stack, other)
        assert [path.name.split("-")[0] for path in packages] == ["noteclock"]
        facts = package_facts(packages[0])
        assert f"python{stack.pkgversion}-setuptools" in facts.requires
        machine.install(["--replacepkgs", *packages])
        ran = machine.run(machine.prefix / "bin" / "noteclock")
        assert ran == f"noteclock on {stack.version}"
        helper = (machine.prefix / "libexec" / "noteclock" / "helper").read_text()
        assert helper.startswith(f"#!/usr/bin/python{stack.version}\n")


def test_with_one_stack_nothing_is_built_for_another(machine: Machine, tmp_path: Path) -> None:
    """The same converted spec builds alone, and as a source package with stubs only."""
    folder = SAMPLES / "python-evenodd"
    spec = tmp_path / "python-evenodd.spec"
    spec.write_text(convert((folder / "python-evenodd.spec").read_text()).text)
    (tmp_path / "SOURCES").mkdir()
    subprocess.run(
        ["tar", "czf", tmp_path / "SOURCES" / "evenodd-1.0.tar.gz", "-C", folder, "evenodd-1.0"],
        check=True,
    )
    made = rpmbuild(
        spec,
        files=machine.macros(machine.new, None),
        defines={"_topdir": str(tmp_path), "_prefix": str(machine.prefix)},
        log=tmp_path / "log",
    )
    assert sorted(path.name.split("-1.0")[0] for path in made) == [
        "python-evenodd",
        "python313-evenodd",
    ]
