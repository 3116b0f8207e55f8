"""Where the branches are: a checkout's, or those that came with the installed toolchain."""

from __future__ import annotations

import os
from pathlib import Path

from elpython.core.errors import UnknownNameError, UsageError

__all__ = ["branches_folder", "data_line", "own_branches", "shipped_branches"]

# A wheel carries `branches/`, and of `runtime/` what branches and commands read, side by side as in
# a checkout (setup.py).
_PACKAGED = Path(__file__).absolute().parents[1] / "checkout" / "branches"
_CHECKOUT = Path(__file__).absolute().parents[3] / "branches"


def _places(start: Path | None) -> list[Path]:
    named = os.environ.get("ELPYTHON_BRANCHES")
    if named:
        return [Path(named).expanduser().absolute()]
    here = (start or Path.cwd()).absolute()
    return [folder / "branches" for folder in [here, *here.parents]] + [_CHECKOUT, _PACKAGED]


def branches_folder(start: Path | None = None) -> Path:
    """Return the `branches` folder.

    `ELPYTHON_BRANCHES` comes first, then the checkout around the current folder (or `start`), the
    checkout that the toolchain runs from, and last what came with the installed toolchain.

    Raises:
        UnknownNameError: there is none; says how to name it.
    """
    places = _places(start)
    for place in places:
        if (place / "core").is_dir():
            return place
    raise UnknownNameError(
        "no branches folder found",
        where=str(places[0]),
        todo="run inside a checkout of EL Python, or set ELPYTHON_BRANCHES to its branches folder",
    )


def shipped_branches() -> Path | None:
    """Return the branches that came with the toolchain; None when there are none.

    Neither the current folder nor the environment has a say: for what decides about trust.
    """
    places = [place for place in (_CHECKOUT, _PACKAGED) if (place / "core").is_dir()]
    return places[0] if places else None


def own_branches(start: Path | None = None) -> Path:
    """Return a `branches` folder that may be changed.

    Raises:
        UnknownNameError: there is no branches folder.
        UsageError: there are only the branches that came with the toolchain.
    """
    folder = branches_folder(start)
    if folder == _PACKAGED:
        raise UsageError(
            "are the branches that came with the toolchain: they are not changed",
            where=str(folder),
            todo="run inside a clone of EL Python, or set ELPYTHON_BRANCHES to its branches folder",
        )
    return folder


def data_line() -> str:
    """Return which branches are read, and why these, in one line."""
    try:
        folder = branches_folder()
    except UnknownNameError as error:
        return f"branches: none ({error.what})"
    if folder == _PACKAGED:
        return f"branches: {folder} (came with the toolchain)"
    why = "ELPYTHON_BRANCHES" if os.environ.get("ELPYTHON_BRANCHES") else "a checkout"
    return f"branches: {folder} ({why})"
