"""Eight real ABI breaks of pre-releases that a replay by words once missed: found by either tool.

NEWS entries are those of CPython's own Misc/NEWS; layouts were measured by `elpython stream layout`
from installed headers of 3.11.7 and 3.12.1 and Debian's libpython3.13-dev 3.13.5-2+deb13u5,
libpython3.14-dev 3.14.8-1 and libpython3.15-dev 3.15.0-1, cut down to the structs concerned.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from elpython.stream.layouts import HeaderPair, measure_headers
from elpython.stream.news import StreamNewsEntry
from elpython.stream.replay import read_entry

LAYOUTS = Path(__file__).parents[1] / "data" / "layouts"

# release, issue, section, the entry as NEWS has it
WORDS = [
    ("3.14.0b1", "gh-133079", "C API",
     ("The undocumented APIs :c:macro:`!Py_C_RECURSION_LIMIT` and\n"
     ":c:member:`!PyThreadState.c_recursion_remaining`, added in 3.13, are\n"
     "removed without a deprecation period.")),
    ("3.14.0a4", "gh-128137", "Core and Builtins",
     ("Update :c:type:`PyASCIIObject` layout to handle interned field\n"
     "with the atomic operation. Patch by Donghee Na.")),
    ("3.14.0b1", "gh-128972", "C API",
     ("For non-free-threaded builds, the memory layout of\n"
     ":c:struct:`PyASCIIObject` is reverted to match Python 3.13. (Note that the\n"
     "structure is not part of stable ABI and so its memory layout is\n"
     "*guaranteed* to remain stable.)")),
    ("3.14.0a7", "gh-131525", "C API",
     "The PyTupleObject now caches the computed hash value in the new\nfield ob_hash."),
    ("3.12.0a5", "gh-101291", "Core and Builtins",
     ("Refactor the ``PyLongObject`` struct into a normal Python\n"
     "object header and a ``PyLongValue`` struct.")),
    ("3.12.0a7", "gh-101291", "Core and Builtins",
     "Rearrage bits in first field (after header) of PyLongObject. * Bits 0 and 1: 1 - sign."),
    ("3.12.0b1", "gh-84436", "Core and Builtins",
     ("The implementation of PEP-683 which adds Immortal Objects by\n"
     "using a fixed reference count that skips reference counting to make objects\n"
     "truly immutable.")),
]  # fmt: skip

# issue, pair, variant, struct, a part of what is measured
MEASURED = [
    ("gh-133079", "3.13.5", "3.14.8", "default", "PyThreadState", "c_recursion_remaining"),
    ("gh-128137", "3.13.5", "3.14.8", "free-threaded", "PyASCIIObject", "state.interned"),
    ("gh-131525", "3.13.5", "3.14.8", "default", "PyTupleObject", "ob_hash"),
    ("gh-101291", "3.11.7", "3.12.1", "default", "PyLongObject", "ob_base"),
    ("PEP 695", "3.11.7", "3.12.1", "default", "PyFunctionObject", "func_typeparams"),
    ("_tp_iteritem", "3.14.8", "3.15.0", "default", "PyTypeObject", "_tp_iteritem"),
    ("gh-151613", "3.14.8", "3.15.0", "default", "PyThreadState", "last_profiled_frame_seq"),
]  # fmt: skip

# Words can't show them: no entry of any pre-release names the struct or the field.
ONLY_HEADERS = {
    "gh-151613": "Fix another way the Tachyon profiler frame cache could produce impossible mixed "
    "stack traces when ``_PyInterpreterFrame`` addresses are reused, by validating cached frame "
    "anchors with a sequence counter.",
}


@pytest.mark.parametrize(("release", "issue", "section", "text"), WORDS)
def test_words_show_the_break(release: str, issue: str, section: str, text: str) -> None:
    found = read_entry(StreamNewsEntry(section=section, issue=issue, text=text))
    assert found.effect == "break", release


@pytest.mark.parametrize(("issue", "old", "new", "variant", "struct", "part"), MEASURED)
def test_headers_show_the_break(
    issue: str, old: str, new: str, variant: str, struct: str, part: str
) -> None:
    ending = "" if variant == "default" else f"-{variant}"
    pair = HeaderPair(
        old=LAYOUTS / f"{old}{ending}.json",
        new=LAYOUTS / f"{new}{ending}.json",
        variants=(variant,),
    )
    breaks = {one.symbol: one for one in measure_headers(pair).breaks}
    assert part in breaks[struct].what, issue


def test_the_reverted_layout_is_no_break_in_default_builds() -> None:
    """gh-128972: 3.14 has 3.13's layout again, but in free-threaded builds."""
    pair = HeaderPair(old=LAYOUTS / "3.13.5.json", new=LAYOUTS / "3.14.8.json")
    assert "PyASCIIObject" not in {one.symbol for one in measure_headers(pair).breaks}


@pytest.mark.parametrize("text", ONLY_HEADERS.values(), ids=ONLY_HEADERS)
def test_where_words_cannot_show_it_they_claim_nothing(text: str) -> None:
    assert read_entry(StreamNewsEntry(section="Library", issue="", text=text)).effect == "none"
