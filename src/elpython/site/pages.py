"""The site's pages, from its data."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from elpython.site.data import OWN
from elpython.site.shapes import shape, told

if TYPE_CHECKING:
    from elpython.site.data import Data

__all__ = ["render"]

UPCOMING = 8  # releases on the first page
KINDS = ("security", "bugfix", "feature", "performance", "toggle", "variant")
TITLES = {"branches": "Branches", "schedule": "Schedule", "support": "Support windows",
          "freezes": "Distributions"}  # fmt: skip


def render(data: Data, on: date) -> dict[str, bytes]:
    """Give all pages of a site: name below its folder -> content.

    Args:
        data: as `elpython.site.data.read` gives it.
        on: the day for which "next" and "supported" are told.
    """
    from elpython.core.html import environment

    templates = environment("elpython.site")
    navigation = _navigation(data)
    shared = {"navigation": navigation, "on": on, "data": data}
    pages: dict[str, bytes] = {}

    def add(name: str, template: str, **values: Any) -> None:  # noqa: ANN401 - a template's values
        text = templates.get_template(template).render(**shared, here=name, **values)
        pages[name] = text.encode("utf-8")

    coming = _coming(data, on)
    add("index.html", "index.html.j2", coming=coming[:UPCOMING], branches=_branches(data))
    if "branches" in data.answers:
        add("branches.html", "branches.html.j2", branches=_branches(data))
    for name, value in data.branches.items():
        add(f"branch-{name}.html", "branch.html.j2", branch=value, kinds=_by_kind(value))
    if "schedule" in data.answers:
        add("schedule.html", "schedule.html.j2", coming=coming, plan=data.answers["schedule"])
    if "support" in data.answers:
        add("support.html", "support.html.j2", support=data.answers["support"])
    if "freezes" in data.answers:
        add("freezes.html", "freezes.html.j2", rows=data.answers["freezes"]["rows"])
    for name, value in data.others.items():
        add(f"part-{name}.html", "part.html.j2", part=shape(told(name).capitalize(), value))
    for name, content in data.reports.items():
        pages[f"reports/{name}"] = content
    pages |= data.files
    return pages


def _navigation(data: Data) -> list[tuple[str, str]]:
    """Give the links that every page has: address and text."""
    own = [(f"{name}.html", TITLES[name]) for name in OWN if name in data.answers]
    others = [(f"part-{name}.html", told(name).capitalize()) for name in data.others]
    return [("index.html", "Start"), *own, *others]


def _coming(data: Data, on: date) -> list[dict[str, Any]]:
    """Give the planned releases that are still to come."""
    releases = data.answers.get("schedule", {}).get("releases", [])
    return [one for one in releases if date.fromisoformat(one["date"]) >= on]


def _branches(data: Data) -> list[dict[str, Any]]:
    """Give the branches with how many changes of each kind they have."""
    return [
        {**one, "kinds": _by_kind(data.branches.get(one["branch"], {}))}
        for one in data.answers.get("branches", [])
    ]


def _by_kind(branch: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Group a branch's changes by kind, security first; kinds without changes are left out."""
    series = branch.get("series", [])
    found = {kind: [one for one in series if one.get("kind") == kind] for kind in KINDS}
    rest = [one for one in series if one.get("kind") not in KINDS]
    return {kind: ones for kind, ones in {**found, "other": rest}.items() if ones}
