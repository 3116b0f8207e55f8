"""A build with clang takes LLVM's tools of clang's version, and outlives a BOLT that fails."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from elpython.build import bolt, llvm, steps
from elpython.core.errors import ProgramFailedError

if TYPE_CHECKING:
    from pathlib import Path

CLANG = "Debian clang version 19.1.7 (3~deb12u1)"
GCC = "gcc (Debian 12.2.0-14+deb12u1) 12.2.0"


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("line", "version"),
    [
        (CLANG, "19"),
        ("clang version 16.0.6", "16"),
        ("Apple clang version 15.0.0 (clang-1500.3.9.4)", "15"),
        (GCC, ""),
        ("cc (GCC) 8.5.0", ""),
        ("", ""),
    ],
)
def test_clang_is_known_by_its_first_line(line: str, version: str) -> None:
    assert llvm.clang_version(line) == version


def test_a_flag_of_gcc_is_not_passed_to_clang() -> None:
    assert llvm.compile_flags(GCC) == ("-fno-reorder-blocks-and-partition",)
    assert llvm.compile_flags(CLANG) == ()


@pytest.mark.parametrize(
    ("installed", "expected"),
    [
        ({}, {}),
        ({"llvm-ar-19": "19", "llvm-ar": "14"}, {"LLVM_AR": "llvm-ar-19"}),
        ({"llvm-ar": "14"}, {}),
        (
            {"llvm-ar": "19", "llvm-profdata-19": "19"},
            {"LLVM_AR": "llvm-ar", "LLVM_PROFDATA": "llvm-profdata-19"},
        ),
    ],
)
def test_only_tools_of_the_compilers_version_count(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    installed: dict[str, str],
    expected: dict[str, str],
) -> None:
    for name, version in installed.items():
        program(tmp_path / name, f"echo 'LLVM version {version}.0.6'")
    monkeypatch.setenv("PATH", str(tmp_path))
    paths = {key: str(tmp_path / name) for key, name in expected.items()}
    assert llvm.variables(CLANG) == paths
    assert llvm.variables(GCC) == {}


# Writes its options to `said`, fails as `refuses` tells, else copies its input to what -o names.
_BOLT = """
echo "$@" >> said
case "$*" in {refuses}) echo crashed >&2; exit 139;; esac
input="$1"
while [ $# -gt 0 ]; do [ "$1" = -o ] && out="$2"; shift; done
{{ cat "$input"; echo laid out; }} > "$out"
touch bolt.instr.1.fdata
"""


@pytest.fixture
def objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished build folder, and a PATH that has only what each test installs."""
    folder = tmp_path / "build"
    folder.mkdir()
    (folder / "python").write_text("plain\n")
    (folder / "Makefile").write_text("run_profile_task:\n\t@true\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return folder


def install_bolt(folder: Path, refuses: str) -> None:
    program(folder / "bin/llvm-bolt-19", _BOLT.format(refuses=refuses))
    program(folder / "bin/merge-fdata-19", "echo profile")
    (folder / "lib").mkdir()
    (folder / "lib" / bolt.RUNTIME).touch()


def test_a_layout_that_crashes_is_tried_with_fewer_options(objects: Path) -> None:
    install_bolt(objects.parent, "*-frame-opt*")
    bolt.optimise(objects, [], dict(os.environ), objects / "log", version="19")
    assert (objects / "python").read_text() == "plain\nlaid out\n"
    trained, full, fewer = (objects / "said").read_text().splitlines()
    assert "-instrument" in trained
    assert "-frame-opt=hot" in full
    assert "-frame-opt" not in fewer
    assert "-reorder-blocks=ext-tsp" in fewer


@pytest.mark.parametrize("refuses", ["*-instrument*", "*-data=*"])
def test_what_bolt_breaks_is_put_back(objects: Path, refuses: str) -> None:
    install_bolt(objects.parent, refuses)
    with pytest.raises(ProgramFailedError):
        bolt.optimise(objects, [], dict(os.environ), objects / "log", version="19")
    assert (objects / "python").read_text() == "plain\n"


@pytest.mark.parametrize(
    ("refuses", "text"), [("*-data=*", "plain\n"), ("*nothing*", "plain\nlaid out\n")]
)
def test_a_build_outlives_a_bolt_that_fails(
    objects: Path, monkeypatch: pytest.MonkeyPatch, refuses: str, text: str
) -> None:
    """The steps before it are not run here: they are what must not be lost."""
    install_bolt(objects.parent, refuses)
    log = objects / "build.log"
    log.touch()

    warned = text == "plain\n"

    def install(work: steps.Work, folder: Path) -> tuple[float, int]:
        (folder / "python").write_text((work.objects / "python").read_text())
        return 1.0, 1

    monkeypatch.setattr(steps, "_unpack_source", lambda _work: None)
    monkeypatch.setattr(steps, "_configure", lambda _work: 1.0)
    monkeypatch.setattr(steps, "_make", lambda _work: (1800.0, 1, 1))
    monkeypatch.setattr(steps, "_install", install)
    request = SimpleNamespace(
        bolt=True,
        settings=SimpleNamespace(bolt_skip=()),
        tree=SimpleNamespace(branch="3.11", version="3.11.2", variant="", head="0"),
        profile=SimpleNamespace(name="release"),
    )
    work: Any = SimpleNamespace(
        request=request,
        objects=objects,
        env=dict(os.environ),
        log=log,
        prefix=objects.parent,
        facts={"compiler": CLANG},
    )
    folder = objects.parent / "product"
    folder.mkdir()
    steps.make_all(work, folder, "key")
    facts = json.loads((folder / "build.json").read_text())
    assert bool(facts["warnings"]) == warned
    assert ("bolt" in facts["seconds"]) != warned
    assert (folder / "python").read_text() == text
