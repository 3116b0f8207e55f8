"""The compatibility tags of PEP 425, most wanted first."""

import sys
from typing import Any


def answer(request: Any) -> Any:
    """Return tags as text, by `packaging` (a folder or pip's own copy in a wheel)."""
    sys.path[:0] = request["path"]
    try:
        from packaging.tags import sys_tags
    except (ImportError, SyntaxError):
        try:
            from pip._vendor.packaging.tags import sys_tags
        except ImportError:
            from pip._internal.pep425tags import get_supported

            return ["-".join(tag) for tag in get_supported()]
    return [str(tag) for tag in sys_tags()]
