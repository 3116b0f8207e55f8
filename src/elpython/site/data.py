"""The data that a site is made of: JSON files that commands wrote, and their report pages."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elpython.site.errors import BadDataError
from elpython.site.markup import drawing_problems, page_problems

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["OWN", "Data", "read"]

# What the site has pages of its own for; any other JSON file gets a page by its shape.
OWN = ("branches", "downloads", "features", "schedule", "support", "freezes")
# Told on another answer's page.
WITHIN = ("pending",)
BRANCH, STATUS, SPEED = "branch-", "status-", "speed-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What was read.

    Attributes:
        answers: name of a file without its end -> the JSON value in it.
        branches: branch -> what `elpython branch show` tells of it.
        status: branch -> what `elpython fix status` tells of its vulnerabilities.
        speed: branch -> benchmarks with the instructions of base and branch.
        reports: name -> a whole report page, as it was written.
        figures: name -> a figure to be put into a page.
        files: name -> anything else that is only passed on (calendar files).
    """

    answers: dict[str, Any] = field(default_factory=dict)
    branches: dict[str, Any] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)
    speed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    reports: dict[str, bytes] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def others(self) -> dict[str, Any]:
        """Return the answers of other parts, sorted by name."""
        return {
            name: self.answers[name] for name in sorted(self.answers) if name not in OWN + WITHIN
        }


def read(*folders: Path) -> Data:
    """Read data folders; a later folder's file stands for an earlier one's of the same name.

    Raises:
        BadDataError: with every file that cannot be read.
    """
    data, problems = Data(), []
    for folder in folders:
        if not folder.is_dir():
            problems.append(f"{folder}: no such folder")
            continue
        for path in sorted(folder.iterdir()):
            try:
                _take(data, path)
            except (OSError, ValueError) as error:
                problems.append(f"{path}: {error}")
    if problems:
        count = len(problems)
        raise BadDataError(
            f"{count} data file{'s' if count > 1 else ''} cannot be read",
            todo="write them anew with the command's --json",
            details=tuple(problems),
        )
    return data


def _take(data: Data, path: Path) -> None:
    """Put one file where it belongs; what is no data is left out."""
    match path.suffix:
        case ".json":
            value = json.loads(path.read_text("utf-8"))
            if path.stem.startswith(BRANCH):
                data.branches[path.stem.removeprefix(BRANCH)] = value
            elif path.stem.startswith(SPEED):
                data.speed[path.stem.removeprefix(SPEED)] = value
            elif path.stem.startswith(STATUS):
                data.status[path.stem.removeprefix(STATUS)] = value
            else:
                data.answers[path.stem] = value
        case ".html":
            data.reports[path.name] = path.read_bytes()
            _refuse(page_problems(data.reports[path.name]))
        case ".svg":
            data.figures[path.stem] = path.read_text("utf-8")
            _refuse(drawing_problems(data.figures[path.stem]))
        case ".ics":
            data.files[path.name] = path.read_bytes()


def _refuse(found: list[str]) -> None:
    """Raise what of a page or a drawing may not be published with ours."""
    if found:
        raise ValueError(f"may not reach a page: {'; '.join(found[:5])}")
