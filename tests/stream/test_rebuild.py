"""Wheels with real extension modules against the changes of a ledger."""

from __future__ import annotations

import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from elpython.stream.elf import BadBinaryError, read_elf
from elpython.stream.installers import write_wheel
from elpython.stream.ledger import LedgerChange
from elpython.stream.rebuild import advise_rebuild, judge
from elpython.stream.wheels import read_wheel

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """\
extern void *{symbol}(void);
extern int unrelated(void);
void *PyInit_mod(void) {{ return {symbol}(); }}
"""


def wheel(folder: Path, name: str, tags: str, symbol: str = "", member: str = "mod.so") -> Path:
    path = folder / f"{name}-1.0-{tags}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        if symbol:
            source, library = folder / f"{name}.c", folder / f"{name}.so"
            source.write_text(SOURCE.format(symbol=symbol))
            subprocess.run(["gcc", "-shared", "-fPIC", source, "-o", library], check=True)
            archive.write(library, member)
            library.unlink()
            source.unlink()
        else:
            archive.writestr("mod.py", "")
    return path


def change(symbol: str, reach: tuple[str, ...] = (), form: str = "function") -> LedgerChange:
    return LedgerChange(
        kind="break", source="measured", symbol=symbol, what="x", reach=reach, form=form
    )


STATE = change("PyThreadState", ("PyThreadState_Get", "PyThreadState_Swap"), "type")
TUPLE = change("PyTupleObject", form="tail")
LINUX = "cp39-cp39p-linux_x86_64"

CASES = [
    ("uses", LINUX, "PyThreadState_Get", STATE, "rebuild"),
    ("spares", LINUX, "PyLong_FromLong", STATE, "keep"),
    ("named", LINUX, "PyList_New", change("PyList_New"), "rebuild"),
    ("object", LINUX, "PyLong_FromLong", change("PyObject", form="type"), "rebuild"),
    ("macro", LINUX, "PyLong_FromLong", TUPLE, "unknown"),
    ("tuple", LINUX, "PyTuple_New", TUPLE, "rebuild"),
    ("ascii", LINUX, "PyUnicode_New", change("PyASCIIObject", form="type"), "rebuild"),
    ("table", LINUX, "PyModuleDef_Init", change("PyMethodDef", form="tail"), "rebuild"),
    ("constant", LINUX, "PyLong_FromLong", change("Py_TPFLAGS_X", form="value"), "unknown"),
    ("inline", LINUX, "PyLong_FromLong", change("PyX_GET", form="access"), "unknown"),
    ("removed", LINUX, "PyLong_FromLong", change("PyList_New", form="removed"), "keep"),
    (
        "limited",
        "cp38-abi3-linux_x86_64",
        "PyLong_FromLong",
        change("PyObject", form="type"),
        "rebuild",
    ),
    ("lost", "cp38-abi3-linux_x86_64", "PyX", change("PyX", form="removed"), "rebuild"),
    ("abi3", "cp38-abi3-linux_x86_64", "PyThreadState_Get", STATE, "keep"),
    ("pure", "py3-none-any", "", STATE, "keep"),
    ("other", "cp310-cp310-linux_x86_64", "PyThreadState_Get", STATE, "keep"),
    ("anyone", LINUX, "PyLong_FromLong", change("PyThreadState", form="type"), "unknown"),
    ("grown", LINUX, "PyThreadState_Get", change("PyThreadState", form="tail"), "unknown"),
    ("config", LINUX, "PyLong_FromLong", change("PyConfig", form="type"), "unknown"),
    ("vague", LINUX, "PyLong_FromLong", change(""), "unknown"),
]


@pytest.mark.parametrize(("name", "tags", "symbol", "broke", "wanted"), CASES)
def test_each_wheel_gets_its_answer(
    tmp_path: Path, name: str, tags: str, symbol: str, broke: LedgerChange, wanted: str
) -> None:
    found = judge(read_wheel(wheel(tmp_path, name, tags, symbol)), [broke], "3.9")
    assert found.answer == wanted, found
    assert found.reason


def test_a_foreign_binary_is_unknown_never_kept(tmp_path: Path) -> None:
    path = tmp_path / "win-1.0-cp39-cp39p-win_amd64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mod.pyd", b"MZ rest")
    assert judge(read_wheel(path), [STATE], "3.9").answer == "unknown"


def test_without_a_break_all_stay(tmp_path: Path) -> None:
    path = wheel(tmp_path, "uses", LINUX, "PyThreadState_Get")
    assert judge(read_wheel(path), [], "3.9").answer == "keep"


def test_what_cannot_be_read_does_not_stop_the_rest(tmp_path: Path) -> None:
    (tmp_path / "broken-1.0-py3-none-any.whl").write_text("no archive")
    (tmp_path / "noname.whl").write_text("")
    write_wheel(tmp_path, "sound", "1.0")
    found = {item.wheel: item.answer for item in advise_rebuild(tmp_path, [])}
    assert found == {
        "broken-1.0-py3-none-any.whl": "unreadable",
        "noname.whl": "unreadable",
        "sound-1.0-py3-none-any.whl": "keep",
    }
    with pytest.raises(BadBinaryError, match="no such folder"):
        advise_rebuild(tmp_path / "none", [])


def test_a_damaged_module_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cut-1.0-cp39-cp39-linux_x86_64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mod.so", b"\x7fELF\x02\x01" + b"\xff" * 80)
    with pytest.raises(BadBinaryError, match="damaged"):
        read_wheel(path)


def test_symbols_of_a_real_library(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text("extern int taken(void);\nint given(void) { return taken(); }\n")
    out = tmp_path / "a.so"
    subprocess.run(
        ["gcc", "-g", "-shared", "-fPIC", "-Wl,--build-id", source, "-o", out], check=True
    )
    elf = read_elf(out.read_bytes(), out)
    assert "taken" in elf.wanted
    assert "given" in elf.given
    assert elf.has_debug
    assert len(elf.build_id) == 40
    said = subprocess.run(["readelf", "-n", out], capture_output=True, text=True, check=True)
    assert elf.build_id in said.stdout
