"""What came and went in ``html`` and ``_markupbase``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


def unescape(self: Any, s: str) -> str:
    """Replace the HTML entities in a text by their characters."""
    import html

    return html.unescape(s)


def error(self: Any, message: str) -> NoReturn:
    """Refuse: subclasses say how they tell an error."""
    raise RuntimeError("subclasses of ParserBase must override error()")
