"""Text of others in documents of ours: nothing of it is markup."""

from __future__ import annotations

import re

__all__ = ["markdown_text"]

_CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
# Only what begins something: a tag, an entity, a link or what one refers to, a quotation.
_MARKUP = (
    (re.compile(r"&(?=#?\w+;)"), "&amp;"),
    (re.compile(r"<(?=[A-Za-z/!?])"), "&lt;"),
    (re.compile(r"\](?=\s*[\[(:])"), r"\]"),
    (re.compile("`"), r"\`"),
)


def markdown_text(text: str) -> str:
    """Return a text for a paragraph or a table's cell: no HTML, no links, one line.

    Code between backticks stays code, in which nothing is markup.
    """
    line = " ".join(text.split())
    parts: list[str] = []
    end = 0
    for found in _CODE.finditer(line):
        parts += [_plain(line[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*parts, _plain(line[end:])]).replace("|", r"\|")


def _plain(text: str) -> str:
    for begins, instead in _MARKUP:
        text = begins.sub(lambda _found, new=instead: new, text)  # type: ignore[misc]
    return text
