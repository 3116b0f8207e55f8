"""The functions and classes of ``plistlib`` from before ``load`` and ``dump``."""

from __future__ import annotations

import plistlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any


class _InternalDict(dict):  # type: ignore[type-arg]
    """A dictionary whose items can be read as attributes."""

    def __getattr__(self, attr: str) -> Any:
        """Return the item of this name."""
        try:
            return self[attr]
        except KeyError:
            raise AttributeError(attr) from None

    def __setattr__(self, attr: str, value: Any) -> None:
        """Set the item of this name."""
        self[attr] = value

    def __delattr__(self, attr: str) -> None:
        """Delete the item of this name."""
        try:
            del self[attr]
        except KeyError:
            raise AttributeError(attr) from None


class Dict(_InternalDict):
    """A dictionary whose items can be read as attributes, made by hand."""


class Plist(_InternalDict):
    """A property list that reads and writes files."""

    @classmethod
    def fromFile(cls, pathOrFile: str | IO[bytes]) -> Plist:  # noqa: N802, N803
        """Read a property list."""
        return cls(readPlist(pathOrFile))

    def write(self, pathOrFile: str | IO[bytes]) -> None:  # noqa: N803
        """Write the property list."""
        writePlist(dict(self), pathOrFile)


class Data:
    """Bytes in a property list."""

    def __init__(self, data: bytes) -> None:
        """Wrap bytes.

        Raises:
            TypeError: they are not bytes.
        """
        if not isinstance(data, bytes):
            raise TypeError("data must be as bytes")
        self.data = data

    @classmethod
    def fromBase64(cls, data: bytes) -> Data:  # noqa: N802
        """Read base64."""
        import base64

        return cls(base64.decodebytes(data))

    def asBase64(self, maxlinelength: int = 76) -> bytes:  # noqa: N802
        """Write base64, in lines."""
        import binascii

        step = maxlinelength // 4 * 3
        parts = (self.data[at : at + step] for at in range(0, len(self.data), step))
        return b"".join(map(binascii.b2a_base64, parts))

    def __eq__(self, other: object) -> bool:
        """Compare with other data, or with bytes."""
        if isinstance(other, Data):
            return self.data == other.data
        return self.data == other if isinstance(other, bytes) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Show the bytes."""
        return f"{type(self).__name__}({self.data!r})"


def _wrapped(value: Any) -> Any:
    if isinstance(value, bytes):
        return Data(value)
    if isinstance(value, list):
        return [_wrapped(item) for item in value]
    if isinstance(value, dict):
        return _InternalDict((key, _wrapped(item)) for key, item in value.items())
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Data):
        return value.data
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def readPlist(pathOrFile: str | IO[bytes]) -> Any:  # noqa: N802, N803
    """Read a property list from a path or an open file; bytes come as `Data`."""
    if isinstance(pathOrFile, str):
        with open(pathOrFile, "rb") as file:
            return readPlist(file)
    return _wrapped(plistlib.load(pathOrFile))


def writePlist(value: Any, pathOrFile: str | IO[bytes]) -> None:  # noqa: N802, N803
    """Write a property list to a path or an open file."""
    if isinstance(pathOrFile, str):
        with open(pathOrFile, "wb") as file:
            plistlib.dump(_plain(value), file)
    else:
        plistlib.dump(_plain(value), pathOrFile)


def readPlistFromBytes(data: bytes) -> Any:  # noqa: N802
    """Read a property list from bytes."""
    return _wrapped(plistlib.loads(data))


def writePlistToBytes(value: Any) -> bytes:  # noqa: N802
    """Write a property list as bytes."""
    return plistlib.dumps(_plain(value))
