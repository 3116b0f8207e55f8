from __future__ import annotations

import pytest

from elpython.stream.news import NewsRelease, StreamNewsEntry
from elpython.stream.release import parse_release
from elpython.stream.replay import plain, read_entry, replay

# Texts in the manner of NEWS; the reading that a person gives them.
READ = [
    ("(CPython ABI break) Anything.", "break", "marker"),
    ("Add the field ``co_x`` to the :c:type:`PyCodeObject` structure.", "break", "struct-field"),
    ("Remove the ``tp_print`` slot of :c:type:`PyTypeObject`.", "break", "struct-field"),
    ("Update :c:type:`PyXObject` layout to handle a field.", "break", "struct-layout"),
    ("The memory layout of :c:struct:`PyXObject` is reverted.", "break", "struct-layout"),
    ("The PyXObject now caches a hash in the new field ob_hash.", "break", "struct-layout"),
    ("Reorder the members of ``PyXObject``.", "break", "struct-layout"),
    ("The implementation of PEP-683 which adds Immortal Objects.", "break", "reference-count"),
    ("``PyXState.c_limit``, added in 3.13, is removed.", "break", "member-removed"),
    ("Fix the layout of ``PyXObject`` in the documentation.", "none", "documentation"),
    ("Move the :c:type:`!PyGC_Head` structure to the internal C API.", "break", "struct-moved"),
    ("The :c:type:`PyFrameObject` structure becomes opaque.", "break", "opaque"),
    ("The signature of ``PyX_Do`` changed: it takes a flag.", "break", "signature"),
    ("Change the return type of ``PyX_Do()`` to ``int``.", "break", "signature"),
    ("Remove ``PyUnicode_ClearFreeList()`` function.", "break", "function-removed"),
    ("Remove the private ``_PyErr_OCCURRED()`` macro.", "excused", "private"),
    ("Remove ``PyEval_AcquireLock()``, deprecated in Python 3.2.", "excused", "deprecated"),
    ("Restore removed :c:func:`PyEval_InitThreads` function.", "none", "restored"),
    ("Remove the ``Py_FORCE_DOUBLE()`` macro.", "none", "macros"),
    ("Remove the ``token.h`` header file.", "none", "macros"),
    ("Add :c:func:`Py_SET_SIZE` function to set the size of an object.", "none", ""),
    ("Add new function which sets the vectorcall field of a given PyFunctionObject.", "none", ""),
]


@pytest.mark.parametrize(("text", "effect", "rule"), READ)
def test_how_an_entry_is_read(text: str, effect: str, rule: str) -> None:
    found = read_entry(StreamNewsEntry(section="C API", issue="gh-1", text=text))
    assert (found.effect, found.rule) == (effect, rule)


def test_layouts_of_structs_are_read_in_the_core_section_too() -> None:
    text = "Refactor the ``PyLongObject`` struct into a header and a ``PyLongValue`` struct."
    entry = StreamNewsEntry(section="Core and Builtins", issue="", text=text)
    assert read_entry(entry).rule == "struct-layout"
    assert read_entry(StreamNewsEntry(section="Library", issue="", text=text)).effect == "none"


def test_only_the_c_api_section_counts() -> None:
    entry = StreamNewsEntry(section="Library", issue="", text="Add a field to the x structure.")
    assert read_entry(entry).effect == "none"


def test_roles_and_backticks_are_taken_off() -> None:
    assert plain(":c:func:`!Py_X` and ``y``\n  z") == "Py_X and y z"


def news(version: str, *texts: str) -> NewsRelease:
    entries = tuple(StreamNewsEntry(section="C API", issue="gh-1", text=text) for text in texts)
    return NewsRelease(release=parse_release(version), date=None, entries=entries)


def test_labels_run_on_one_serial() -> None:
    broke = "Add the field ``x`` to the :c:type:`PyObject` structure."
    found = replay([
        news("3.9.0b1"), news("3.9.0a2", broke), news("3.9.0a1"), news("3.9.0rc1"),
        news("3.9.0b2", broke), news("3.9.0a1", broke), news("3.9.0"), news("3.8.1"),
    ])  # fmt: skip
    assert [(str(item.release), str(item.label)) for item in found] == [
        ("3.9.0a1", "3.9.0a1"), ("3.9.0a2", "3.9.0a2"), ("3.9.0b1", "3.9.0b3"),
        ("3.9.0b2", "3.9.0a4"), ("3.9.0rc1", "3.9.0rc1"),
    ]  # fmt: skip


@pytest.mark.slow
def test_real_pre_releases_with_their_true_dates(real_news: list[NewsRelease]) -> None:
    """Forty-four pre-releases; the alphas are those whose entries a person reads as breaks."""
    found = replay(real_news, [(3, minor) for minor in range(9, 14)])
    assert len(found) == 44
    dates = {str(item.release): f"{item.date}" for item in found}
    assert dates["3.9.0a1"] == "2019-11-19"
    assert dates["3.13.0b1"] == "2024-05-08"
    alphas = [str(item.label) for item in found if item.label.level == "alpha"]
    assert alphas == [
        "3.9.0a1", "3.9.0a2", "3.9.0a5", "3.9.0a6", "3.9.0a7", "3.10.0a1", "3.10.0a3",
        "3.10.0a7", "3.11.0a1", "3.11.0a6", "3.12.0a1", "3.12.0a5", "3.12.0a7", "3.12.0a8",
        "3.13.0a1",
    ]  # fmt: skip
    frame = next(item for item in found if str(item.release) == "3.11.0a6")
    assert [one.entry.issue for one in frame.decided] == ["bpo-46836"]
