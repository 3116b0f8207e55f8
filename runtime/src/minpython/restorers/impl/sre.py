"""Names that the inner modules of ``re`` had."""

from __future__ import annotations

import sre_constants

RANGE_IGNORE = getattr(
    sre_constants, "RANGE_UNI_IGNORE", getattr(sre_constants, "RANGE_IGNORECASE", None)
)


class Verbose(Exception):
    """The pattern turns on the verbose flag: it must be parsed anew."""
