"""Whether CPython has released a series: what ends that a feature of it is provisional."""

from __future__ import annotations

import functools
import json
from importlib.resources import files

from packaging.version import Version

__all__ = ["is_released"]


@functools.cache
def _final_releases() -> frozenset[str]:
    """Return the names of the releases that came out, from the schedules' release data."""
    text = files("elpython").joinpath("schedule/data/cpython.json").read_text("utf-8")
    return frozenset(
        name
        for series in json.loads(text)["series"].values()
        for name, _, certainty in series["releases"]
        if certainty == "actual"
    )


def is_released(release: str) -> bool:
    """Return whether the final release that a feature first came in is out.

    Args:
        release: a CPython release, `3.14.0a4` or `3.13.2`; a pre-release stands for its final one.

    Returns:
        What the release data says, whatever day it is: a branch is the same tomorrow.
    """
    return bool(release) and Version(release).base_version in _final_releases()
