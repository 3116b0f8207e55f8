"""What came and went in ``cgi``."""

from __future__ import annotations


def escape(s: str, quote: bool | None = None) -> str:
    """Write ``&``, ``<`` and ``>`` as HTML entities; double quotes too when ``quote`` is true."""
    s = s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return s.replace('"', "&quot;") if quote else s
