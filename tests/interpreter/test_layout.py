import json
import re
import shutil
from pathlib import Path

import pytest
from jsonschema import validate

from elpython.interpreter.layout.compare import compare_layouts
from elpython.interpreter.layout.headers import LayoutError, find_headers
from elpython.interpreter.layout.measure import measure_layout
from elpython.interpreter.layout.model import Layout
from header_roots import PLAIN, header_root

COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "stream-layout.schema.json"


def measured(
    folder: Path, text: str = PLAIN, version: str = "3.14.0a1", compiler: str = ""
) -> Layout:
    return measure_layout(find_headers(header_root(folder, text, version)), compiler=compiler)


def changes(tmp_path: Path, *edits: tuple[str, str]) -> list[tuple[str, str, str]]:
    """Measure the plain headers and those with edits; return what differs."""
    text = PLAIN
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    found = compare_layouts(measured(tmp_path / "old"), measured(tmp_path / "new", text))
    return [(one.meaning, one.kind, one.name) for one in found]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_layout_holds_fields_bits_arrays_and_unnamed_members(
    tmp_path: Path, compiler: str
) -> None:
    layout = measured(tmp_path, compiler=compiler)
    thing = layout.structs["PyThing"]
    rows = {field.path: (field.type, field.offset, field.size) for field in thing.fields}
    assert (thing.size, thing.alignment, thing.kind) == (56, 8, "struct")
    assert rows["ob_base"] == ("PyObject", 0, 128)
    assert rows["first"] == ("int", 128, 32)
    assert rows["whole"][1:] == (192, 64)
    assert rows["half"] == ("char[4]", 192, 32)
    assert rows["state.low"] == ("unsigned int", 256, 2)
    assert rows["state.high"] == ("unsigned int", 258, 3)
    assert rows["call"] == ("int (*)(PyObject *, const char *)", 320, 64)
    assert rows["items"] == ("PyObject *[1]", 384, 64)
    assert layout.structs["PyHidden"].is_opaque
    assert layout.not_looked_at == (
        "PYC_MAGIC_NUMBER: these headers don't tell it (they do since 3.14)",
    )


def test_a_layout_holds_values_bodies_and_signatures_without_parameter_names(
    tmp_path: Path,
) -> None:
    layout = measured(tmp_path)
    assert layout.enumerators == {"PyMODE_A": 0, "PyMODE_B": 5, "PyMODE_C": 6}
    assert layout.constants["PyThing_FLAG"] == 8
    assert layout.macros["PyThing_FIRST"].head == "(op)"
    assert layout.inlines["PyThing_Low"].body.count("1UL << 3") == 1
    assert {name: item.type for name, item in layout.functions.items()} == {
        "PyThing_New": "PyObject *(const char *, Py_ssize_t)",
        "PyThing_Count": "int (void)",
        "Py_Stop": "void (const char *, ...)",
    }
    assert layout.variables["PyThing_None"].type == "PyObject"
    assert layout.scalars["Py_ssize_t"] == "long"


def test_a_layout_survives_json_and_follows_its_schema(tmp_path: Path) -> None:
    layout = measured(tmp_path)
    data = json.loads(json.dumps(layout.as_json()))
    validate(data, json.loads(SCHEMA.read_text()))
    assert Layout.from_json(data) == layout
    for broken in ({}, {"format": 1}, {**data, "structs": {"X": {}}}, []):
        with pytest.raises(LayoutError, match="layout"):
            Layout.from_json(broken)


BREAKS = [
    (("int first;", "int zero; int first;"), ("field", "PyThing")),
    (("int first;\n", ""), ("field", "PyThing")),
    (("low:2", "low:3"), ("field", "PyThing")),
    (("int first;", "void *first;"), ("field", "PyThing")),
    (("PyObject *items[1];", "PyObject *items[1]; long hash;"), ("tail", "PyThing")),
    (("struct _hidden", "struct PyThing_s"), None),
    (("PyMODE_B = 5", "PyMODE_B = 4"), ("enumerator", "PyMODE_C")),
    (("(1UL << 3)", "(1UL << 4)"), ("constant", "PyThing_FLAG")),
    (("const char *name, Py_ssize_t size)", "const char *name)"), ("function", "PyThing_New")),
    (("const char *name, Py_ssize_t size)", "const char *name, int size)"),
     ("function", "PyThing_New")),
    (("PyThing_Count(void)", "PyThing_Counts(void)"), ("function", "PyThing_Count")),
    (("extern PyObject PyThing_None;", ""), ("variable", "PyThing_None")),
    (("typedef struct { PyThing base; int more; } PyHolder;", "typedef struct _h PyHolder;"),
     ("opaque", "PyHolder")),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "expected"), BREAKS)
