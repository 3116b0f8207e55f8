"""The codec `mac_centeuro` as it was up to Python 3.8: the same characters as `mac_latin2`."""

import codecs
from encodings import mac_latin2
from encodings.mac_latin2 import *  # noqa: F403


def getregentry() -> codecs.CodecInfo:  # type: ignore[no-redef]
    """Return what the codec registry wants to know."""
    entry = mac_latin2.getregentry()
    entry.name = "mac-centeuro"
    return entry
