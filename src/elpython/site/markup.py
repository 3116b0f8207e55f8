"""Markup that may not reach a page of ours: raw HTML, scripts, and addresses that run something.

Documents are Markdown, drawings are SVG, reports are pages that commands of ours wrote. What any of
them has from an advisory, a change or a package is text, and has to stay text.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown import Markdown

__all__ = [
    "address_problem",
    "document_problems",
    "drawing_problems",
    "output_problems",
    "page_problems",
]

_SCHEMES = ("http", "https", "mailto")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
# Browsers leave these out of an address before they look for its scheme.
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ufeff]+")
_LOADED = ("src", "srcset", "data", "poster", "background", "xlink:href", "code", "archive")
_FOLLOWED = ("href", "action", "formaction", "cite", "longdesc", "ping")
# What Markdown makes of its own attributes; `attr_list` would take any other.
_ATTRIBUTES = ("href", "title", "src", "alt", "id", "class", "start", "style", "align")
_STYLE = re.compile(r"text-align: (left|right|center);")
_DRAWN = ("script", "foreignobject", "iframe", "embed", "object", "handler", "listener", "audio",
          "video", "set", "animate", "animatemotion", "animatetransform")  # fmt: skip
_ASKS = re.compile(r"@import|expression\(|url\(\s*['\"]?(?!['\"]?#)", re.IGNORECASE)
_EXCERPT = 60


def address_problem(address: str, *, loaded: bool = False) -> str | None:
    """Return why an address may not stand in a page; None where it may.

    Args:
        address: as it stands in the source, entities and all.
        loaded: whether the page loads it by itself (an image): then it has to lie beside the page.
    """
    plain = _UNSEEN.sub("", html.unescape(html.unescape(address)))
    scheme = _SCHEME.match(plain)
    if scheme and scheme[1].lower() not in _SCHEMES:
        return f"an address of {scheme[1].lower()}: {_short(address)}"
    if loaded and (scheme or plain.startswith(("//", "\\\\", "/\\", "\\/"))):
        return f"loads from another host: {_short(address)}"
    return None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else f"{line[:_EXCERPT]}..."


def document_problems(text: str) -> list[str]:
    """Return what of a Markdown document may not reach a page: a line for each finding.

    It is read by the parser that makes the pages, with the same extensions.
    """
    import markdown

    found: list[str] = []
    if re.match(r"\s*(---|\+\+\+)\s*$", text.partition("\n")[0]):
        found.append("front matter: it sets titles and templates")
    reader = markdown.Markdown(
        extensions=["tables", "fenced_code", "attr_list", "toc"], output_format="html"
    )
    _notice_html(reader, found)
    reader.convert(text)
    return list(dict.fromkeys(found))


def _notice_html(reader: Markdown, found: list[str]) -> None:
    """Let a Markdown parser tell what raw HTML and which attributes it meets."""
    from markdown.inlinepatterns import HTML_RE, HtmlInlineProcessor
    from markdown.preprocessors import Preprocessor
    from markdown.treeprocessors import Treeprocessor

    blocks = reader.preprocessors["html_block"]

    class Blocks(Preprocessor):
        def run(self, lines: list[str]) -> list[str]:
            stash = self.md.htmlStash
            before = len(stash.rawHtmlBlocks)
            made: list[str] = blocks.run(lines)
            found.extend(f"raw HTML: {_short(str(one))}" for one in stash.rawHtmlBlocks[before:])
            return made

    class Inline(HtmlInlineProcessor):
        def handleMatch(  # type: ignore[override]  # noqa: N802 - the stubs know the old form alone
            self, m: re.Match[str], data: str
        ) -> tuple[ET.Element | str | None, int | None, int | None]:
            found.append(f"raw HTML: {_short(m[0])}")
            return super().handleMatch(m, data)

    class Elements(Treeprocessor):
        def run(self, root: ET.Element) -> None:
            found.extend(_element_problems(root))

    # In the places, and with the priorities, of the parser's own.
    reader.preprocessors.register(Blocks(reader), "html_block", 20)
    reader.inlinePatterns.register(Inline(HTML_RE, reader), "html", 90)
    # Last: after the inline patterns and the lists of attributes.
    reader.treeprocessors.register(Elements(reader), "elpython-markup", -100)


def _element_problems(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        if element.tag == "h1" and re.search("[<>]|&lt;", title := "".join(element.itertext())):
            # It becomes the page's title, which no theme quotes.
            yield f"< or > in a title: {_short(title)}"
        for name, value in element.attrib.items():
            if name.lower() not in _ATTRIBUTES:
                yield f"the attribute {name}: {_short(value)}"
            elif name == "style" and not _STYLE.fullmatch(value):
                yield f"the attribute style: {_short(value)}"
            elif name in {"href", "src"}:
                # Entities wait in the parser's own notation until the page is written.
                entities = re.sub(r"\x02amp\x03", "&", value)
                if told := address_problem(entities, loaded=name == "src"):
                    yield told


def drawing_problems(text: str) -> list[str]:
    """Return what of an SVG drawing may not reach a page."""
    if re.search(r"<!(ENTITY|ATTLIST|ELEMENT)|<\?xml-stylesheet", text, re.IGNORECASE):
        return ["declarations of its own (<!ENTITY, <?xml-stylesheet)"]
    try:
        root = ET.fromstring(text)  # noqa: S314 - has no declaration of an entity
    except ET.ParseError as error:
        return [f"is no drawing: {error}"]
    found: list[str] = []
    for element in root.iter():
        tag = _local(str(element.tag))
        if tag in _DRAWN:
            found.append(f"the element {tag}")
        if tag == "style" and _loads(element.text or ""):
            found.append("a style that loads something")
        for name, value in element.attrib.items():
            local = _local(name)
            if local.startswith("on"):
                found.append(f"the attribute {local}: {_short(value)}")
            elif local == "href" and not value.startswith("#"):
                loaded = tag != "a"
                if not (tag == "image" and re.match(r"data:image/(png|jpeg);base64,", value)):
                    told = address_problem(value, loaded=loaded)
                    found += [told] if told else []
            elif _loads(value):
                found.append(f"the attribute {local} loads something: {_short(value)}")
    return list(dict.fromkeys(found))


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()


def _loads(style: str) -> bool:
    """Return whether a style sheet asks for anything but a part of its own document."""
    return _ASKS.search(style) is not None


class _Page(HTMLParser):
    """Gathers what a page may not have, and counts its scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.made_by_us = False
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.scripts += tag == "script"
        if tag == "meta" and given.get("name") == "generator":
            self.made_by_us |= given.get("content") == "elpython"
        if tag in {"iframe", "object", "embed", "base", "portal", "applet", "frame"}:
            self.found.append(f"the element {tag}")
        if tag == "meta" and "http-equiv" in given:
            equal = given["http-equiv"].lower()
            if equal not in {"content-security-policy", "refresh"} or "url" in given.get(
                "content", ""
            ).lower().replace(" ", ""):
                self.found.append(f"meta http-equiv {equal}")
        for name, value in given.items():
            if name.startswith("on") or name == "srcdoc":
                self.found.append(f"the attribute {name}: {_short(value)}")
            elif name in _LOADED or (name == "href" and tag == "link"):
                if tag == "img" and value.startswith(("data:image/png", "data:image/jpeg")):
                    continue
                told = address_problem(value, loaded=True)
                self.found += [told] if told else []
            elif name in _FOLLOWED:
                told = address_problem(value)
                self.found += [told] if told else []


def _read(data: bytes) -> _Page:
    page = _Page()
    page.feed(data.decode("utf-8", "replace"))
    page.close()
    return page


def output_problems(data: bytes, *, like: bytes) -> list[str]:
    """Return what a page of the manual has that its theme does not bring.

    Args:
        data: the page.
        like: a page of the same theme that no document has made.
    """
    page, empty = _read(data), _read(like)
    extra = page.scripts - empty.scripts
    told = [f"{extra} script(s) that are not the theme's"] if extra > 0 and like else []
    return [*told, *dict.fromkeys(page.found)]


def page_problems(data: bytes) -> list[str]:
    """Return what of a whole HTML page, a report, may not be published with ours."""
    page = _read(data)
    ours = [] if page.made_by_us else ["it is no page that elpython wrote (meta generator)"]
    return [*ours, *dict.fromkeys(page.found)]
