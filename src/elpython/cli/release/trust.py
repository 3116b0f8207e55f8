"""The options by which commands are told whose signature counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.render import warn

if TYPE_CHECKING:
    from elpython.release.trust import Trust

__all__ = ["trust_of", "trust_options"]

_FILE = click.Path(path_type=Path)


def trust_options(function: click.decorators.FC) -> click.decorators.FC:
    """Add `--signers` and `--unverified` to a command."""
    wrapped = click.option(
        "--unverified", is_flag=True, help="Look at no signature: for what you made yourself."
    )(function)
    return click.option("--signers", type=_FILE, help="Whose signature counts [the trust stores].")(
        wrapped
    )


def trust_of(signers: Path | None, unverified: bool) -> Trust:
    """Return what the user believes; say loudly when that is everything.

    Raises:
        UsageError: both options are given.
        NoTrustError: nobody is named, and no trust store has a list.
    """
    from elpython.core.errors import UnknownNameError, UsageError
    from elpython.define.branch import branches_folder
    from elpython.release.trust import Trust, read_signers, stored_signers

    if signers is not None and unverified:
        raise UsageError("--signers and --unverified exclude each other")
    try:
        branches: Path | None = branches_folder()
    except UnknownNameError:
        branches = None
    if unverified:
        warn("UNVERIFIED: no signature is looked at; whoever made these files runs code as you")
        return Trust(signers=None, unverified=True, branches=branches)
    found = read_signers(signers) if signers is not None else stored_signers()
    return Trust(signers=found, branches=branches)
