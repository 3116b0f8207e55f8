"""The interpolation that ``configparser`` had up to Python 3.12 for compatibility."""

from __future__ import annotations

import configparser
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NAME = re.compile(r"%\(([^)]*)\)s|.")


class LegacyInterpolation(configparser.Interpolation):
    """Replaces ``%(name)s`` as the ``%`` operator does, again and again, and only when read."""

    def before_get(self, parser: Any, section: str, option: str, value: Any, defaults: Any) -> Any:
        """Return the value with all names replaced."""
        raw = value
        for _ in range(configparser.MAX_INTERPOLATION_DEPTH):
            if not value or "%(" not in value:
                return value
            asked = _NAME.sub(
                lambda found: (
                    found.group()
                    if found.group(1) is None
                    else f"%({parser.optionxform(found.group(1))})s"
                ),
                value,
            )
            try:
                value = asked % defaults
            except KeyError as error:
                raise configparser.InterpolationMissingOptionError(
                    option, section, raw, error.args[0]
                ) from None
        if value and "%(" in value:
            raise configparser.InterpolationDepthError(option, section, raw)
        return value

    def before_set(self, parser: Any, section: str, option: str, value: str) -> str:
        """Return the value unchanged."""
        return value
