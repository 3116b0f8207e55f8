"""The `binhex` module as it was up to Python 3.10: files in the BinHex 4 format.

Gone in 3.11, without a successor.
"""

import binascii
import os
import struct
from typing import IO, Any, Optional, Union

from minpython.modules import _hqx

__all__ = ["Error", "binhex", "hexbin"]

Target = Union[str, IO[Any]]

_LINE = 64
_HEAD = b"(This file must be converted with BinHex 4.0)\r\r:"


class Error(Exception):
    """The file is not in the BinHex 4 format, or its checksum is wrong."""


class FInfo:
    """What the classic Mac OS keeps about a file: type, creator, flags."""

    def __init__(self) -> None:
        """Start with unknown type and creator."""
        self.Type = "????"
        self.Creator = "????"
        self.Flags = 0


def getfileinfo(name: str) -> tuple[str, FInfo, int, int]:
    """Return (name, info, length of the data, length of the resources)."""
    info = FInfo()
    with open(name, "rb") as file:
        if b"\0" not in file.read(512):
            info.Type = "TEXT"
        length = file.seek(0, 2)
    return os.path.basename(name).replace(":", "-", 1), info, length, 0


def _checked(data: bytes) -> bytes:
    return data + struct.pack(">H", binascii.crc_hqx(data, 0))


class BinHex:
    """Write one file in the BinHex 4 format: `write`, `close_data`, `write_rsrc`, `close`."""

    def __init__(self, name_finfo_dlen_rlen: tuple[str, FInfo, int, int], ofp: Target) -> None:
        """Start a file of this name, info and lengths, on a path or an open file."""
        name, info, self.dlen, self.rlen = name_finfo_dlen_rlen
        self._own = isinstance(ofp, str)
        self._file: IO[Any] = open(ofp, "wb") if isinstance(ofp, str) else ofp
        encoded = os.fsencode(name)
        if len(encoded) > 63:
            raise Error("Filename too long")
        marks = f"{info.Type:4.4}{info.Creator:4.4}".encode("latin-1")
        head = bytes([len(encoded)]) + encoded + b"\0" + marks
        head += struct.pack(">HII", info.Flags, self.dlen, self.rlen)
        self._all = bytearray(_checked(head))
        self._part = bytearray()
        self._closed_data = False

    def write(self, data: bytes) -> None:
        """Add to the data."""
        if self._closed_data:
            raise Error("Writing data at the wrong time")
        self._part += data

    def close_data(self) -> None:
        """End the data; resources may follow."""
        if len(self._part) != self.dlen:
            raise Error(f"Incorrect data size, diff={self.dlen - len(self._part)!r}")
        self._all += _checked(bytes(self._part))
        self._part = bytearray()
        self._closed_data = True

    def write_rsrc(self, data: bytes) -> None:
        """Add to the resources."""
        if not self._closed_data:
            self.close_data()
        self._part += data

    def close(self) -> None:
        """Write all out, and close a file that was opened here."""
        if self._file is None:
            return
        if not self._closed_data:
            self.close_data()
        if len(self._part) != self.rlen:
            raise Error(f"Incorrect resource size, diff={self.rlen - len(self._part)!r}")
        self._all += _checked(bytes(self._part))
        text = _HEAD + _hqx.b2a_hqx(_hqx.rlecode_hqx(bytes(self._all))) + b":"
        first = len(_HEAD) - 1
        lines = [text[:first]]
        body = text[first:]
        lines += [body[at : at + _LINE] for at in range(0, len(body), _LINE)]
        self._file.write(lines[0] + b"\r".join(lines[1:]) + b"\r")
        if self._own:
            self._file.close()
        self._file = None  # type: ignore[assignment]


def binhex(inp: str, out: Target) -> None:
    """Write the file `inp` in the BinHex 4 format to `out`, a path or an open file."""
    with open(inp, "rb") as source:
        writer = BinHex(getfileinfo(inp), out)
        writer.write(source.read())
        writer.close_data()
        writer.close()


class HexBin:
    """Read one BinHex 4 file: `FName`, `FInfo`, then `read`, `close_data`, `read_rsrc`."""

    def __init__(self, ifp: Target) -> None:
        """Read the head of the file, given by path or open."""
        if isinstance(ifp, str):
            with open(ifp, "rb") as file:
                raw = file.read()
        else:
            raw = ifp.read()
        start = raw.find(b":", raw.find(b"BinHex 4.0"))
        if start < 0:
            raise Error("No binhex data found")
        try:
            packed, _done = _hqx.a2b_hqx(raw[start + 1 :])
        except binascii.Error as error:
            raise Error(str(error)) from error
        self._data = _hqx.rledecode_hqx(packed)
        self._at = 0
        self._head()

    def _take(self, length: int) -> bytes:
        data = self._data[self._at : self._at + length]
        self._at += length
        return data

    def _check(self, data: bytes) -> None:
        (want,) = struct.unpack(">H", self._take(2))
        if binascii.crc_hqx(data, 0) != want:
            raise Error(f"CRC error, computed {binascii.crc_hqx(data, 0):x}, read {want:x}")

    def _head(self) -> None:
        length = self._take(1)
        head = length + self._take(length[0] + 1 + 4 + 4 + 2 + 4 + 4)
        self._check(head)
        self.FName = head[1 : 1 + length[0]]
        rest = head[2 + length[0] :]
        self.FInfo = FInfo()
        self.FInfo.Type, self.FInfo.Creator = rest[:4], rest[4:8]  # type: ignore[assignment]
        self.FInfo.Flags, self._dlen, self._rlen = struct.unpack(">HII", rest[8:18])
        self._left = self._dlen
        self._start = self._at

    def read(self, *n: int) -> bytes:
        """Return the next n bytes of the data, all without n."""
        length = min(n[0], self._left) if n else self._left
        self._left -= length
        return self._take(length)

    def close_data(self) -> None:
        """End the data and check them."""
        self._at = self._start + self._dlen
        self._check(self._data[self._start : self._at])
        self._left, self._start, self._dlen = self._rlen, self._at, self._rlen

    def read_rsrc(self, *n: int) -> bytes:
        """Return the next n bytes of the resources, all without n."""
        return self.read(*n)

    def close(self) -> None:
        """Check what was read last."""
        self._at = self._start + self._dlen
        self._check(self._data[self._start : self._at])


def hexbin(inp: Target, out: Optional[str] = None) -> None:
    """Write the data of a BinHex 4 file to `out`, by default the name in the file."""
    reader = HexBin(inp)
    with open(out or os.fsdecode(reader.FName), "wb") as target:
        target.write(reader.read())
    reader.close_data()
    resources = reader.read_rsrc()
    if resources:
        with open((out or os.fsdecode(reader.FName)) + ".rsrc", "wb") as target:
            target.write(resources)
    reader.close()
