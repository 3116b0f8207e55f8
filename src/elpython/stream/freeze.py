"""The freeze: from the first candidate on, a break of the ABI or a new feature is an error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stream.release import BadReleaseError, Release, parse_release

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elpython.stream.classify import Classification

__all__ = ["freeze_problems", "frozen_since", "is_frozen", "new_features", "proposal"]

_FEATURE = re.compile(
    r"^(add(ed|s)?|introduce[sd]?|implement(s|ed)?|new|support(s|ed)? for|allow(s|ed)?)\b",
    re.IGNORECASE,
)
_NO_FEATURE = re.compile(
    r"\b(add(ed|s)?|new) (a |the |some |more |missing )*(tests?|checks?|documentation|note|warning"
    r"|missing|bounds|assertion|fallback|regression|workaround)\b|^allow(s|ed)? (building|compil)",
    re.IGNORECASE,
)
_FEATURE_SECTIONS = frozenset(
    {"Library", "C API", "C_API", "Core and Builtins", "Core_and_Builtins"}
)


def is_frozen(last: Release | None) -> bool:
    """Whether the ABI is frozen after a release: from the first candidate on."""
    return last is not None and not last.is_pre_freeze


def frozen_since(tags: Iterable[str]) -> Release | None:
    """Return the last frozen release among some tags; None when they hold none.

    Tags of other series than the newest one's do not count: `main` goes on after `v3.15.0`.
    """
    known = []
    for tag in tags:
        try:
            known.append(parse_release(tag))
        except BadReleaseError:
            continue
    last = max(known, default=None)
    return last if is_frozen(last) else None


def freeze_problems(found: Classification) -> list[str]:
    """Return what breaks the freeze in what came since the last release, a line each."""
    lines = [f"marked ABI break: {item.summary}" for item in found.marked]
    lines += [
        f"ABI break ({item.tier}): {item.symbol}: {item.what}"
        for item in found.measured
        if item.breaks
    ]
    if found.magic:
        lines.append(f"the magic number of pyc files changed: it {found.magic}")
    return lines


def proposal(last: Release, problems: Iterable[str]) -> str:
    """Return what a release manager does about a broken freeze."""
    if not list(problems):
        return ""
    if last.level == "candidate":
        return (
            f"revert it before the next release; where it has to stay, {last.series_name}."
            f"{last.micro}rc{last.serial + 1} with --override and a --reason, and every wheel "
            "built since rc1 is built again"
        )
    return (
        f"revert it; if {last.series_name}.{last.micro + 1} has shipped with it, withdraw that "
        f"release and publish {last.series_name}.{last.micro + 2} with the revert, as 3.9.3 and "
        "3.9.4 showed"
    )


def new_features(entries: Iterable[tuple[str, str]]) -> list[str]:
    """Return the NEWS entries that tell of a new feature, in one line each.

    Args:
        entries: section and text.

    An entry is read by its first words; `versionadded` in the documentation tells the rest.
    """
    return [
        " ".join(text.split())[:120]
        for section, text in entries
        if section in _FEATURE_SECTIONS and _FEATURE.search(text) and not _NO_FEATURE.search(text)
    ]
