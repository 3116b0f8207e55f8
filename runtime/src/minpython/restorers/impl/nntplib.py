"""The commands of ``nntplib`` that servers no longer know."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LINE = re.compile(r"^([^ \t]*)[ \t]+(.*)$")


def xgtitle(self: Any, group: str, *, file: Any = None) -> Any:
    """Return the response and the (name, title) pairs of the groups that match a pattern."""
    response, lines = self._longcmdstring("XGTITLE " + group, file)
    return response, [found.groups() for found in map(_LINE.search, lines) if found]


def xpath(self: Any, id: str) -> Any:  # noqa: A002
    """Return the response and the path of an article's file."""
    from nntplib import NNTPReplyError

    response = self._shortcmd(f"XPATH {id}")
    if not response.startswith("223"):
        raise NNTPReplyError(response)
    parts = response.split(" ")
    if len(parts) != 2:
        raise NNTPReplyError(response)
    return response, parts[1]
