"""The functions of ``platform`` that went."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SUPPORTED = (
    "SuSE", "debian", "fedora", "redhat", "centos", "mandrake", "mandriva", "rocks", "slackware",
    "yellowdog", "gentoo", "UnitedLinux", "turbolinux", "arch", "mageia",
)  # fmt: skip


def popen(cmd: str, mode: str = "r", bufsize: int = -1) -> Any:
    """Run a shell command with a pipe to it or from it; the same as ``os.popen``."""
    return os.popen(cmd, mode, bufsize)  # noqa: S605


def _os_release() -> dict[str, str]:
    import shlex

    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            with open(path, encoding="utf-8") as file:
                words = shlex.split(file.read(), comments=True)
        except (OSError, ValueError):
            continue
        return dict(word.split("=", 1) for word in words if "=" in word)
    return {}


def _debian_version() -> str:
    try:
        with open("/etc/debian_version", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def linux_distribution(
    distname: str = "",
    version: str = "",
    id: str = "",  # noqa: A002
    supported_dists: Any = _SUPPORTED,
    full_distribution_name: bool = True,
) -> tuple[str, str, str]:
    """Return (name, version, code name) of the Linux distribution, the arguments when unknown.

    The name is a short one, ``debian``, unless the full one is asked for.
    """
    told = _os_release()
    if not told:
        return distname, version, id
    short = told.get("ID", distname)
    name = short if short == "debian" or not full_distribution_name else told.get("NAME", short)
    number = told.get("VERSION_ID", version)
    if short == "debian":
        return "debian", _debian_version() or number, ""
    return name, number, told.get("VERSION_CODENAME", id)


def dist(
    distname: str = "",
    version: str = "",
    id: str = "",  # noqa: A002
    supported_dists: Any = _SUPPORTED,
) -> tuple[str, str, str]:
    """Return (short name, version, code name) of the Linux distribution."""
    return linux_distribution(distname, version, id, supported_dists, full_distribution_name=False)


def java_ver(
    release: str = "", vendor: str = "", vminfo: Any = ("", "", ""), osinfo: Any = ("", "", "")
) -> tuple[Any, Any, Any, Any]:
    """Return the arguments: only Jython knew about a Java."""
    return release, vendor, vminfo, osinfo