def test_every_kind_of_break_is_seen(
    tmp_path: Path, edit: tuple[str, str], expected: tuple[str, str] | None
) -> None:
    found = changes(tmp_path, edit)
    breaks = [(kind, name) for meaning, kind, name in found if meaning == "break"]
    assert (expected in breaks) if expected else not breaks


NO_BREAKS = [
    ("const char *name, Py_ssize_t size)", "const char *other, long length)"),
    ("int (*call)(PyObject *self, const char *name);", "int (*call)(PyObject *, const char *);"),
    ("struct _ts { int id; void *stack; }", "struct _ts { int id; void *stack; int more; }"),
    ("typedef long Py_ssize_t;", "typedef long my_long; typedef my_long Py_ssize_t;"),
    ("struct { unsigned int low:2;", "struct { unsigned int low:2 /* twice */;"),
    (
        "typedef struct { PyObject ob_base; Py_ssize_t ob_size; } PyVarObject;",
        (
            "struct PyVarObject { PyObject ob_base; Py_ssize_t ob_size; };"
            " typedef struct PyVarObject PyVarObject;"
        ),
    ),
    ("PyMode;", "PyMode; typedef struct { int x; } PyFresh;"),
]


@pytest.mark.parametrize("edit", NO_BREAKS)
def test_what_breaks_no_module_is_no_break(tmp_path: Path, edit: tuple[str, str]) -> None:
    assert [one for one in changes(tmp_path, edit) if one[0] == "break"] == []


def test_a_break_tells_which_macros_and_inline_functions_hold_it(tmp_path: Path) -> None:
    text = PLAIN.replace("int first;", "long zero; int first;")
    found = compare_layouts(measured(tmp_path / "old"), measured(tmp_path / "new", text))
    reach = {one.what.split()[1]: one.reach for one in found if one.kind == "field"}
    assert reach["first"] == ("PyThing_FIRST",)
    assert reach["state.low"] == ("PyThing_Low",)


def test_code_that_modules_hold_is_possible_and_a_rename_too(tmp_path: Path) -> None:
    found = changes(tmp_path, ("op->state.low +", "op->state.high +"), ("int first;", "int begin;"),
                    ("->first)", "->begin)"))  # fmt: skip
    assert {one for one in found if one[0] != "none"} == {
        ("possible", "field", "PyThing"),
        ("possible", "access", "PyThing_Low"),
        ("possible", "access", "PyThing_FIRST"),
    }


def test_bits_taken_apart_another_way_are_told_apart_from_other_code(tmp_path: Path) -> None:
    """3.12.0a7 changed what the bits of an int's first field mean, and no struct."""
    found = changes(tmp_path, ("op->state.low +", "(op->state.low >> 1) +"))
    assert ("possible", "access", "PyThing_Low") in found
    found = changes(tmp_path, ("(((PyThing *)(op))->first)", "(((struct PyThing_s *)(op))->first)"))
    assert ("possible", "macro", "PyThing_FIRST") in found


def test_a_wrapper_of_architectures_is_resolved_in_its_own_root(tmp_path: Path) -> None:
    root = header_root(tmp_path) / "include"
    (root / "python3.14" / "pyconfig.h").write_text(
        "#ifdef __linux__\n# include <arch/python3.14/pyconfig.h>\n#endif\n"
    )
    with pytest.raises(LayoutError, match="none of them is here"):
        find_headers(tmp_path)
    real = root / "arch" / "python3.14"
    real.mkdir(parents=True)
    (real / "pyconfig.h").write_text("#define Py_DEBUG 1\n")
    assert measure_layout(find_headers(tmp_path)).abi_flags == "d"


