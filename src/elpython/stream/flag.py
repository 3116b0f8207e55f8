"""The ABI tags of a release: SOABI, file endings and wheel tags, with the pre-freeze flag `p`.

Source: PEP 605, "Explicitly marking builds against the pre-freeze ABI"; PEP 3149 for SOABI and
PEP 425 for wheel tags. Windows names are computed here and built nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elpython.stream.release import Release

__all__ = ["LINUX", "PLATFORMS", "Tags", "abi_flags", "tags_of", "tags_table"]

LINUX = "x86_64-linux-gnu"
PLATFORMS = (LINUX, "win32", "win_amd64", "win_arm64")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tags:
    """The tags of one build.

    Attributes:
        build: `release`, `debug`, `free-threaded` or `free-threaded debug`.
        platform: multiarch triplet, or Windows platform tag.
        soabi: `cpython-315p-x86_64-linux-gnu`; on Windows the part between the dots.
        ext_suffix: the ending of a tagged extension module.
        wheel_abi: the ABI tag of a wheel, `cp315p`.
    """

    build: str
    platform: str
    soabi: str
    ext_suffix: str
    wheel_abi: str


def abi_flags(release: Release, *, debug: bool = False, free_threaded: bool = False) -> str:
    """Return `sys.abiflags`: `p` up to the last beta, then `t`, then `d`."""
    return f"{'p' * release.is_pre_freeze}{'t' * free_threaded}{'d' * debug}"


def tags_of(
    release: Release, platform: str = LINUX, *, debug: bool = False, free_threaded: bool = False
) -> Tags:
    """Compute the tags of one build of a release.

    Args:
        release: the release; from the first candidate on the flag is gone.
        platform: one of `PLATFORMS`, or another triplet.
        debug: built with `--with-pydebug` (on Windows: `_d`).
        free_threaded: built with `--disable-gil`.
    """
    number = f"{release.series[0]}{release.series[1]}"
    flags = abi_flags(release, debug=debug, free_threaded=free_threaded)
    if platform.startswith("win"):
        soabi = f"cp{number}{flags.replace('d', '')}-{platform}"
        suffix = f"{'_d' * debug}.{soabi}.pyd"
    else:
        soabi = f"cpython-{number}{flags}-{platform}"
        suffix = f".{soabi}.so"
    build = " ".join(["free-threaded"] * free_threaded + ["debug"] * debug) or "release"
    return Tags(
        build=build,
        platform=platform,
        soabi=soabi,
        ext_suffix=suffix,
        wheel_abi=f"cp{number}{flags}",
    )


def tags_table(release: Release) -> list[Tags]:
    """Return the tags of every build on every platform; free-threaded ones from 3.13 on."""
    threads = (False, True) if release.series >= (3, 13) else (False,)
    return [
        tags_of(release, platform, debug=debug, free_threaded=free)
        for platform in PLATFORMS
        for free in threads
        for debug in (False, True)
    ]
