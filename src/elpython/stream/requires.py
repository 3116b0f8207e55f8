"""What a publisher writes into a project's metadata after an ABI break, and whom it lets in.

PEP 605 gives one line for it. That line is no valid metadata; here are the nearest valid ones,
each with the set of interpreters that it accepts as `packaging` computes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.markers import InvalidMarker, Marker
from packaging.metadata import InvalidMetadata, Metadata
from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from elpython.stream.release import BadReleaseError, Release

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Advice", "Offer", "advise", "likely_releases"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """One way of writing it.

    Attributes:
        name: short name for a column: `literal`, `exclusions`, `marker`, `range`, `build number`.
        line: the metadata line, or the wheel's file name.
        valid: whether today's standards take it.
        note: what it does and does not do.
        accepts: the interpreters that it lets in, in release order.
    """

    name: str
    line: str
    valid: bool
    note: str
    accepts: tuple[Release, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Advice:
    """The answer for one ABI break.

    Attributes:
        broke: the alpha that broke the ABI.
        interpreters: what was asked about: the series before, the series' releases, the next one.
        wanted: those among them that the rebuilt wheels work on.
        problems: why the PEP's own line is no valid metadata, each found by trying.
        offers: the ways, the PEP's own first.
    """

    broke: Release
    interpreters: tuple[Release, ...]
    wanted: tuple[Release, ...]
    problems: tuple[str, ...]
    offers: tuple[Offer, ...]


def likely_releases(broke: Release) -> list[Release]:
    """Return a series' releases when no ledger tells them: a1, betas, the break, two betas more."""
    series = broke.series
    last = min(broke.serial + 2, 15)
    made = [
        Release(series=series, level="alpha" if serial in {1, broke.serial} else "beta",
                serial=serial)
        for serial in range(1, last + 1)
    ]  # fmt: skip
    return [*made, Release(series=series, level="candidate", serial=1), Release(series=series)]


def advise(
    broke: Release, releases: Sequence[Release], *, lowest: str = "", project: str = "example"
) -> Advice:
    """Return the metadata of a project that was rebuilt because of an ABI break.

    Args:
        broke: the alpha that holds the break, `3.9.0a5`.
        releases: the series' releases, that one among them.
        lowest: the oldest Python that the project supports; the series before by default.
        project: the project's name, for the lines that need it.

    Raises:
        BadReleaseError: the release is no pre-release, is not among the series' releases, or is
            the first one (nothing before it to exclude).
    """
    _check(broke, releases)
    major, minor = broke.series
    lowest = lowest or f"{major}.{minor - 1}"
    own = sorted(set(releases))
    others = [Release(series=(major, minor - 1), micro=2), Release(series=(major, minor + 1))]
    interpreters = sorted([*own, *others])
    stale = [item for item in own if item < broke]
    wanted = tuple(item for item in interpreters if item not in stale)
    follower = next((item for item in own if item > broke and item.level == "beta"), None)
    return Advice(
        broke=broke,
        interpreters=tuple(interpreters),
        wanted=wanted,
        problems=tuple(_literal_problems(_literal(broke, follower))),
        offers=(
            _literal_offer(broke, follower, interpreters),
            _exclusions(stale, lowest, interpreters),
            _marker(stale, project, interpreters),
            _range(broke, interpreters),
            _build_number(broke, project, interpreters),
        ),
    )


def _check(broke: Release, releases: Sequence[Release]) -> None:
    if not broke.is_pre_freeze:
        raise BadReleaseError(
            f"{broke} is no pre-freeze release", todo="the ABI is frozen from rc1 on"
        )
    if broke not in releases:
        known = ", ".join(str(item) for item in sorted(releases))
        raise BadReleaseError(f"{broke} is not among the releases: {known}")
    if broke == min(releases):
        raise BadReleaseError(
            f"{broke} is the first release of its series",
            todo="nothing came before it, so nothing has to be excluded",
        )


