"""abidiff on real libraries: what it sees, what it cannot see, what is excused."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from elpython.stream.elf import BadBinaryError, read_elf
from elpython.stream.excuses import excuses
from elpython.stream.measure import Build, MeasureError, measure, suppressions
from elpython.stream.tables import BadTableError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stream.conftest import Library

    from elpython.build.build import Build as MadeBuild
    from elpython.stream.measured import Measurement

needs_abidiff = pytest.mark.skipif(
    shutil.which("abidiff") is None, reason="needs abidiff (apt-get install abigail-tools)"
)

HEADER = """\
typedef struct _object { long ob_refcnt; void *ob_type; } PyObject;
typedef struct _ts { int a; char overflowed; char critical; int recursion; } PyThreadState;
enum PyMode { PyMode_A, PyMode_B };
typedef struct _hidden PyHidden;
PyObject *PyObject_Repr(PyObject *o);
PyThreadState *PyThreadState_Get(void);
int PyMode_Set(enum PyMode m);
int PyGone(void);
int _PyPrivate(void);
int _Py_Dealloc(void);
int PyHidden_Use(PyHidden *h);
extern int Py_Flag;
"""
SOURCE = """\
struct _hidden { int x; };
PyObject *PyObject_Repr(PyObject *o) { return o; }
static PyThreadState ts;
PyThreadState *PyThreadState_Get(void) { return &ts; }
int PyMode_Set(enum PyMode m) { return m; }
int PyGone(void) { return 0; }
int _PyPrivate(void) { return 0; }
int _Py_Dealloc(void) { return 0; }
int PyHidden_Use(PyHidden *h) { return h->x; }
int internal_thing(void) { return 0; }
int Py_Flag;
"""

# what changes -> (header or source replacement), kind, symbol, breaks, abidiff's exit code
CHANGES = [
    ("field", ("long ob_refcnt;", "long ob_refcnt; long ob_example;"), "type", "PyObject", True, 4),
    ("3.9.3", ("char overflowed;", "int overflowed;"), "type", "PyThreadState", True, 4),
    ("enum", ("PyMode_A,", "PyMode_New, PyMode_A,"), "type", "PyMode", True, 4),
    ("param", ("Repr(PyObject *o)", "Repr(PyObject *o, int f)"), "function", "PyObject_Repr",
     True, 4),
    ("tail", ("int recursion;", "int recursion; int tracing;"), "tail", "PyThreadState", False, 4),
    ("global", ("int Py_Flag", "long Py_Flag"), "variable", "Py_Flag", True, 4),
    ("gone", ("int PyGone(void)", None), "removed", "PyGone", True, 12),
    ("private", ("int _PyPrivate(void)", None), "removed", "_PyPrivate", False, 12),
    ("dealloc", ("int _Py_Dealloc(void)", None), "removed", "_Py_Dealloc", True, 12),
    ("internal", ("int internal_thing(void)", None), "removed", "internal_thing", False, 12),
    ("new", ("int PyGone(void)", "+int PyNew(void)"), "added", "PyNew", False, 4),
]  # fmt: skip


def changed(text: str, old: str, new: str | None) -> str:
    if new is None:
        return "\n".join(line for line in text.splitlines() if old not in line) + "\n"
    if new.startswith("+"):
        ending = " { return 0; }\n" if "return 0" in text else ";\n"
        return text + new[1:] + ending
    return text.replace(old, new)


def compare(library: Library, change: tuple[str, str | None], **options: str) -> Measurement:
    old, old_headers = library("old", HEADER, SOURCE)
    new, new_headers = library("new", changed(HEADER, *change), changed(SOURCE, *change))
    return measure(
        Build(library=old, headers=old_headers), Build(library=new, headers=new_headers), **options
    )


@needs_abidiff
@pytest.mark.parametrize("row", CHANGES, ids=[row[0] for row in CHANGES])
def test_each_change_is_seen_for_what_it_is(
    library: Library, row: tuple[str, tuple[str, str | None], str, str, bool, int]
) -> None:
    _, change, kind, symbol, breaks, code = row
    found = compare(library, change)
    seen = {(item.kind, item.symbol): item for item in found.changes}
    assert (kind, symbol) in seen, found.changes
    assert found.exit_code == code
    item = seen[kind, symbol]
    assert item.breaks is breaks
    assert bool(item.excuse) is (not breaks and kind != "added")
    assert item.tier == ("headers" if symbol != "internal_thing" else "DWARF")
    assert found.known


@needs_abidiff
@pytest.mark.parametrize(
    "change",
    [
        ("PyMode_B }", "PyMode_B, PyMode_C }"),
        ("PyObject *o)", "PyObject *other)"),
        ("char critical", "char crucial"),
        ("same", "same"),
    ],
)
def test_what_moves_nothing_is_no_change(library: Library, change: tuple[str, str]) -> None:
    if change[0] == "PyObject *o)":
        change = ("Get(void);", "Get(void );")
    found = compare(library, change)
    assert found.breaks == []
    assert found.exit_code == 0


@needs_abidiff
def test_a_struct_that_no_public_header_defines_is_left_out(library: Library) -> None:
    """PyHidden is opaque to extensions: its size is nobody's business."""
    assert (
        compare(library, ("struct _hidden { int x; }", "struct _hidden { int x, y; }")).changes
        == ()
    )


@needs_abidiff
def test_the_exported_functions_that_reach_a_struct_are_named(library: Library) -> None:
    found = compare(library, ("long ob_refcnt;", "long ob_refcnt; long ob_example;"))
    item = next(item for item in found.changes if item.symbol == "PyObject")
    assert item.reach == ("PyObject_Repr",)
    assert (item.file, item.line) == ("Python.h", 1)


