"""The macros as the real rpm reads them: both stacks, both sides of a switch, source packages."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from elpython.stacks.errors import MacroError
from elpython.stacks.macros import (
    DEFAULT_NAMES,
    OTHER_NAMES,
    MacroStack,
    fedora_names,
    macro_names,
    macro_names_in,
    render,
)
from elpython.stacks.overrides import base_macros, overridden
from elpython.stacks.rpmtool import evaluate
from elpython.stacks.spec.twin import standard_names

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("rpm")

OLD = MacroStack(version="3.9", pkgversion="39", interpreter="/usr/bin/python3.9", platlib="lib64")
NEW = MacroStack(version="3.11", pkgversion="311", interpreter="/usr/bin/python3.11")
FUTURE = MacroStack(version="3.110", pkgversion="3110", interpreter="/usr/bin/python3.110")

# The names that the plan asks for.
PLAN = [
    "python3_pkgversion",
    "python3_other_pkgversion",
    "with_python3",
    "with_python3_other",
    "__python3",
    "__python3_other",
    "python3_version",
    "python3_other_version",
    "python3_version_nodots",
    "python3_other_version_nodots",
    "python3_sitelib",
    "python3_other_sitelib",
    "python3_sitearch",
    "python3_other_sitearch",
    "py3_build",
    "py3_install",
    "py3_other_build",
    "py3_other_install",
    "py3_shebang_fix",
    "python_provide",
]


def written(folder: Path, default: MacroStack, other: MacroStack | None, **more: bool) -> Path:
    path = folder / "macros.python3_other"
    path.write_text(render(default, other, **more))
    return path


def values(file: Path, *names: str) -> dict[str, str]:
    return dict(zip(names, evaluate([f"%{{?{name}}}" for name in names], [file]), strict=True))


@pytest.mark.parametrize(("default", "other"), [(OLD, NEW), (NEW, OLD), (NEW, FUTURE)])
def test_facts_on_both_sides_of_a_switch(
    tmp_path: Path, default: MacroStack, other: MacroStack
) -> None:
    file = written(tmp_path, default, other)
    for stack, name in ((default, "python3"), (other, "python3_other")):
        version = stack.version
        assert values(
            file, f"{name}_pkgversion", f"{name}_version", f"{name}_version_nodots", f"__{name}",
            f"{name}_sitelib", f"{name}_sitearch",
        ) == {
            f"{name}_pkgversion": stack.pkgversion,
            f"{name}_version": version,
            f"{name}_version_nodots": version.replace(".", ""),
            f"__{name}": stack.interpreter,
            f"{name}_sitelib": f"/usr/lib/python{version}/site-packages",
            f"{name}_sitearch": f"/usr/{stack.platlib}/python{version}/site-packages",
        }  # fmt: skip
    assert evaluate(["%{with python3}%{with python3_other}"], [file]) == ("11",)


def test_every_name_of_the_plan_is_defined(tmp_path: Path) -> None:
    known = values(written(tmp_path, OLD, NEW), *(name for name in PLAN if "provide" not in name))
    assert [name for name, value in known.items() if not value] == []
    assert set(PLAN) <= {
        *macro_names(DEFAULT_NAMES), *macro_names(OTHER_NAMES),
        "with_python3", "with_python3_other", "python_provide",
    }  # fmt: skip


def test_every_macro_that_conversion_writes_is_defined(tmp_path: Path) -> None:
    file = written(tmp_path, OLD, NEW)
    text = file.read_text()
    assert [name for name in standard_names().values() if f"%{name}" not in text] == []


def test_no_macro_asks_for_a_version_while_rpm_reads(tmp_path: Path) -> None:
    """Three characters of sys.version name 3.110 and 3.11 alike; 3.10 came out as 3.1."""
    text = written(tmp_path, FUTURE, NEW).read_text()
    assert "sys.version[" not in text
    known = values(tmp_path / "macros.python3_other", "python3_version", "python3_other_version")
    assert known == {"python3_version": "3.110", "python3_other_version": "3.11"}


def test_build_and_install_name_their_own_interpreter(tmp_path: Path) -> None:
    file = written(tmp_path, OLD, NEW)
    for name, stack in (("py3", OLD), ("py3_other", NEW)):
        build, install, shebang = evaluate(
            [f"%{{{name}_build -- -x}}", f"%{{{name}_install}}", f"%{{{name}_shebang_fix a b}}"],
            [file],
        )
        assert f'--executable="{stack.interpreter} -s"' in build
        assert "-- -x" in build or " -x" in build
        assert f"{stack.interpreter} setup.py" in install
        assert "--prefix /usr" in install
        assert f"#!{stack.interpreter}" in shebang
        assert shebang.strip().startswith("find a b ")


@pytest.mark.parametrize(
    ("first_line", "expected"),
    [
        ("#!/usr/bin/env python", "#!/usr/bin/python3.11"),
        ("#!/usr/bin/python3", "#!/usr/bin/python3.11"),
        ("#! /usr/bin/python2.7 -u", "#!/usr/bin/python3.11 -u"),
        ("#!/usr/local/bin/python3.9", "#!/usr/bin/python3.11"),
        ("#!/bin/sh", "#!/bin/sh"),
        ("#!/usr/bin/perl", "#!/usr/bin/perl"),
        ("# python", "# python"),
    ],
)
def test_shebangs_become_python3x(tmp_path: Path, first_line: str, expected: str) -> None:
    file = written(tmp_path, OLD, NEW)
    script = tmp_path / "script"
    script.write_text(f"{first_line}\n#!/usr/bin/python\n")
    (command,) = evaluate([f"%{{py3_other_shebang_fix {script}}}"], [file])
    subprocess.run(["bash", "-ec", command], check=True)
    assert script.read_text() == f"{expected}\n#!/usr/bin/python\n"


def test_source_packages_need_no_interpreter(tmp_path: Path) -> None:
    """What would run the other stack is /bin/true, whatever it is given; its facts are known."""
    file = written(tmp_path, OLD, NEW, srpm=True)
    assert values(file, "__python3_other", "python3_other_pkgversion", "python3_other_version") == {
        "__python3_other": "/bin/true",
        "python3_other_pkgversion": "311",
        "python3_other_version": "3.11",
    }
    for text in evaluate(
        ["%py3_other_build -- -x", "%{py3_other_install}", "%pytest_other -v",
         "%pyproject_other_save_files -l a", "%pyproject_other_buildrequires -r"],
        [file],
    ):  # fmt: skip
        assert text.split()[0] == "/bin/true"
        subprocess.run(["sh", "-c", text], check=True)


def test_with_one_stack_the_other_is_off(tmp_path: Path) -> None:
    file = written(tmp_path, NEW, None)
    condition = "%{?with_python3_other}%{with python3_other}%{?python3_other_pkgversion}"
    assert evaluate([condition], [file]) == ("0",)
    stubs = [name for name in macro_names(OTHER_NAMES) if not name.endswith("pkgversion")]
    assert set(values(file, *stubs).values()) == {"/bin/true"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("%{python_provide python39-foo}", "Provides: python3-foo = 1-2"),
        ("%{python_provide python311-foo}", ""),
        ("%{python_provide python-foo}", ""),
        (
            "%{py_provides python39-foo}",
            "Provides: python39-foo = 1-2\nProvides: python3-foo = 1-2",
        ),
        ("%{py_provides python311-foo}", "Provides: python311-foo = 1-2"),
        ("%{py3_dist Foo_Bar baz[x]>=2}", "python3.9dist(foo-bar) python3.9dist(baz[x])>=2"),
        ("%{py3_other_dist Foo}", "python3.11dist(foo)"),
    ],
)
def test_names_for_both_stacks(tmp_path: Path, expression: str, expected: str) -> None:
    file = written(tmp_path, OLD, NEW)
    (found,) = evaluate([expression], [file], {"name": "x", "version": "1", "release": "2"})
    assert found.strip() == expected


def test_python3_as_the_name_needs_no_second_one(tmp_path: Path) -> None:
    plain = MacroStack(version="3.11", pkgversion="3", interpreter="/usr/bin/python3.11")
    file = written(tmp_path, plain, OLD)
    (found,) = evaluate(["%{python_provide python3-foo}"], [file], {"version": "1"})
    assert not found


def test_values_are_what_the_interpreters_say(
    tmp_path: Path, python311: Path, python313: Path
) -> None:
    stacks = [
        MacroStack(version=version, pkgversion=version.replace(".", ""), interpreter=str(path))
        for version, path in (("3.11", python311), ("3.13", python313))
    ]
    code = (
        "import json, sys, sysconfig; at = {'base': '/usr', 'platbase': '/usr'}; "
        "print(json.dumps(['%d.%d' % sys.version_info[:2], *(sysconfig.get_path(p, 'posix_prefix',"
        " at) for p in ('purelib', 'platlib')), sys.implementation.cache_tag,"
        " sysconfig.get_config_var('EXT_SUFFIX'), sysconfig.get_platform()]))"
    )
    parts = ("version", "sitelib", "sitearch", "cache_tag", "ext_suffix", "platform")
    file = written(tmp_path, *stacks)
    for stack, name in zip(stacks, ("python3", "python3_other"), strict=True):
        done = subprocess.run(
            [stack.interpreter, "-Ic", code], capture_output=True, text=True, check=True
        )
        found = values(file, *(f"{name}_{part}" for part in parts))
        assert list(found.values()) == json.loads(done.stdout)


def test_a_base_distribution_that_redefines_a_macro_is_found(tmp_path: Path) -> None:
    """RHEL 7.7 set python3_pkgversion to 3 under EPEL, which used 36."""
    ours = written(tmp_path, OLD, NEW)
    base = tmp_path / "macros.base"
    base.write_text("%python3_pkgversion 3\n%__python3 /usr/libexec/platform-python\n")
    assert overridden(OLD, NEW, configuration=[base, ours]) == ()
    wrong = overridden(OLD, NEW, configuration=[ours, base])
    assert [(item.name, item.expected, item.found) for item in wrong] == [
        ("python3_pkgversion", "39", "3"),
        ("__python3", "/usr/bin/python3.9", "/usr/libexec/platform-python"),
    ]
    assert overridden(NEW, None, configuration=[ours])[0].name == "python3_pkgversion"


def test_rpm_reads_fedora_names(tmp_path: Path) -> None:
    file = tmp_path / "macros"
    file.write_text(render(OLD, NEW) + fedora_names())
    assert evaluate(["%{pypi_source a 1}", "%{py_dist_name A.b}"], [file]) == (
        "https://files.example/a/a-1.tar.gz",
        "a-b",
    )
    with pytest.raises(MacroError):
        evaluate(["%{lua:error('x')}"], [file])


@pytest.mark.parametrize("srpm", [False, True])
def test_comments_have_nothing_that_rpm_would_read(srpm: bool) -> None:  # noqa: FBT001
    """EPEL 7's stubs stood below a comment with an unclosed brace, and were never defined."""
    for other in (NEW, None):
        lines = (render(OLD, other, srpm=srpm) + fedora_names()).splitlines()
        comments = [line for line in lines if line.startswith("#")]
        assert comments
        assert [line for line in comments if set(line) & set("%{}")] == []


