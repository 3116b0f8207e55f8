"""All advisories as a folder for any web server; a document's version rises with its content."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from elpython.core.errors import UsageError
from elpython.core.html import environment
from elpython.core.store import key_of, write_atomic
from elpython.core.strict_json import load_json
from elpython.security.advise.csaf import csaf_document, csaf_name, publisher
from elpython.security.advise.osv import concerns, fixed_version, osv_id, osv_record
from elpython.security.vex import openvex, versioned

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.define.vulnerability import Record, Vulnerability

__all__ = ["Written", "write_advisories"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What was written.

    Attributes:
        advisories: how many vulnerabilities have one.
        changed: the files whose content is another than before.
    """

    advisories: int
    changed: tuple[str, ...]


def _before(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        data = load_json(path.read_text("utf-8"))
    except ValueError as error:
        raise UsageError(
            f"is no JSON: {error}", where=str(path), todo="remove it, or name another folder"
        ) from error
    return data if isinstance(data, dict) else None


def _osv(new: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """Keep the time of the last change where nothing else has changed."""
    if before is not None and key_of(before | {"modified": ""}) == key_of(new | {"modified": ""}):
        return before
    return new


def _plain(document: dict[str, Any]) -> str:
    """Return a CSAF document's content without what tells its version."""
    head = {key: value for key, value in document["document"].items() if key != "tracking"}
    return key_of(document | {"document": head})


def _csaf(new: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    if before is None:
        return new
    if _plain(before) == _plain(new):
        return before
    old, now = before["document"]["tracking"], new["document"]["tracking"]
    number = str(int(old["version"]) + 1)
    entry = {"date": now["current_release_date"], "number": number, "summary": "New statements"}
    now |= {
        "version": number,
        "initial_release_date": old["initial_release_date"],
        "revision_history": [*old["revision_history"], entry],
    }
    return new


def _json(data: object) -> bytes:
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()


def write_advisories(
    record: Record,
    branches: Sequence[Branch],
    folder: Path,
    *,
    now: dt.datetime,
    home: str,
    up: str = "",
) -> Written:
    """Write OSV records, CSAF and OpenVEX documents, an Atom feed and pages.

    Args:
        record: the vulnerability record.
        branches: all branches.
        folder: where to; what an earlier run wrote there tells the versions.
        now: time of the documents that change.
        home: the address under which the folder is served.
        up: the site's first page, as seen from the folder; empty where there is none.
    """
    when = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    files: dict[str, bytes] = {}
    told = [item for item in record.vulnerabilities if concerns(item, branches)]
    modified: dict[str, str] = {}
    for item in told:
        name = f"osv/{osv_id(item)}.json"
        osv = _osv(osv_record(item, branches, modified=when), _before(folder / name))
        modified[item.id] = osv["modified"]
        files[name] = _json(osv)
    places: dict[str, str] = {}
    for item in record.vulnerabilities:
        name = f"csaf/{item.public.year}/{csaf_name(item)}"
        document = _csaf(
            csaf_document(item, branches, when=when, home=home), _before(folder / name)
        )
        places[name.removeprefix("csaf/")] = document["document"]["tracking"][
            "current_release_date"
        ]
        files[name] = _json(document)
    for branch in branches:
        name = f"openvex/{branch.name}.json"
        vex = openvex(branch, record, when=when)
        files[name] = _json(versioned(vex, _before(folder / name)))
    files |= _csaf_index(places, when, home)
    files["atom.xml"] = _atom(told, modified, when).encode()
    files |= _pages(told, branches, modified, up)
    changed = [name for name, data in files.items() if not _same(folder / name, data)]
    for name in changed:
        write_atomic(folder / name, files[name])
    return Written(advisories=len(told), changed=tuple(changed))


def _same(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def _csaf_index(places: dict[str, str], when: str, home: str) -> dict[str, bytes]:
    """Return the files by which a CSAF provider's documents are found (CSAF 2.0, section 7)."""
    changes = sorted(places.items(), key=lambda item: (item[1], item[0]), reverse=True)
    provider = {
        "canonical_url": f"{home}/.well-known/csaf/provider-metadata.json",
        "distributions": [{"directory_url": f"{home}/csaf"}],
        "last_updated": max(places.values(), default=when),
        "list_on_CSAF_aggregators": True,
        "metadata_version": "2.0",
        "mirror_on_CSAF_aggregators": True,
        "publisher": publisher(home),
        "role": "csaf_publisher",
    }
    lines = "".join(f'"{name}","{day}"\n' for name, day in changes)
    return {
        "csaf/index.txt": "".join(f"{name}\n" for name in sorted(places)).encode(),
        "csaf/changes.csv": lines.encode(),
        ".well-known/csaf/provider-metadata.json": _json(provider),
    }


def _atom(told: Sequence[Vulnerability], modified: dict[str, str], when: str) -> str:
    entries = "".join(
        f"<entry><id>urn:elpython:advisory:{escape(item.id)}</id>"
        f"<title>{escape(item.id)}: {escape(item.title)}</title>"
        f'<link href="pages/{escape(item.id)}.html"/><updated>{modified[item.id]}</updated>'
        f"<summary>{escape(item.severity)}</summary></entry>\n"
        for item in sorted(told, key=lambda item: (item.public, item.id), reverse=True)
    )
    newest = max(modified.values(), default=when)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        "<title>EL Python: security advisories</title><id>urn:elpython:advisories</id>\n"
        f"<author><name>The EL Python project</name></author><updated>{newest}</updated>\n"
        f"{entries}</feed>\n"
    )


def _pages(
    told: Sequence[Vulnerability], branches: Sequence[Branch], modified: dict[str, str], up: str
) -> dict[str, bytes]:
    templates = environment("elpython.security.advise")
    page, index = (templates.get_template(f"{name}.html.j2") for name in ("advisory", "index"))
    rows = sorted(told, key=lambda item: (item.public, item.id), reverse=True)
    names = [branch.name for branch in branches]
    first = index.render(title="Security advisories", items=rows, branches=names, up=up)
    files = {"index.html": first.encode()}
    for item in told:
        standings = [
            (branch, item.standing(branch.name), fixed_version(item, branch)) for branch in branches
        ]
        files[f"pages/{item.id}.html"] = page.render(
            title=item.id, item=item, up=up, standings=standings, modified=modified[item.id],
            changes={branch.name: {c.id: c for c in branch.series} for branch in branches},
        ).encode()  # fmt: skip
    return files
