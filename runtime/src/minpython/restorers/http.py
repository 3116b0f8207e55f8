"""What came and went in ``http``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MAXAMOUNT = 1048576
NETSCAPE_HEADER = (
    "# Netscape HTTP Cookie File\n"
    "# http://curl.haxx.se/rfc/cookie_spec.html\n"
    "# This is a generated file!  Do not edit.\n"
    "\n"
)


def vals_sorted_by_key(adict: dict[Any, Any]) -> Iterator[Any]:
    """Return the values of a dictionary in the order of its sorted keys."""
    return map(adict.__getitem__, sorted(adict))
