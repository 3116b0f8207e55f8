"""The site for programs: JSON under `api/` with a schema for each file, Atom feeds, a sitemap."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from elpython.site.safety import safety_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elpython.site.data import Data

__all__ = ["SCHEMAS", "api_files", "atom", "sitemap"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_DAY = {"type": "string", "format": "date"}
_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
_COUNT = {"type": "integer", "minimum": 0}


def _object(**properties: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON schemas
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _many(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


_VULNERABILITY = _object(
    id=_TEXT, state={"enum": ["fixed", "affected", "not affected", "refused", "unknown"]},
    title=_TEXT, severity=_TEXT, public=_TEXT, because=_TEXT, change=_TEXT, tests=_many(_TEXT),
)  # fmt: skip
_BRANCH = _object(
    branch=_TEXT, base=_TEXT, version=_TEXT, release=_DAY, is_out=_FLAG, lts=_FLAG,
    upstream_end_of_life=_DAY, end_of_life=_DAY, supported=_FLAG, changes=_COUNT,
    vulnerabilities=_object(open=_COUNT, fixed=_COUNT, refused=_COUNT, not_affected=_COUNT,
                            checked=_TEXT),
)  # fmt: skip
SCHEMAS: Mapping[str, dict[str, Any]] = {
    "index": _object(as_of=_DAY, files=_many(_object(path=_TEXT, title=_TEXT, schema=_TEXT))),
    "branches": _object(as_of=_DAY, branches=_many(_BRANCH)),
    "releases": _object(as_of=_DAY, releases=_many(
        _object(version=_TEXT, branch=_TEXT, date=_DAY, phase=_TEXT, is_out=_FLAG, note=_TEXT))),
    "support": _object(as_of=_DAY, support=_many(
        _object(branch=_TEXT, phase=_TEXT, start=_DAY, last_day=_DAY, is_now=_FLAG))),
    "features": _object(as_of=_DAY, features=_many(
        _object(name=_TEXT, title=_TEXT, cpython=_TEXT, branches={
            "type": "object", "additionalProperties": _TEXT}))),
    "advisories": _object(as_of=_DAY, branches=_many(
        _object(branch=_TEXT, checked=_TEXT, vulnerabilities=_many(_VULNERABILITY)))),
}  # fmt: skip
_TITLES = {
    "branches": "Branches: base, release, support, vulnerabilities",
    "releases": "Planned releases",
    "support": "Phases of support",
    "features": "Features beyond the base, by branch",
    "advisories": "Vulnerabilities, by branch",
}


def api_files(data: Data, on: dt.date, branches: Iterable[dict[str, Any]]) -> dict[str, bytes]:
    """Return the files below `api/`.

    Args:
        data: of the site.
        on: the day that the site is of.
        branches: with what the pages know of them (`release`, `is_out`).
    """
    answers = {
        "branches": {"branches": [_branch(one, data, on) for one in branches]},
        "releases": {"releases": _releases(data, on)},
        "support": {"support": _support(data, on)},
        "features": {"features": _features(data)},
        "advisories": {"branches": _advisories(data)},
    }
    files: dict[str, bytes] = {}
    for name, value in answers.items():
        files[f"api/{name}.json"] = _json({"as_of": on.isoformat(), **value})
    rows = [
        {"path": f"{name}.json", "title": _TITLES[name], "schema": f"schemas/{name}.json"}
        for name in answers
    ]
    files["api/index.json"] = _json({"as_of": on.isoformat(), "files": rows})
    for name, schema in SCHEMAS.items():
        title = _TITLES.get(name, "What there is")
        files[f"api/schemas/{name}.json"] = _json({"$schema": _DRAFT, "title": title, **schema})
    return files


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def _branch(one: dict[str, Any], data: Data, on: dt.date) -> dict[str, Any]:
    safety = safety_of(data.status.get(one["branch"], {}))
    keys = ("branch", "base", "version", "release", "is_out", "lts", "upstream_end_of_life",
            "end_of_life", "changes")  # fmt: skip
    return {
        **{key: one[key] for key in keys},
        "supported": one["end_of_life"] >= on.isoformat(),
        "vulnerabilities": {
            "open": len(safety.open),
            "fixed": len(safety.fixed),
            "refused": len(safety.refused),
            "not_affected": safety.not_affected,
            "checked": safety.checked,
        },
    }


def _releases(data: Data, on: dt.date) -> list[dict[str, Any]]:
    return [
        {
            "version": one["version"],
            "branch": one["series"],
            "date": one["date"],
            "phase": one.get("phase", ""),
            "is_out": one["date"] <= on.isoformat(),
            "note": one.get("note", ""),
        }
        for one in data.answers.get("schedule", {}).get("releases", [])
    ]


def _support(data: Data, on: dt.date) -> list[dict[str, Any]]:
    rows = []
    for one in data.answers.get("schedule", {}).get("series", []):
        for span in one.get("phases", []):
            last = dt.date.fromisoformat(span["end"]) - dt.timedelta(days=1)
            rows.append(
                {
                    "branch": one["series"],
                    "phase": span["phase"],
                    "start": span["start"],
                    "last_day": last.isoformat(),
                    "is_now": span["start"] <= on.isoformat() <= last.isoformat(),
                }
            )
    return rows


def _features(data: Data) -> list[dict[str, Any]]:
    return [
        {
            "name": one["name"],
            "title": one["title"],
            "cpython": one["cpython"],
            "branches": {
                row["branch"]: row["since"] or row["state"] for row in one["branches"]
            },
        }
        for one in data.answers.get("features", {}).get("features", [])
    ]  # fmt: skip


def _advisories(data: Data) -> list[dict[str, Any]]:
    keys = ("id", "state", "title", "severity", "public", "because", "change", "tests")
    return [
        {
            "branch": name,
            "checked": str(status.get("checked", "")),
            "vulnerabilities": [
                {key: one.get(key, [] if key == "tests" else "") for key in keys}
                for one in status.get("findings", ())
            ],
        }
        for name, status in data.status.items()
    ]


def atom(title: str, here: str, url: str, on: dt.date, entries: list[dict[str, str]]) -> bytes:
    """Return an Atom feed (RFC 4287).

    Args:
        title: its title.
        here: its path below the site.
        url: the site's address; empty for a feed with relative links.
        on: the day of the site.
        entries: `id`, `title`, `date`, `link`, `text` each.
    """
    stamp = f"{on.isoformat()}T00:00:00Z"
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{escape(title)}</title>",
        f"<id>tag:elpython,2026:{escape(here)}</id>",
        f"<updated>{stamp}</updated>",
        "<author><name>EL Python</name></author>",
        f'<link rel="self" href={quoteattr(url + here)}/>',
    ]
    for one in entries:
        lines += [
            "<entry>",
            f"<id>tag:elpython,2026:{escape(one['id'])}</id>",
            f"<title>{escape(one['title'])}</title>",
            f"<updated>{escape(one['date'])}T00:00:00Z</updated>",
            f"<link href={quoteattr(url + one['link'])}/>",
            f"<summary>{escape(one['text'])}</summary>",
            "</entry>",
        ]
    return ("\n".join([*lines, "</feed>"]) + "\n").encode()


def sitemap(url: str, names: Iterable[str], on: dt.date) -> bytes:
    """Return a sitemap of the pages (sitemaps.org, 0.9); it needs the site's own address."""
    rows = [
        f"<url><loc>{escape(url + name)}</loc><lastmod>{on.isoformat()}</lastmod></url>"
        for name in names
    ]
    head = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return "\n".join(
        ['<?xml version="1.0" encoding="utf-8"?>', head, *rows, "</urlset>\n"]
    ).encode()
