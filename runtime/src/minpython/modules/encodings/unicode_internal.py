"""The `unicode_internal` codec as it was up to Python 3.7: four bytes a character, native order.

Gone in 3.8, with the memory layout whose name it has; the modern way is UTF-32.
"""

import codecs
import sys
from typing import Optional

_LAYOUT = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"


def encode(text: str, errors: Optional[str] = None) -> "tuple[bytes, int]":
    """Return the bytes of the text and its length."""
    if isinstance(text, (bytes, bytearray, memoryview)):
        return bytes(text), len(text)
    return codecs.encode(text, _LAYOUT, "surrogatepass"), len(text)


def decode(data: bytes, errors: Optional[str] = None) -> "tuple[str, int]":
    """Return the text of the bytes and how many of them were read."""
    if isinstance(data, str):
        return data, len(data)
    return codecs.decode(data, _LAYOUT, errors or "strict"), len(data)


class Codec(codecs.Codec):
    """Encodes and decodes at once."""

    encode = staticmethod(encode)  # type: ignore[assignment]
    decode = staticmethod(decode)  # type: ignore[assignment]


class IncrementalEncoder(codecs.IncrementalEncoder):
    """Encodes part by part."""

    def encode(self, text: str, final: bool = False) -> bytes:
        """Return the bytes of one part."""
        return encode(text, self.errors)[0]


class IncrementalDecoder(codecs.BufferedIncrementalDecoder):
    """Decodes part by part, keeping the bytes of an unfinished character."""

    def _buffer_decode(self, data: bytes, errors: str, final: bool) -> "tuple[str, int]":  # type: ignore[override]
        whole = len(data) if final else len(data) - len(data) % 4
        return decode(data[:whole], errors)


class StreamWriter(Codec, codecs.StreamWriter):
    """Writes to a file."""


class StreamReader(Codec, codecs.StreamReader):
    """Reads from a file."""


def getregentry() -> codecs.CodecInfo:
    """Return what the codec registry wants to know."""
    return codecs.CodecInfo(
        name="unicode_internal",
        encode=encode,
        decode=decode,  # type: ignore[arg-type]
        incrementalencoder=IncrementalEncoder,
        incrementaldecoder=IncrementalDecoder,
        streamwriter=StreamWriter,
        streamreader=StreamReader,
    )
