"""Tasks that describe a release: bills of materials, notes, What's New."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from elpython.core.store import file_digest
from elpython.core.toolchain import VERSION
from elpython.release.bundled import bundled
from elpython.release.model import TaskOutcome
from elpython.release.notes import release_notes, whats_new
from elpython.release.sbom import Material, cyclonedx, spdx
from elpython.release.sbom_check import check_cyclonedx, check_spdx

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.release.model import ReleaseJob

__all__ = ["notes", "sbom"]


def _upstream(tree: Path) -> dict[str, Any] | None:
    path = tree / "Misc" / "sbom.spdx.json"
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def sbom(job: ReleaseJob) -> TaskOutcome:
    """Write the bills of materials, every change in them as a patch."""
    plan, found = job.plan, job.result("tree")
    patches = job.result("series")["patches"]
    archive = job.result("archive")["files"][0]
    folder = job.tree().folder
    when = dt.datetime.fromtimestamp(found["epoch"], tz=dt.UTC)
    material = Material(
        name=plan.name,
        version=plan.version,
        base=plan.branch.base,
        base_sha256=plan.branch.sources[0].sha256,
        when=when.isoformat(timespec="seconds"),
        toolchain=VERSION,
        archive=(archive, file_digest(job.folder / archive)),
        changes=[
            (change, patches[change.id], (job.folder / patches[change.id]).read_bytes())
            for change in plan.branch.series
            if change.id in patches
        ],
        tree=folder,
        bundled=bundled(folder),
        upstream=_upstream(folder),
    )
    names = []
    for suffix, document, check in (
        ("spdx", spdx(material), check_spdx),
        ("cdx", cyclonedx(material), check_cyclonedx),
    ):
        check(document)
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        names.append(job.put(f"{plan.name}.{suffix}.json", text))
    return TaskOutcome(result={"files": names}, files=tuple(names))


def notes(job: ReleaseJob) -> TaskOutcome:
    """Write the release notes and What's New, from the changes' own words."""
    plan = job.plan
    remarks = [remark for done in job.done.values() for remark in done.remarks]
    day = job.result("tree")["date"]
    names = (
        job.put("NOTES.md", release_notes(plan.branch, day, remarks)),
        job.put("whatsnew.rst", whats_new(plan.branch)),
    )
    return TaskOutcome(files=names)
