"""The features of the EL branches, as `elpython project features --json` tells them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elpython.core.version import CalVer
from elpython.project.errors import BadRegistryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Branch", "Known", "Registry", "extra_name", "python_release", "read_registry", "series"]

Series = tuple[int, int]

_CALL = re.compile(r"(?P<path>[\w.]+)\((?P<words>[\w=, *]*)\)")


def series(text: str) -> Series:
    """Read `3.11`, or the series of `3.11.2`."""
    major, minor = text.split(".")[:2]
    return int(major), int(re.match(r"\d+", minor)[0])  # type: ignore[index]


def python_release(release: CalVer) -> str:
    """Return an EL release as Python packages write it: `27.1` for 27.01.0, `27.1.2`."""
    return f"{release.year}.{release.month}" + (f".{release.micro}" if release.micro else "")


def extra_name(feature: str) -> str:
    """Return the extra of `elpython-features` that stands for a feature: `itertools-batched`."""
    return re.sub(r"[^a-z0-9]+", "-", feature.lower()).strip("-")


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A feature that EL branches provide.

    Attributes:
        name: its import path; a parameter as `zip(strict=)`.
        cpython: first CPython that has it; None when none has.
        el: branch -> first EL release that has it.
    """

    name: str
    cpython: Series | None
    el: Mapping[Series, CalVer]


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """An EL branch.

    Attributes:
        series: `(3, 11)`.
        version: the EL version that it makes, `3.11.2.27.01.0`.
        release: the EL release of that version.
        first: its first EL release; what the base has, it has since then.
    """

    series: Series
    version: str
    release: CalVer
    first: CalVer

    @property
    def base_micro(self) -> int:
        """Return the micro number of the base: 2 for 3.11.2."""
        return int(self.version.split(".")[2])


@dataclass(frozen=True, slots=True)
class Registry:
    """Every feature of every branch.

    Attributes:
        features: by name.
        branches: oldest first.
    """

    features: Mapping[str, Known]
    branches: Sequence[Branch]

    def find(self, name: str) -> Known | None:
        """Return the feature that covers a use: `tomllib` covers `tomllib.loads`."""
        if name in self.features:
            return self.features[name]
        path, _, word = name.rstrip("=)").partition("(")
        for known in self.features.values():
            call = _CALL.fullmatch(known.name)
            if call:
                words = [item.strip(" =*") for item in call["words"].split(",")]
                if word and call["path"] == path and word in words:
                    return known
            elif path == known.name or path.startswith(f"{known.name}."):
                return known
        return None


def read_registry(features: Iterable[Mapping[str, Any]], branches: Sequence[Branch]) -> Registry:
    """Take the features as the command `elpython project features --json` prints them.

    Args:
        features: `name`, `cpython`, and `branches` with `branch`, `state` and `since`.
        branches: the branches, oldest first.

    Raises:
        BadRegistryError: they have not that form.
    """
    found = {}
    try:
        for item in features:
            el = {
                series(branch["branch"]): CalVer.parse(branch["since"])
                for branch in item["branches"]
                if branch["state"] == "provided"
            }
            cpython = series(item["cpython"]) if item["cpython"] else None
            found[str(item["name"])] = Known(name=str(item["name"]), cpython=cpython, el=el)
    except (KeyError, TypeError, ValueError) as error:
        raise BadRegistryError(f"features of another form: {error}") from error
    return Registry(found, branches)