def _literal(broke: Release, follower: Release | None) -> str:
    after = follower or Release(series=broke.series, level="beta", serial=broke.serial + 1)
    return (
        f'>= "{after}"; python_version == "{broke.series_name}" and '
        f'full_python_version != "{broke}"'
    )


def _literal_problems(value: str) -> list[str]:
    """Try the PEP's line with the reference implementation and tell what it says."""
    problems = []
    try:
        SpecifierSet(value)
    except InvalidSpecifier:
        problems.append(
            "a Requires-Python field holds version specifiers alone (PEP 440); quotes and an "
            "environment marker behind a semicolon cannot be part of it (core metadata, PEP 345)"
        )
    marker = value.partition(";")[2].strip()
    try:
        Marker(marker)
    except InvalidMarker:
        problems.append(
            "'full_python_version' is no environment marker; it is python_full_version (PEP 508)"
        )
    try:
        Metadata.from_email(
            f"Metadata-Version: 2.1\nName: x\nVersion: 1\nPython-Requires: {value}\n".encode()
        )
    except (InvalidMetadata, ExceptionGroup):
        problems.append("'Python-Requires' is no metadata field; it is Requires-Python (PEP 345)")
    problems.append(
        "PEP 440 sorts every alpha before every beta: '>= ...b6' refuses a later alpha such as a7"
    )
    return problems


def _literal_offer(
    broke: Release, follower: Release | None, interpreters: Sequence[Release]
) -> Offer:
    """The PEP's line, with the meaning that the PEP gives it."""
    after = follower or Release(series=broke.series, level="beta", serial=broke.serial + 1)
    accepts = [
        item
        for item in interpreters
        if item.series != broke.series or item == broke or Version(str(item)) >= Version(str(after))
    ]
    return Offer(
        name="literal",
        line=f"Python-Requires: {_literal(broke, follower)}",
        valid=False,
        note="the PEP's own line, with the meaning that the PEP explains; no tool reads it",
        accepts=tuple(accepts),
    )


def _exclusions(stale: Sequence[Release], lowest: str, interpreters: Sequence[Release]) -> Offer:
    value = ",".join([f">={lowest}", *(f"!={item}" for item in stale)])
    specifiers = SpecifierSet(value)
    return Offer(
        name="exclusions",
        line=f"Requires-Python: {value}",
        valid=True,
        note="exact by PEP 440; what installers make of it is another matter, see --try",
        accepts=tuple(
            item for item in interpreters if specifiers.contains(str(item), prereleases=True)
        ),
    )


def _marker(stale: Sequence[Release], project: str, interpreters: Sequence[Release]) -> Offer:
    tests = " or ".join(f'python_full_version == "{item}"' for item in stale)
    line = f"{project}<0; {tests}"
    marker = Requirement(line).marker
    accepts = [
        item
        for item in interpreters
        if marker is None
        or not marker.evaluate(
            {"python_full_version": str(item), "python_version": item.series_name}
        )
    ]
    return Offer(
        name="marker",
        line=f"Requires-Dist: {line}",
        valid=True,
        note="a requirement that cannot be met on the interpreters left out: the resolver then "
        "takes an older version of the project",
        accepts=tuple(accepts),
    )


def _range(broke: Release, interpreters: Sequence[Release]) -> Offer:
    specifiers = SpecifierSet(f">={broke}")
    return Offer(
        name="range",
        line=f"Requires-Python: >={broke}",
        valid=True,
        note="short, and wrong in a stream: betas before the alpha sort behind it, older series go",
        accepts=tuple(
            item for item in interpreters if specifiers.contains(str(item), prereleases=True)
        ),
    )


def _build_number(broke: Release, project: str, interpreters: Sequence[Release]) -> Offer:
    tag = f"cp{broke.series[0]}{broke.series[1]}"
    return Offer(
        name="build number",
        line=f"{project}-1.0-{broke.serial}-{tag}-{tag}p-manylinux_2_28_x86_64.whl",
        valid=True,
        note="a rebuilt wheel beside the old one, preferred for its higher build number; it "
        "leaves nobody out, so interpreters before the break get it too",
        accepts=tuple(interpreters),
    )