def test_every_name_that_hand_written_spec_files_use_is_there(tmp_path: Path) -> None:
    """What the spec files of Fedora that were written for both stacks of EPEL 7 ask for."""
    names = [
        "python3_other_pkgversion", "with_python3_other", "python3_other_sitelib",
        "python3_other_sitearch", "py3_other_install", "py3_other_build", "__python3_other",
        "python3_other_version", "python3_other",
    ]  # fmt: skip
    file = written(tmp_path, OLD, NEW)
    assert set(evaluate([f"%{{?{name}:yes}}" for name in names], [file])) == {"yes"}


# A base distribution in small: its macros ask the interpreter's facts when they are expanded.
BASE = """\
%__python3 /usr/bin/python3
%python3 %__python3
%python3_pkgversion 3
%python3_version 3.99
%python3_sitelib /usr/lib/python%{python3_version}/site-packages
%_pyproject_wheeldir %{_builddir}%{?buildsubdir:/%{buildsubdir}}/wheels
%pyproject_files %{_builddir}/%{_pyproject_files_prefix}-files
%pyproject_wheel() %{expand:%{__python3} -m build --wheel --outdir %{_pyproject_wheeldir} %{*}}
%pyproject_buildrequires(rxN) %{expand:
  %{__python3} real.py %{-x:--extras} python%{python3_pkgversion}dist(pip) %{*}}
%pyproject_save_files() %{expand:
  %{__python3} save.py --output %{pyproject_files} --sitelib %{python3_sitelib} %{*}}
"""