@needs_abidiff
def test_without_debug_info_the_answer_is_unknown_not_none(library: Library) -> None:
    """Abidiff gives exit code 0 here: a layout change cannot be seen in a stripped library."""
    old, headers = library("old", HEADER, SOURCE)
    new, _ = library("new", changed(HEADER, "char overflowed", "int overflowed"), SOURCE)
    subprocess.run(["strip", "--strip-debug", new], check=True)
    found = measure(Build(library=old, headers=headers), Build(library=new, headers=headers))
    assert (found.known, found.breaks, found.tier) == (False, [], "symbols only")
    assert "no debug info" in found.notes[0]


@needs_abidiff
def test_a_removed_symbol_is_seen_even_in_a_stripped_library(library: Library) -> None:
    old, _ = library("old", HEADER, SOURCE)
    new, _ = library("new", HEADER, changed(SOURCE, "int PyGone(void)", None))
    for path in (old, new):
        subprocess.run(["strip", "--strip-debug", path], check=True)
    found = measure(Build(library=old), Build(library=new))
    assert [(item.symbol, item.tier) for item in found.breaks] == [("PyGone", "symbols only")]
    assert not found.known


@needs_abidiff
def test_separate_debug_files_are_found(library: Library) -> None:
    old, headers = library("old", HEADER, SOURCE, "-Wl,--build-id")
    new, _ = library("new", changed(HEADER, "char overflowed", "int overflowed"), SOURCE,
                     "-Wl,--build-id")  # fmt: skip
    folders = []
    for path in (old, new):
        own = read_elf(path.read_bytes(), path).build_id
        parted = path.parent / "debug" / ".build-id" / own[:2] / f"{own[2:]}.debug"
        parted.parent.mkdir(parents=True)
        subprocess.run(["objcopy", "--only-keep-debug", path, parted], check=True)
        subprocess.run(["strip", "--strip-debug", path], check=True)
        subprocess.run(["objcopy", f"--add-gnu-debuglink={parted}", path], check=True)
        folders.append(path.parent / "debug")
    found = measure(
        Build(library=old, headers=headers, debug=folders[0]),
        Build(library=new, headers=headers, debug=folders[1]),
    )
    assert found.known
    assert [item.symbol for item in found.breaks] == ["PyThreadState"]


@needs_abidiff
def test_our_list_does_not_hide_the_break_of_3_9_3() -> None:
    """Upstream's list leaves out pointers to PyThreadState; ours has a reason for each line."""
    text = suppressions()
    assert "_ts" not in text.split()
    assert "PyThreadState" not in "\n".join(
        line for line in text.splitlines() if not line.startswith("#")
    )
    blocks = text.strip().split("\n\n")
    assert all(block.startswith("# ") for block in blocks)


@needs_abidiff
def test_a_deprecation_excuses_only_the_series_that_may_remove(library: Library) -> None:
    name = "PyUnicode_AsUnicode"
    header, source = f"int {name}(void);\nint Py_Stay(void);\n", "int Py_Stay(void) { return 0; }\n"
    old, old_headers = library("old", header, f"int {name}(void) {{ return 0; }}\n" + source)
    new, new_headers = library("new", header.split("\n", 1)[1], source)
    sides = Build(library=old, headers=old_headers), Build(library=new, headers=new_headers)
    assert [item.symbol for item in measure(*sides, series="3.11").breaks] == [name]
    excused = measure(*sides, series="3.12")
    assert excused.breaks == []
    assert "deprecated" in excused.changes[0].excuse


def test_a_table_of_excuses_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[[excuse]]\nkind = "deprected"\npattern = "("\nonly = ["gone"]\nreason = "r"\n'
        'source = "s"\n[never_private]\nnames = []\n[typedefs]\n'
    )
    with pytest.raises(BadTableError) as caught:
        excuses(str(path))
    told = str(caught.value)
    assert "did you mean 'deprecated'?" in told
    assert "no regular expression" in told
    assert "'gone' is not known" in told


@needs_abidiff
def test_files_that_cannot_be_measured(library: Library, tmp_path: Path) -> None:
    good, headers = library("old", HEADER, SOURCE)
    with pytest.raises(MeasureError, match="no such file"):
        measure(Build(library=good), Build(library=tmp_path / "none.so"))
    text = tmp_path / "text.so"
    text.write_text("hello")
    with pytest.raises(BadBinaryError, match="no ELF file"):
        measure(Build(library=good), Build(library=text))
    cut = tmp_path / "cut.so"
    cut.write_bytes(good.read_bytes()[:900])
    with pytest.raises(BadBinaryError, match="damaged"):
        measure(Build(library=good), Build(library=cut))
    with pytest.raises(MeasureError, match="no such folder of headers"):
        measure(Build(library=good, headers=tmp_path / "no"), Build(library=good, headers=headers))


@needs_abidiff
@pytest.mark.slow
def test_two_real_builds(el311: MadeBuild, base311: MadeBuild) -> None:
    """EL Python 3.11 against its bare base: what the changes of the branch touch breaks nothing."""
    sides = [
        Build(library=made.python, headers=made.python.parents[1] / "include" / "python3.11")
        for made in (base311, el311)
    ]
    found = measure(*sides, series="3.11")
    assert (found.known, found.tier) == (True, "headers")
    assert [f"{item.symbol}: {item.what}" for item in found.breaks] == []
