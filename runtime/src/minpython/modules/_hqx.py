"""The BinHex 4 functions that `binascii` had up to Python 3.10."""

import binascii
import re

_TABLE = rb"""!"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"""
_VALUE = {byte: value for value, byte in enumerate(_TABLE)}
_MARK = 0x90


def b2a_hqx(data: bytes, /) -> bytes:
    """Write bytes with the 64 letters of BinHex 4, six bits a letter."""
    out = bytearray()
    bits = count = 0
    for byte in bytes(data):
        bits = bits << 8 | byte
        count += 8
        while count >= 6:
            count -= 6
            out.append(_TABLE[bits >> count & 0x3F])
    if count:
        out.append(_TABLE[bits << (6 - count) & 0x3F])
    return bytes(out)


def a2b_hqx(data: "bytes | str", /) -> "tuple[bytes, int]":
    """Read BinHex 4 letters; return the bytes and 1 when the closing colon was seen.

    Raises:
        binascii.Error: a byte is no letter of BinHex 4.
        binascii.Incomplete: the last letters make no whole byte.
    """
    raw = data.encode("ascii") if isinstance(data, str) else bytes(data)
    out = bytearray()
    bits = count = 0
    for byte in raw:
        if byte in b"\r\n":
            continue
        if byte == 0x3A:
            return bytes(out), 1
        value = _VALUE.get(byte)
        if value is None:
            raise binascii.Error("Illegal char")
        bits = bits << 6 | value
        count += 6
        if count >= 8:
            count -= 8
            out.append(bits >> count & 0xFF)
    if count:
        raise binascii.Incomplete("String has incomplete number of bytes")
    return bytes(out), 0


def rlecode_hqx(data: bytes, /) -> bytes:
    """Shorten runs of more than three equal bytes, as BinHex 4 does."""
    out = bytearray()
    for run in re.finditer(rb"(.)\1{0,254}", bytes(data), re.DOTALL):
        byte, length = run.group(1), len(run.group())
        escaped = b"\x90\0" if byte[0] == _MARK else byte
        if length > 3:
            out += escaped + bytes([_MARK, length])
        else:
            out += escaped * length
    return bytes(out)


def rledecode_hqx(data: bytes, /) -> bytes:
    """Undo `rlecode_hqx`.

    Raises:
        binascii.Error: the first byte is a run without anything to repeat.
        binascii.Incomplete: the data end inside a run.
    """
    raw = bytes(data)
    out = bytearray()
    at = 0
    while at < len(raw):
        byte = raw[at]
        at += 1
        if byte != _MARK:
            out.append(byte)
            continue
        if at >= len(raw):
            raise binascii.Incomplete("String has incomplete number of bytes")
        times = raw[at]
        at += 1
        if times == 0:
            out.append(_MARK)
        elif not out:
            raise binascii.Error("Orphaned RLE code at start")
        else:
            out += out[-1:] * (times - 1)
    return bytes(out)
