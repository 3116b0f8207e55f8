"""The site's pages, from its data."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from elpython.core.version import release_day
from elpython.site.data import OWN
from elpython.site.safety import safety_of
from elpython.site.shapes import shape, told
from elpython.site.speed import bars_of, chart_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elpython.site.data import Data

__all__ = ["ADVISORIES", "render"]

# The folder of the advisories, with a page, an OSV record and a CSAF document each.
ADVISORIES = "advisories"
NEWEST = 60  # entries of a feed
HORIZON = timedelta(days=366)  # how long before its day a due release is told of
KINDS = ("security", "bugfix", "feature", "performance", "toggle", "variant")
TITLES = {
    "branches": "Branches",
    "downloads": "Downloads",
    "features": "Features",
    "schedule": "Schedule",
    "support": "Support windows",
    "freezes": "Distributions",
}


def render(
    data: Data,
    on: date,
    url: str = "",
    *,
    manual: Mapping[str, bytes] | None = None,
    advisories: Mapping[str, bytes] | None = None,
) -> dict[str, bytes]:
    """Return all pages of a site: name below its folder -> content.

    Args:
        data: as `elpython.site.data.read` returns it.
        on: the day for which "next", "due" and "supported" are told.
        url: the site's own address, for feeds and the sitemap; without it there is no sitemap.
        manual: pages of the documentation, as `elpython.site.manual.manual` returns them.
        advisories: what `elpython fix advisories` wrote: name below its folder -> content.
    """
    from elpython.core.html import environment
    from elpython.site.api import api_files, sitemap
    from elpython.site.links import link_of, links_of

    templates = environment("elpython.site")
    templates.globals.update(links_of=links_of, link_of=link_of)
    url = url.rstrip("/") + "/" if url else ""
    shared = {
        "navigation": _navigation(data, manual=bool(manual), advisories=bool(advisories)),
        "advisories": _advisory_pages(advisories or {}),
        "on": on,
        "data": data,
        "today": on.isoformat(),
    }
    pages: dict[str, bytes] = {}
    branches = _branches(data, on)

    def add(name: str, template: str, **values: Any) -> None:  # noqa: ANN401 - a template's values
        text = templates.get_template(template).render(**shared, here=name, **values)
        pages[name] = text.encode("utf-8")

    coming = _coming(data, on)
    features = data.answers.get("features", {"branches": [], "features": []})
    names = [one["branch"] for one in branches if one["branch"] in data.speed]
    counted = {name: data.speed[name] for name in names}
    add("index.html", "index.html.j2", coming=coming, branches=branches, features=features,
        speed=chart_of(counted))  # fmt: skip
    if "branches" in data.answers:
        add("branches.html", "branches.html.j2", branches=branches,
            pending=data.answers.get("pending", []))  # fmt: skip
    for name, value in data.branches.items():
        own = next((one for one in branches if one["branch"] == name), {})
        safety = safety_of(data.status[name]) if name in data.status else None
        add(f"branch-{name}.html", "branch.html.j2", branch=value, kinds=_by_kind(value),
            own=own, safety=safety, bars=bars_of(data.speed.get(name, [])))  # fmt: skip
    if "downloads" in data.answers:
        add("downloads.html", "downloads.html.j2", offered=data.answers["downloads"])
    if "features" in data.answers:
        add("features.html", "features.html.j2", features=features)
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
    pages |= {f"manual/{name}": content for name, content in (manual or {}).items()}
    pages |= {f"{ADVISORIES}/{name}": content for name, content in (advisories or {}).items()}
    pages |= data.files | api_files(data, on, branches)
    pages |= _feeds(data, on, url, _advisory_pages(advisories or {}))
    if url:
        pages["sitemap.xml"] = sitemap(url, sorted(n for n in pages if n.endswith(".html")), on)
    return pages


def _advisory_pages(advisories: Mapping[str, bytes]) -> dict[str, str]:
    """Return vulnerability -> its page, of those that have an advisory."""
    names = (PurePosixPath(name) for name in advisories)
    return {
        name.stem: f"{ADVISORIES}/{name}"
        for name in names
        if name.parent.name == "pages" and name.suffix == ".html"
    }


def _feeds(data: Data, on: date, url: str, advisories: Mapping[str, str]) -> dict[str, bytes]:
    """Return the feeds: releases that are out or due, and vulnerabilities of all branches."""
    from elpython.site.api import atom

    releases = [
        {
            "id": f"release/{one['version']}",
            "title": f"EL Python {one['version']}"
            + ("" if one["date"] <= on.isoformat() else f" is due on {one['date']}"),
            "date": _known_since(one["date"], on),
            "link": f"branch-{one['series']}.html"
            if one["series"] in data.branches
            else "schedule.html",
            "text": one.get("note", "") or f"{one.get('phase', '')} release of {one['series']}",
        }
        for one in data.answers.get("schedule", {}).get("releases", [])[:NEWEST]
    ]
    found = [
        {
            "id": f"vulnerability/{name}/{one['id']}",
            "title": f"{one['id']} in EL Python {name}: {one['state']}",
            "date": str(one.get("since") or one.get("public") or on.isoformat()),
            "link": advisories.get(str(one["id"]), f"branch-{name}.html#{one['id']}"),
            "text": str(one.get("title", "")),
        }
        for name, status in data.status.items()
        for one in status.get("findings", ())
        if one.get("state") in {"fixed", "affected", "unknown"}
    ]
    found.sort(key=lambda one: (one["date"], one["id"]), reverse=True)
    return {
        "releases.atom": atom("EL Python releases", "releases.atom", url, on, releases),
        "vulnerabilities.atom": atom("EL Python vulnerabilities", "vulnerabilities.atom", url, on,
                                     found[:NEWEST]),
    }  # fmt: skip


def _known_since(day: str, on: date) -> str:
    """Return when a feed's entry on a release last changed: the day it came out, or was in sight.

    A due release that bore today's date would be news for every reader every day.
    """
    if day <= on.isoformat():
        return day
    return min(date.fromisoformat(day) - HORIZON, on).isoformat()


def _navigation(data: Data, *, manual: bool, advisories: bool) -> list[tuple[str, str]]:
    """Return the links that every page has: address and text."""
    own = [(f"{name}.html", TITLES[name]) for name in OWN if name in data.answers]
    others = [(f"part-{name}.html", told(name).capitalize()) for name in data.others]
    book = [("manual/index.html", "Manual")] if manual else []
    told_flaws = [(f"{ADVISORIES}/index.html", "Advisories")] if advisories else []
    return [("index.html", "Start"), *own, *told_flaws, *others, *book]


def _coming(data: Data, on: date) -> list[dict[str, Any]]:
    """Return the planned releases that are still to come."""
    releases = data.answers.get("schedule", {}).get("releases", [])
    return [one for one in releases if date.fromisoformat(one["date"]) >= on]


def _branches(data: Data, on: date) -> list[dict[str, Any]]:
    """Return the branches with their changes by kind, the day of their release, their safety."""
    days = {
        one["version"]: one["date"] for one in data.answers.get("schedule", {}).get("releases", [])
    }
    found = []
    for one in data.answers.get("branches", []):
        day = days.get(one["version"]) or _release_day(one["version"])
        status = data.status.get(one["branch"])
        found.append(
            {
                **one,
                "kinds": _by_kind(data.branches.get(one["branch"], {})),
                "release": day,
                "is_out": day <= on.isoformat(),
                "safety": safety_of(status) if status else None,
            }
        )
    return found


def _release_day(version: str) -> str:
    """Return the planned day of an EL version that the schedule shown does not reach back to."""
    year, month = (int(part) for part in version.split(".")[3:5])
    return release_day(2000 + year, month).isoformat()


def _by_kind(branch: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Group a branch's changes by kind, security first; kinds without changes are left out."""
    series = branch.get("series", [])
    found = {kind: [one for one in series if one.get("kind") == kind] for kind in KINDS}
    rest = [one for one in series if one.get("kind") not in KINDS]
    return {kind: ones for kind, ones in {**found, "other": rest}.items() if ones}
