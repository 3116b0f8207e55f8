"""Make the data files of this package: `python -m elpython.schedule.refresh FACTS.json`.

FACTS.json holds, as gathered in August 2026:

- the releases of CPython with true and expected dates, from the PEPs repository's
  `release_management/python-releases.toml` (public domain, CC0);
- releases of Ubuntu, Debian and Fedora from endoflife.date (MIT), and their freezes from the
  distributions' own schedules, or, where these are gone, from press announcements of them.

RHEL's releases are below, from endoflife.date. The days of its public betas, which stand for a
freeze, were not compared with Red Hat's announcements: their basis says `unconfirmed beta`.
"""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from statistics import median_low
from typing import Any

from elpython.schedule.dates import month_end

__all__ = ["cpython", "distributions", "main"]

DATA = Path(__file__).with_name("data")
SINCE = date(2014, 1, 1)
# Which freeze keeps a new Python out of a distribution.
FREEZES = {
    "Ubuntu": ("feature_freeze",),
    "Debian": ("transition_freeze", "transition_toolchain_freeze"),
    "Fedora": ("beta_freeze",),
}
RHEL = (
    ("7", "2014-06-10", "2024-06-30", "2013-12-11"),
    ("8", "2019-05-07", "2029-05-31", "2018-11-14"),
    ("9", "2022-05-18", "2032-05-31", "2021-11-03"),
    ("10", "2025-05-20", "2035-05-31", "2024-11-13"),
)


def cpython(facts: dict[str, Any]) -> dict[str, Any]:
    """Give the Python 3 series with their releases.

    Ends of life of series that are still supported are published as a month: the data names its
    first day, and means its last.
    """
    series = {}
    for name, entry in facts["cpython"]["series"].items():
        meta = entry["metadata"]
        if not name.startswith("3."):
            continue
        ends = date.fromisoformat(meta["end_of_life"])
        if meta["status"] != "end-of-life" and ends.day == 1:
            ends = month_end(ends)
        series[name] = {
            "first_release": meta["first_release"],
            "end_of_bugfix": meta["end_of_bugfix"],
            "end_of_life": ends.isoformat(),
            "releases": [[one["version"], one["date"], one["state"]] for one in entry["releases"]],
        }
    return {"source": facts["cpython"]["source"], "as_of": "2026-08", "series": series}


def distributions(facts: dict[str, Any]) -> dict[str, Any]:
    """Give the distributions' releases with the freeze that keeps a new Python out.

    A freeze that is not known is estimated: the distribution's middle known distance between
    freeze and release.
    """
    rows: list[dict[str, Any]] = []
    for name, keys in FREEZES.items():
        known = _freezes(facts, name.lower(), keys)
        entries = [
            entry
            for entry in facts["endoflife_date"][name.lower()]
            if date.fromisoformat(entry["releaseDate"]) >= SINCE
        ]
        lengths = [
            (date.fromisoformat(entry["releaseDate"]) - known[entry["cycle"]][0]).days
            for entry in entries
            if entry["cycle"] in known
        ]
        for entry in entries:
            released = date.fromisoformat(entry["releaseDate"])
            estimate = (released - timedelta(days=median_low(lengths)), "estimated")
            freeze, basis = known.get(entry["cycle"], estimate)
            rows.append(
                {
                    "distribution": name,
                    "version": entry["cycle"],
                    "release": entry["releaseDate"],
                    "end_of_life": entry["eol"],
                    "freeze": freeze.isoformat(),
                    "freeze_basis": basis,
                    "long_term": bool(entry.get("lts")) or name == "Debian",
                }
            )
    fields = ("version", "release", "end_of_life", "freeze")
    rows += [
        {
            "distribution": "RHEL",
            **dict(zip(fields, row, strict=True)),
            "freeze_basis": "unconfirmed beta",
            "long_term": True,
        }
        for row in RHEL
    ]
    rows.sort(key=lambda row: (row["freeze"], row["distribution"]))
    return {"source": facts["endoflife_date"]["source"], "as_of": "2026-08", "releases": rows}


def _freezes(
    facts: dict[str, Any], name: str, keys: tuple[str, ...]
) -> dict[str, tuple[date, str]]:
    """Give the known freezes of a distribution: cycle -> (day, basis)."""
    entries = facts["freezes"]["fedora_plan" if name == "fedora" else name]
    found = {}
    for title, entry in entries.items():
        day = next((entry[key] for key in keys if key in entry), None)
        if day:
            basis = "announced" if name == "debian" else "planned"
            found[title.split()[0]] = (date.fromisoformat(day), basis)
    return found


def main(argv: list[str]) -> int:
    """Write both data files from the facts file named on the command line."""
    facts = json.loads(Path(argv[0]).read_text("utf-8"))
    for name, value in (("cpython", cpython(facts)), ("distributions", distributions(facts))):
        text = json.dumps(value, indent=1, ensure_ascii=False)
        (DATA / f"{name}.json").write_text(text + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
