"""The options by which commands are told whose signature counts."""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.render import warn

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.release.index.record import Index
    from elpython.release.trust import Trust

__all__ = ["TrustOptions", "index_of", "trust_of", "trust_options"]

_FILE = click.Path(path_type=Path)
_OPTIONS = (
    click.option("--signers", type=_FILE, help="Whose signature counts [the trust stores]."),
    click.option(
        "--unverified", is_flag=True, help="Look at no signature: for what you made yourself."
    ),
    click.option(
        "--index", metavar="URL|FOLDER", default="", help="Which releases are current [likewise]."
    ),
    click.option("--index-root", type=_FILE, help="The index's root of trust [likewise]."),
    click.option(
        "--branches",
        type=click.Path(path_type=Path, file_okay=False),
        help="A folder of branches whose bases count too.",
    ),
    click.option(
        "--allow-downgrade", is_flag=True, help="Also a release that another one supersedes."
    ),
)


def trust_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command; it gets them as one value, `trusted`."""

    @functools.wraps(function)
    def command(**given: Any) -> Any:  # noqa: ANN401 - passed on by name
        names = [item.name for item in fields(TrustOptions)]
        options = TrustOptions(**{name: given.pop(name) for name in names})
        return function(trusted=options, **given)

    wrapped: Callable[..., Any] = command
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustOptions:
    """What the user said about whom to trust.

    Attributes:
        signers: file of allowed signers; None for the trust stores.
        unverified: whether no signature is to be looked at.
        index: URL or folder of the index; empty for the trust stores.
        index_root: file with its root of trust; None for the trust stores.
        branches: a folder of branches whose bases count, besides the table of python.org's.
        allow_downgrade: whether a superseded release is welcome.
    """

    signers: Path | None = None
    unverified: bool = False
    index: str = ""
    index_root: Path | None = None
    branches: Path | None = None
    allow_downgrade: bool = False


def trust_of(options: TrustOptions, *, with_index: bool = True) -> Trust:
    """Return what the user believes; say loudly when that is everything.

    Args:
        options: what the user said.
        with_index: whether an index is read, where one is named.

    Raises:
        UsageError: options that exclude each other are given.
        NoTrustError: nobody is named, and no trust store has a list.
        BadIndexError: the index cannot be read, or is not to be trusted.
    """
    from elpython.core.errors import UsageError
    from elpython.release.trust import Trust, named_signers, stored_signers

    if options.unverified and (options.signers or options.index):
        raise UsageError("--unverified goes with neither --signers nor --index")
    branches = options.branches or _own_branches(anywhere=options.unverified)
    if options.unverified:
        warn("UNVERIFIED: no signature is looked at; whoever made these files runs code as you")
        return Trust(signers=None, unverified=True, branches=branches)
    named = options.signers
    found = named_signers(named) if named is not None else stored_signers()
    return Trust(
        signers=found,
        index=index_of(options) if with_index else None,
        allow_downgrade=options.allow_downgrade,
        branches=branches,
    )


def _own_branches(*, anywhere: bool) -> Path | None:
    """Return the branches that came with the toolchain; None when there are none.

    The current folder and `ELPYTHON_BRANCHES` are not asked: either may be the attacker's, who
    would tell there which base is the right one.

    Args:
        anywhere: ask them all the same: for a release that the user vouches for.
    """
    from elpython.core.errors import UnknownNameError
    from elpython.define.folder import branches_folder, shipped_branches

    if not anywhere:
        return shipped_branches()
    try:
        return branches_folder()
    except UnknownNameError:
        return None


def index_of(options: TrustOptions) -> Index | None:
    """Return the index that the options or the trust stores name; None, with a warning, if none."""
    from elpython.release.trust import stored_index

    place = stored_index(options.index, options.index_root)
    if place is None:
        warn("no index is named: a release that is stale or revoked would not be noticed")
        return None
    from elpython.release.index.client import read_index

    return read_index(place.place, place.root)
