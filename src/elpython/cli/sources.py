"""The option `--sources` of every command that fetches inputs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["sources_option"]


def _use(_context: click.Context, _option: click.Parameter, place: str) -> None:
    from elpython.upstream.mirror import PLACE, mirror_place

    if place:
        # What builds and tests run in processes of their own has to find it too.
        os.environ[PLACE] = place
        mirror_place()


def sources_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--sources`, a mirror that is asked before anybody else."""
    return click.option(
        "--sources",
        default="",
        metavar="PLACE",
        expose_value=False,
        callback=_use,
        help="A folder or address that branch mirror has written [ELPYTHON_SOURCES].",
    )(function)
