"""The `asyncio.compat` module as it was up to Python 3.6."""

from collections.abc import Iterable

PY34 = True
PY35 = True
PY352 = True


def flatten_list_bytes(list_of_data: Iterable[bytes]) -> bytes:
    """Join bytes and views of bytes."""
    return b"".join(list_of_data)
