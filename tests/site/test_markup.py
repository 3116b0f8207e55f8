"""Nothing of a document, a drawing or a report runs anything or loads from elsewhere."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from elpython.site.data import read
from elpython.site.errors import BadDataError
from elpython.site.manual import manual
from elpython.site.markup import (
    address_problem,
    document_problems,
    drawing_problems,
    output_problems,
    page_problems,
)

REPOSITORY = Path(__file__).parents[2]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
PAGE = '<!DOCTYPE html><html><head><meta name="generator" content="elpython"></head><body>{}</body>'

needs_markdown = pytest.mark.skipif(
    importlib.util.find_spec("markdown") is None, reason="needs elpython[docs]"
)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "&#106;avascript:alert(1)",
        "&#x6a;avascript&colon;alert(1)",
        "&amp;#106;avascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:x",
        "view-source:https://example.org",
    ],
)
def test_an_address_that_runs_something_is_told(address: str) -> None:
    assert address_problem(address)


@pytest.mark.parametrize(
    "address",
    ["", "a.md", "../x/y.html#part", "#part", "https://example.org/?a=b:c", "mailto:a@b.example"],
)
def test_an_address_that_leads_somewhere_is_right(address: str) -> None:
    assert address_problem(address) is None


@pytest.mark.parametrize("address", ["https://e.example/x.png", "//e.example/x", "\\\\e\\x"])
def test_nothing_is_loaded_from_another_host(address: str) -> None:
    assert address_problem(address, loaded=True)


@needs_markdown
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<script>alert(1)</script>", "raw HTML: <script>"),
        ("# A\n\n<script>alert(1)</script>\n", "raw HTML"),
        ("a <b onclick='x()'>b</b>", "raw HTML: <b onclick"),
        ("- one\n\n    <script>alert(1)</script>\n", "raw HTML"),
        ("- one <img src=x onerror=y>\n", "raw HTML"),
        ("> <iframe src=x></iframe>\n", "raw HTML"),
        ("| a |\n| --- |\n| <img src=x onerror=y> |\n", "raw HTML"),
        ("<!-- --><script>x</script>", "raw HTML"),
        ("a <svg/onload=x> b", "raw HTML"),
        ("<javascript:alert(1)>", "raw HTML"),
        ("[a](javascript:alert(1))", "an address of javascript"),
        ("[a](<javascript:alert(1)>)", "an address of javascript"),
        ("[a](JAVASCRIPT:alert(1) 'title')", "an address of javascript"),
        ("[a](java\tscript:alert(1))", "an address of javascript"),
        ("[a](&#106;avascript:alert(1))", "an address of javascript"),
        ("[a][b]\n\n[b]: javascript:alert(1)\n", "an address of javascript"),
        ("[a]\n\n[a]: data:text/html,x\n", "an address of data"),
        ("[![a](b.svg)](vbscript:x)", "an address of vbscript"),
        ("![a](data:image/svg+xml,x)", "an address of data"),
        ("![a](https://evil.example/x.png)", "loads from another host"),
        ("![a](//evil.example/x.png)", "loads from another host"),
        ('[a](b.md){: onclick="x()" }', "the attribute onclick"),
        ("# A {: onmouseover=x }\n", "the attribute onmouseover"),
        ("a\n{: style='background:url(//e.example)' }\n", "the attribute style"),
        ("[a](b.md){: href=javascript:x }", "an address of javascript"),
        ("[a](b.md){: data-md-component=x }", "the attribute data-md-component"),
        ("# A `</title><script>x</script>`\n", "in a title"),
        ("A `<b>`\n=======\n", "in a title"),
        ("---\ntitle: </title><script>\n---\n# A\n", "front matter"),
    ],
)
def test_markup_in_a_document_is_told(text: str, told: str) -> None:
    assert any(told in line for line in document_problems(text))


@needs_markdown
@pytest.mark.parametrize(
    "text",
    [
        "# A `list[int]`, and *more*\n\n[b](c.md#d), <https://example.org>, ![e](f.svg)\n",
        "`<script>`\n\n    <script>\n\n```html\n<script>alert(1)</script>\n```\n",
        "| a | b |\n| :-- | --: |\n| 1 < 2 | `x|y` |\n",
        "[a]: https://example.org\n\n[a], 200 <= status, a & b, mail <me@example.org>\n",
        "~~~\n<b>\n~~~\n\n1. one\n2. two\n\n> said\n",
    ],
)
def test_a_plain_document_is_right(text: str) -> None:
    assert document_problems(text) == []


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        ("<script>x</script>", "the element script"),
        ("<g onload='x'/>", "the attribute onload"),
        ("<foreignObject><b/></foreignObject>", "the element foreignobject"),
        ("<a href='javascript:x'/>", "an address of javascript"),
        ("<a xlink:href='java&#9;script:x'/>", "an address of javascript"),
        ("<use xlink:href='https://e.example/x#y'/>", "loads from another host"),
        ("<image href='https://e.example/x.png'/>", "loads from another host"),
        ("<image href='data:image/svg+xml;base64,x'/>", "an address of data"),
        ("<style>@import 'x';</style>", "a style that loads"),
        ("<rect style='fill:url(https://e.example/x)'/>", "loads something"),
        ("<animate attributeName='href' to='javascript:x'/>", "the element animate"),
        ("<set attributeName='href' to='javascript:x'/>", "the element set"),
        ("<g>", "is no drawing"),
    ],
)
def test_what_a_drawing_may_not_have_is_told(inner: str, told: str) -> None:
    assert any(told in line for line in drawing_problems(SVG.format(inner)))


def test_a_drawing_declares_nothing() -> None:
    bomb = '<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("<text>&a;</text>")
    assert drawing_problems(bomb) == ["declarations of its own (<!ENTITY, <?xml-stylesheet)"]


def test_a_plain_drawing_is_right() -> None:
    inner = (
        "<style>rect {{fill: red}}</style><rect style='fill:url(#a)'/><use xlink:href='#b'/>"
        "<a href='https://example.org'><text>x</text></a><image href='data:image/png;base64,x'/>"
    )
    assert drawing_problems(SVG.format(inner)) == []


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        ("<a href='javascript:x'>a</a>", "an address of javascript"),
        ("<a href='&#106;avascript:x'>a</a>", "an address of javascript"),
        ("<b onclick='x'>a</b>", "the attribute onclick"),
        ("<script src='https://e.example/x.js'></script>", "loads from another host"),
        ("<script src='data:,x'></script>", "an address of data"),
        ("<img src='https://e.example/x.png'>", "loads from another host"),
        ("<link rel=stylesheet href='https://e.example/x.css'>", "loads from another host"),
        ("<iframe srcdoc='x'></iframe>", "the element iframe"),
        ("<form action='javascript:x'></form>", "an address of javascript"),
        ("<button formaction='javascript:x'>", "an address of javascript"),
        ("<meta http-equiv=refresh content='0; URL=https://e.example'>", "meta http-equiv refresh"),
        ("<base href='https://e.example/'>", "the element base"),
        ("<object data='x'></object>", "the element object"),
    ],
)
def test_what_a_report_may_not_have_is_told(inner: str, told: str) -> None:
    assert any(told in line for line in page_problems(PAGE.format(inner).encode()))


def test_a_report_of_ours_is_published_and_no_other_page(tmp_path: Path) -> None:
    assert page_problems(PAGE.format("<p><a href='#a'>a</a></p>").encode()) == []
    assert page_problems(b"<!DOCTYPE html><p>hello") != []
    (tmp_path / "evil.html").write_text(PAGE.format("<b onclick='x'>"))
    (tmp_path / "evil.svg").write_text(SVG.format("<script/>"))
    with pytest.raises(BadDataError) as caught:
        read(tmp_path)
    assert "evil.html: may not reach a page" in str(caught.value)
    assert "evil.svg: may not reach a page" in str(caught.value)


def test_a_page_with_more_scripts_than_its_theme_is_told() -> None:
    theme = PAGE.format("<script>theme</script>").encode()
    more = PAGE.format("<script>theme</script><script>x</script>").encode()
    assert output_problems(theme, like=theme) == []
    assert output_problems(more, like=theme) == ["1 script(s) that are not the theme's"]


@needs_markdown
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", "# A\n\n<script>alert(1)</script>\n"),
        ("README.md", "# A\n\n[b](javascript:alert(1))\n"),
        ("page.html", "<script>alert(1)</script>"),
        ("code.js", "alert(1)"),
        ("x.svg", SVG.format("<script/>")),
        ("README.md", "# A `</title><script>alert(1)</script>`\n"),
    ],
)
def test_the_manual_refuses_it_with_the_document_s_name(
    tmp_path: Path, name: str, text: str
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "README.md").write_text("# A\n")
    (docs / name).write_text(text)
    (tmp_path / "scratch").mkdir()
    with pytest.raises(BadDataError) as caught:
        manual(docs, tmp_path / "scratch")
    assert name in str(caught.value)


@needs_markdown
def test_our_own_documents_are_plain() -> None:
    for path in [*(REPOSITORY / "docs").rglob("*.md"), *REPOSITORY.glob("*.md")]:
        assert document_problems(path.read_text("utf-8")) == [], path
    for path in (REPOSITORY / "docs").rglob("*.svg"):
        assert drawing_problems(path.read_text("utf-8")) == [], path