def test_a_header_of_another_python_is_an_error(tmp_path: Path) -> None:
    other = header_root(tmp_path / "other" / "python3.9x")
    own = header_root(tmp_path / "own")
    path = next(other.rglob("object.h"))
    (own / "include" / "python3.14" / "object.h").write_text(f'#include "{path}"\n')
    with pytest.raises(LayoutError, match="take one from elsewhere"):
        measure_layout(find_headers(own))


def test_places_without_headers_say_so(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"holds no Python\.h"):
        find_headers(tmp_path)
    header_root(tmp_path)
    with pytest.raises(LayoutError, match=r"of 3\.9"):
        find_headers(tmp_path, series="3.9")
    header_root(tmp_path, version="3.15.0")
    with pytest.raises(LayoutError, match="several"):
        find_headers(tmp_path)
    assert find_headers(tmp_path, series="3.15").version == "3.15.0"
    (tmp_path / "include" / "python3.15" / "pyconfig.h").unlink()
    with pytest.raises(LayoutError, match=r"no pyconfig\.h"):
        find_headers(tmp_path, series="3.15")


def test_headers_that_do_not_compile_and_one_that_needs_more_are_told(tmp_path: Path) -> None:
    root = header_root(tmp_path)
    extra = root / "include" / "python3.14" / "py_extra.h"
    extra.write_text("#include <not-there.h>\n")
    layout = measure_layout(find_headers(root))
    assert layout.not_looked_at[0].startswith("py_extra.h: ")
    header_root(tmp_path, "struct {")
    with pytest.raises(LayoutError, match="not compile"):
        measure_layout(find_headers(root))


def test_variants_are_measured_apart_and_never_compared(tmp_path: Path) -> None:
    text = PLAIN + "#ifdef Py_GIL_DISABLED\ntypedef struct { int x; } PyFree;\n#endif\n"
    headers = find_headers(header_root(tmp_path, text))
    free = measure_layout(headers, variant="free-threaded")
    plain = measure_layout(headers)
    assert (free.abi_flags, plain.abi_flags) == ("t", "")
    assert "PyFree" in free.structs
    assert "PyFree" not in plain.structs
    with pytest.raises(LayoutError, match="cannot be compared"):
        compare_layouts(plain, free)
    with pytest.raises(LayoutError, match="no free-threaded build"):
        measure_layout(find_headers(header_root(tmp_path / "b")), variant="free-threaded")


def interpreters() -> list[Path]:
    """Return the include folders of the Pythons on this machine."""
    program = shutil.which("pyenv")
    places = [Path("/usr/include"), Path("/usr/local/include")]
    if program:
        places += Path(program).resolve().parents[1].glob("versions/*/include")
        places += (Path.home() / ".pyenv" / "versions").glob("*/include")
    found = {path.parent.resolve() for place in places for path in place.glob("python3.*/Python.h")}
    return sorted(path for path in found if int(re.findall(r"\d+", path.name)[1]) >= 9)


@pytest.mark.slow
@pytest.mark.parametrize("folder", interpreters(), ids=str)
def test_real_headers_are_measured_whole(folder: Path) -> None:
    layout = measure_layout(find_headers(folder))
    names = (
        "PyHeapTypeObject", "PyCFunctionObject", "PyUnicodeObject", "PyASCIIObject", "PyLongObject",
        "PyThreadState", "PyTypeObject", "PyTupleObject", "PyObject", "PyVarObject", "Py_buffer",
        "PyModuleDef", "PyMethodDef", "PyListObject", "PyDictObject", "PyBytesObject",
    )  # fmt: skip
    for name in names:
        assert layout.structs[name].fields, name
        assert layout.structs[name].size, name
    assert {"PyLong_FromLong", "PyArg_ParseTuple", "PyErr_Format"} <= layout.functions.keys()
    assert layout.variables["PyLong_Type"].type == "PyTypeObject"
    assert not [text for text in layout.not_looked_at if text.startswith("declaration")]
