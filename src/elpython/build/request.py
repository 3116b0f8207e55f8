"""What to build, and how: the request that every step of a build reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import UnknownNameError
from elpython.core.suggest import hint

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.define.branch import BuildSettings
    from elpython.prepare.tree import Tree

__all__ = ["PROFILES", "BuildRequest", "Profile", "profile_named"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """How an interpreter is compiled.

    Attributes:
        name: `quick`, `release` or `debug`.
        configure: arguments for `configure`.
        cflags: compiler flags for the interpreter alone (`CFLAGS_NODIST`): extensions that users
            build do not get them.
        trained: whether it is compiled twice around a training run (PGO).
    """

    name: str
    configure: tuple[str, ...] = ()
    cflags: tuple[str, ...] = ()
    trained: bool = False


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(name="quick"),
        Profile(
            name="release",
            configure=("--enable-optimizations", "--with-lto"),
            cflags=("-fno-semantic-interposition",),
            trained=True,
        ),
        Profile(name="debug", configure=("--with-pydebug",)),
    )
}


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildRequest:
    """What to build.

    Attributes:
        tree: the prepared tree.
        settings: the branch's build settings.
        profile: one of `PROFILES`.
        prefix: where the interpreter will live; None for its place in the store.
        jobs: how many compilers run at once; 0 for the number of cores.
        bolt: whether to optimise the linked executable with BOLT (`release` only).
    """

    tree: Tree
    settings: BuildSettings
    profile: Profile
    prefix: Path | None = None
    jobs: int = 0
    bolt: bool = False


def profile_named(name: str) -> Profile:
    """Return a profile.

    Raises:
        UnknownNameError: no such profile.
    """
    if name not in PROFILES:
        raise UnknownNameError(f"there is no profile {name!r}", todo=hint(name, PROFILES))
    return PROFILES[name]
