"""What this machine lacks for building: programs and headers, by their Debian packages."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

__all__ = ["NEEDS", "Finding", "check", "install_line", "packages", "present_headers"]

# The compiler's own search list would need a compiler; these are where distributions put headers.
_INCLUDE = ("/usr/include", "/usr/local/include")


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """Something that a build can use.

    Attributes:
        package: Debian package.
        what: what it is for.
        program: program that shows it is there.
        header: header that shows it is there, below an include folder or its multiarch folder.
        required: whether a build without it would be no whole Python.
    """

    package: str
    what: str
    program: str = ""
    header: str = ""
    required: bool = True


NEEDS: tuple[Need, ...] = (
    Need(package="build-essential", what="C compiler and make", program="gcc"),
    Need(package="make", what="make", program="make"),
    Need(package="git", what="trees", program="git"),
    Need(package="xz-utils", what="source archives", program="xz"),
    Need(package="pkg-config", what="finding libraries", program="pkg-config"),
    Need(package="zlib1g-dev", what="zlib, zipfile, ensurepip", header="zlib.h"),
    Need(package="libssl-dev", what="ssl, hashlib", header="openssl/ssl.h"),
    Need(package="libffi-dev", what="ctypes", header="ffi.h"),
    Need(package="libsqlite3-dev", what="sqlite3", header="sqlite3.h"),
    Need(package="libbz2-dev", what="bz2", header="bzlib.h"),
    Need(package="liblzma-dev", what="lzma", header="lzma.h"),
    Need(package="libreadline-dev", what="readline", header="readline/readline.h"),
    Need(package="libncurses-dev", what="curses", header="ncurses.h"),
    Need(package="uuid-dev", what="uuid", header="uuid/uuid.h"),
    Need(package="libgdbm-dev", what="dbm.gnu", header="gdbm.h"),
    Need(package="libgdbm-compat-dev", what="dbm.ndbm", header="gdbm-ndbm.h"),
    Need(package="tk-dev", what="tkinter", header="tk.h", required=False),
    Need(package="ccache", what="quick rebuilds", program="ccache", required=False),
    Need(package="abigail-tools", what="contract: abi", program="abidiff", required=False),
    Need(package="rpm", what="stacks: macros, spec files", program="rpmbuild", required=False),
    Need(package="createrepo-c", what="rebuild: RPMs", program="createrepo_c", required=False),
    Need(package="bubblewrap", what="rebuild: containment", program="bwrap", required=False),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Whether one need is met."""

    need: Need
    met: bool


def _header_there(header: str) -> bool:
    for place in _INCLUDE:
        root = Path(place)
        if (root / header).is_file() or any(root.glob(f"*-linux-gnu*/{header}")):
            return True
        # Tk lies in a versioned folder.
        if header == "tk.h" and any(root.glob("tcl8*/tk.h")):
            return True
    return False


def check() -> list[Finding]:
    """Look at every need; nothing is run."""
    return [
        Finding(
            need=need,
            met=bool(shutil.which(need.program)) if need.program else _header_there(need.header),
        )
        for need in NEEDS
    ]


def present_headers() -> list[str]:
    """Give the headers that are there: they decide which modules a build has."""
    return [need.header for need in NEEDS if need.header and _header_there(need.header)]


def packages(findings: list[Finding], *, required_only: bool = False) -> list[str]:
    """Give the Debian packages of what is missing."""
    return [
        finding.need.package
        for finding in findings
        if not finding.met and (finding.need.required or not required_only)
    ]


def install_line(findings: list[Finding], *, required_only: bool = True) -> str:
    """Give the one line that installs what is missing, empty when nothing is."""
    missing = packages(findings, required_only=required_only)
    return f"apt-get install -y --no-install-recommends {' '.join(missing)}" if missing else ""
