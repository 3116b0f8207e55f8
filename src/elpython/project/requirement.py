"""The requirement on `elpython-features` that a project writes down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.project.registry import extra_name, python_release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.core.version import CalVer
    from elpython.project.registry import Branch, Known, Registry

__all__ = ["line_for", "requirement"]


def line_for(
    release: CalVer, features: Sequence[str], below: str, *, ask_release: bool = False
) -> str:
    """Return the requirement on `elpython-features`.

    Args:
        release: the EL release.
        features: names of features.
        below: the first CPython that needs it no more; empty for none.
        ask_release: whether the release is asked for beside the features.
    """
    names = [extra_name(name) for name in features]
    if ask_release or not names:
        names.append(release_extra(release))
    extras = f"[{','.join(names)}]"
    marker = f'; python_version < "{below}"' if below else ""
    return f"elpython-features{extras}>={python_release(release)}{marker}"


def release_extra(release: CalVer) -> str:
    """Return the extra that asks for an EL release: `el-27-7`."""
    return f"el-{python_release(release).replace('.', '-')}"


def requirement(registry: Registry, release: str, features: Sequence[str], below: str) -> str:
    """Return the requirement for what a publisher names.

    Args:
        registry: the branches' features.
        release: an EL release, `27.01`; empty for the first that has the features.
        features: names of features.
        below: `3.12`; empty for the first CPython that has all of them.

    Raises:
        BadRegistryError: a feature that no branch provides.
        BadVersionError: no EL release.
    """
    from elpython.core.suggest import hint
    from elpython.core.version import CalVer
    from elpython.project.errors import BadRegistryError
    from elpython.project.guards import shown

    unknown = [name for name in features if name not in registry.features]
    if unknown:
        raise BadRegistryError(
            f"no branch provides {', '.join(unknown)}", todo=hint(unknown[0], registry.features)
        )
    known = [registry.features[name] for name in features]
    if release:
        wanted = CalVer.parse(release if release.count(".") > 1 else f"{release}.0")
    else:
        wanted = _first_with_all(known, registry.branches)
    if not below and known and all(item.cpython for item in known):
        below = shown(max(item.cpython for item in known if item.cpython))
    return line_for(wanted, features, below, ask_release=bool(release))


def _first_with_all(known: Sequence[Known], branches: Sequence[Branch]) -> CalVer:
    """Return the first EL release of any branch that has every feature, its base's included."""
    releases = []
    for branch in branches:
        since = [item.el.get(branch.series) for item in known]
        inside = [
            item.cpython is not None and item.cpython <= branch.series and release is None
            for item, release in zip(known, since, strict=True)
        ]
        if all(release or base for release, base in zip(since, inside, strict=True)):
            releases.append(max([branch.first, *(release for release in since if release)]))
    return min(releases, default=max(branch.release for branch in branches))