def test_what_the_base_has_is_left_to_it_and_serves_the_other_stack(tmp_path: Path) -> None:
    base = tmp_path / "macros.base"
    base.write_text(BASE)
    known = base_macros([base])
    assert {"pyproject_buildrequires", "python3_version", "__python3"} <= known
    text = render(OLD, NEW, base=known)
    written_names = set(macro_names_in(text))
    assert not (known - {"__python3", "python3_pkgversion"}) & written_names
    ours = tmp_path / "macros.python3_other"
    ours.write_text(text)
    asked = evaluate(
        [
            "%{pyproject_buildrequires -x a}",
            "%{pyproject_other_buildrequires -x a}",
            "%{pyproject_other_wheel}",
            "%{pyproject_wheel}",
            "%{pyproject_other_save_files twins}",
            "%{pyproject_other_files}",
            "%{py3_build}",
        ],
        [base, ours],
        {"name": "n", "version": "1", "release": "2", "_builddir": "/b", "buildsubdir": "n-1"},
    )
    asked = tuple(" ".join(item.split()) for item in asked)
    assert asked[0] == "/usr/bin/python3.9 real.py --extras python39dist(pip) a"
    assert asked[1] == "/usr/bin/python3.11 real.py --extras python311dist(pip) a"
    assert asked[2] == "/usr/bin/python3.11 -m build --wheel --outdir /b/python311-n-1-2/wheels"
    assert asked[3] == "/usr/bin/python3.9 -m build --wheel --outdir /b/n-1/wheels"
    assert "--sitelib /usr/lib/python3.11/site-packages twins" in asked[4]
    assert f"--output {asked[5]}" in asked[4]
    assert "setup.py" in asked[6]  # the base has none: ours is there


def test_a_machine_with_our_own_macros_cannot_say_what_the_base_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.write_text(render(OLD, NEW))
    monkeypatch.setattr("elpython.stacks.overrides.evaluate", lambda names: evaluate(names, [own]))
    with pytest.raises(MacroError, match="--base FILE"):
        base_macros()
