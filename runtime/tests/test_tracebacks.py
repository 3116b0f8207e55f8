"""What a source's own errors show is what they show without minpython: no frame more, none less."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import environments
import pytest

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = {
    "syntax": b"x = 1\ndef f(:\n",
    "indentation": b"if 1:\n        x\n    y\n",
    "null": b"x = 1\0\n",
    "undecodable": b"x = '\xff'\n",
    "unknown_encoding": b"# coding: nope\n",
    "running": b"def f():\n    1 / 0\nf()\n",
    "fine": b"x = 1\n",
}
PROGRAM = f"""
import os, sys, traceback, zipfile
names = {list(SOURCES)!r}
def show(name):
    try:
        __import__(name)
    except Exception:
        print(traceback.format_exc())
sys.path.insert(0, "folder")
for name in names:
    show("named." + name)
    show(name)
if len(sys.argv) > 1:
    import fine, marshal
    with open(fine.__cached__, "rb") as file:
        head = file.read(16)
    for body in (b"", b"nonsense", marshal.dumps(3)):
        with open(fine.__cached__, "wb") as file:
            file.write(head + body)
        sys.modules.pop("fine", None)
        show("fine")
    sys.path.insert(0, "archive.zip")
    for name in names:
        show("in_zip_" + name)
"""
# Of the import system's own functions one may be another one of the same name.
LINES = re.compile(r'(<frozen [^>]*>", line )\d+')


def write(folder: Path) -> None:
    """Write the modules, in a folder and in an archive, and the program that imports them."""
    import zipfile

    (folder / "folder" / "named").mkdir(parents=True)
    (folder / "folder" / "named" / "__init__.py").write_bytes(b"")
    with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
        for name, text in SOURCES.items():
            (folder / "folder" / f"{name}.py").write_bytes(text)
            (folder / "folder" / "named" / f"{name}.py").write_bytes(text)
            archive.writestr(f"in_zip_{name}.py", text)
    (folder / "program.py").write_text(PROGRAM)


def shown(python: str, folder: Path, *arguments: str, ask: str = "") -> str:
    """Return what the program prints in a folder of its own."""
    folder.mkdir()
    write(folder)
    env = {"PYTHONMINVERSION": ask} if ask else {}
    out = environments.run(python, "program.py", *arguments, cwd=folder, env=env).stdout
    return LINES.sub(r"\1", out.replace(str(folder), "FOLDER"))


@pytest.mark.parametrize("version", environments.wanted())
def test_errors_of_sources_show_no_frame_of_ours(version: str, tmp_path: Path) -> None:
    if version not in environments.found():
        pytest.skip(f"no Python {version} on this machine")
    python = environments.environment(version)
    bare = environments.made(environments.found()[version], tmp_path / "bare", start=False)
    expected = shown(bare, tmp_path / "without", "more")
    assert expected.count("Traceback") == 2 * 6 + 3 + 6
    assert "minpython" not in expected
    for number, ask in enumerate(("", "3.6:nosuchpackage", "3.6:named,syntax,null", "3.8:named")):
        assert shown(python, tmp_path / f"with{number}", "more", ask=ask) == expected, ask


@pytest.mark.parametrize("ask", ["3.6", "3.8"])
def test_nor_where_the_whole_program_asks(outer: str, tmp_path: Path, ask: str) -> None:
    asked = shown(outer, tmp_path / "with", ask=ask)
    assert asked == shown(outer, tmp_path / "without")
    assert asked.count("Traceback") == 2 * 6


def test_built_in_functions_can_be_referred_to_weakly(outer: str) -> None:
    code = (
        "import weakref\n"
        "for each in (open, sum, compile, exec, eval):\n"
        "    assert weakref.ref(each)() is each and each in weakref.WeakSet([each])\n"
    )
    for ask in ("3.6", "3.8", "3.6:nosuchpackage"):
        environments.run(outer, "-c", code, env={"PYTHONMINVERSION": ask})


def test_levels_of_warnings_pass_by_what_runs_a_text(outer: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(
        "import warnings\n"
        "with warnings.catch_warnings(record=True) as found:\n"
        "    warnings.simplefilter('always')\n"
        "    exec('import warnings; warnings.warn(\"x\", stacklevel=2)')\n"
        "    eval('warnings.warn(\"y\", stacklevel=2)')\n"
        "print([each.lineno for each in found])\n"
    )
    env = {"PYTHONMINVERSION": "3.6"}
    assert environments.run(outer, "program.py", cwd=tmp_path, env=env).stdout == "[4, 5]\n"
