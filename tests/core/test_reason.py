"""Reasons say something, and texts steer nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.core.markdown import markdown_text
from elpython.core.reason import line_problem, reason_problem


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "...", "x", "n/a", "none", "no reason", "see above", "TODO: say why it is so",
        "because because because because", "1 2 3 4 5 6 7 8", "a b c d e f g h i j k",
        "tbd when somebody looks", "lorem ipsum dolor sit amet", "fine \u202e it is not so at all",
        "clear \x1b[2J the screen of everybody",
    ],
)  # fmt: skip
def test_what_says_nothing_is_no_reason(text: str) -> None:
    assert reason_problem(text)


@pytest.mark.parametrize(
    "text",
    ["the module came with 3.14", "3.11 has it since 3.11.1", "keine Verbindung möglich dort"],
)
def test_a_clause_is_a_reason(text: str) -> None:
    assert reason_problem(text) is None


@pytest.mark.parametrize("text", ["two\nlines", "a\ttab", "\x1b[31mred", "\u202eback", "nul\x00"])
def test_what_steers_a_terminal_is_no_title(text: str) -> None:
    assert line_problem(text)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("plain, `code <b>` and more", "plain, `code <b>` and more"),
        ("<b>x</b> & y <= z", "&lt;b>x&lt;/b> & y <= z"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("[a](javascript:x)", r"[a\](javascript:x)"),
        ("[a]: javascript:x", r"[a\]: javascript:x"),
        ("set([]), Box[T]", "set([]), Box[T]"),
        ("a | b, `c|d`", r"a \| b, `c\|d`"),
        ("one ` <b> backtick", r"one \` &lt;b> backtick"),
        ("two\n\n# lines", "two # lines"),
        ("``a ` <b>`` <c>", "``a ` <b>`` &lt;c>"),
        ("`a `` <b>` x", "`a `` <b>` x"),
    ],
)
def test_text_is_no_markup(text: str, made: str) -> None:
    assert markdown_text(text) == made


@given(st.text(alphabet="`<>[]()!|&ab \\\n:", max_size=30))
def test_no_text_at_all_becomes_markup(text: str) -> None:
    """Held against the parser that makes the pages: neither HTML nor links come of it."""
    markdown = pytest.importorskip("markdown")
    page = markdown.markdown(f"x {markdown_text(text)}", extensions=["tables", "fenced_code"])
    for tag in ("<a", "<img", "<b", "<script"):
        assert tag not in page.replace("<blockquote", "").replace("<br", "")
