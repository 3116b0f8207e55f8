"""Let an interpreter say that it is another release: loaded through a .pth file.

Stdlib only; runs on CPython 3.6 and later. Installers ask an interpreter for its version through
these names, so their own code runs unchanged; nothing but the version is pretended.
"""

import collections
import os
import platform
import re
import sys


def _disguise(text):
    found = re.match(r"(\d+)\.(\d+)\.(\d+)(?:(a|b|rc)(\d+))?$", text)
    if found is None:
        return
    major, minor, micro = (int(found.group(place)) for place in (1, 2, 3))
    level = {"a": "alpha", "b": "beta", "rc": "candidate"}.get(found.group(4), "final")
    serial = int(found.group(5) or 0)
    fields = "major minor micro releaselevel serial"
    kind = collections.namedtuple("version_info", fields)  # noqa: PYI024 - typing is slow to load
    info = kind(major, minor, micro, level, serial)
    nibble = {"alpha": 10, "beta": 11, "candidate": 12, "final": 15}[level]
    sys.version_info = info
    sys.hexversion = major << 24 | minor << 16 | micro << 8 | nibble << 4 | serial
    sys.version = text + sys.version[sys.version.index(" ") :]
    sys.implementation.version = info
    sys.implementation.hexversion = sys.hexversion
    getattr(platform, "_sys_version_cache", {}).clear()


_disguise(os.environ.get("ELPYTHON_DISGUISE", ""))
