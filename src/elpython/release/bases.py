"""The digests of CPython's releases that the verifier holds: never those that a manifest names.

They come from the verifier's own branches, and from a dated table of python.org's archives that
ships with the toolchain.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from elpython.core.errors import UnknownNameError
from elpython.define.branch import sources_of
from elpython.upstream import Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["KnownBase", "base_problems", "known_base"]

# Where a release may say that its base comes from; everything else is somebody's own machine.
_PUBLIC = ("python-org", "debian")


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownBase:
    """What the verifier knows about an upstream release.

    Attributes:
        version: the upstream release, `3.11.2`.
        sources: where its archive is available, each with the digest that it must have.
        told_by: where that knowledge comes from, with its date.
    """

    version: str
    sources: tuple[Source, ...]
    told_by: str

    @property
    def digests(self) -> frozenset[str]:
        """The sha256 of every form of its archive."""
        return frozenset(source.sha256 for source in self.sources)


@functools.cache
def _table() -> dict[str, Any]:
    path = resources.files("elpython.release") / "data" / "bases.toml"
    return tomllib.loads(path.read_text("utf-8"))


def _from_table(version: str) -> tuple[Source, ...]:
    forms: dict[str, str] = _table()["release"].get(version, {})
    return tuple(
        Source(
            provider="python-org", version=version, file=f"Python-{version}.{form}", sha256=sha256
        )
        for form, sha256 in forms.items()
    )


def _from_branches(branches: Path | None, version: str) -> tuple[Source, ...]:
    if branches is None:
        return ()
    try:
        return sources_of(branches, version)
    except UnknownNameError:
        return ()


def known_base(version: str, branches: Path | None) -> KnownBase:
    """Return what is known about an upstream release; without sources when that is nothing.

    Args:
        version: the upstream release, `3.11.2`.
        branches: the verifier's own `branches` folder; None when there is none.
    """
    own, table = _from_branches(branches, version), _from_table(version)
    told = [f"the branches in {branches}"] if own else []
    told += [f"the table of {_table()['dated']}"] if table else []
    return KnownBase(version=version, sources=(*own, *table), told_by=" and ".join(told))


def base_problems(named: Sequence[Source], known: KnownBase) -> tuple[str, ...]:
    """Compare the base that a manifest names with what the verifier knows.

    Args:
        named: the manifest's sources.
        known: what the verifier knows about that release.

    Returns:
        What is wrong; nothing when each source is one that the verifier would take.
    """
    if not named:
        return ("the manifest names no base",)
    if not known.sources:
        problem = (
            f"nobody here knows the digest of CPython {known.version}: neither the table of "
            f"{_table()['dated']} nor a branch; newer ones come with the toolchain, or stand in "
            "branches/sources.toml"
        )
        return (problem,)
    problems = []
    for source in named:
        if source in known.sources:
            continue
        if source.provider not in _PUBLIC or source.url:
            place = source.url or source.file
            problems.append(
                f"the base comes from {source.provider} {place}: only the verifier's own branches "
                "may name such a place"
            )
        elif source.sha256 not in known.digests:
            problems.append(
                f"the base has the sha256 {source.sha256[:16]}..., and CPython {known.version} has "
                f"{', '.join(f'{digest[:16]}...' for digest in sorted(known.digests))} after "
                f"{known.told_by}"
            )
    return tuple(problems)
