"""Tasks that make what is published: archive, notes, manifest, signature."""

from __future__ import annotations

import datetime as dt
import platform
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from elpython.core.process import require, run
from elpython.core.store import file_digest
from elpython.core.toolchain import VERSION
from elpython.release.archive import FORMATS, make_archive
from elpython.release.errors import RefusedReleaseError, SigningError
from elpython.release.manifest import BUNDLE, FORMAT, MANIFEST, SIGNATURE, dump, parse
from elpython.release.model import TaskOutcome
from elpython.release.seal import seal
from elpython.release.sign import check_signature
from elpython.release.sign import sign as sign_file
from elpython.release.trust import read_signers

if TYPE_CHECKING:
    from elpython.define.change import Change
    from elpython.release.model import ReleaseJob
    from elpython.upstream import Source

__all__ = ["archive", "manifest", "sign"]


def archive(job: ReleaseJob) -> TaskOutcome:
    """Write the source archive, as xz and as gzip: the same bytes on every machine."""
    found = job.result("tree")
    made = make_archive(
        job.store,
        job.tree().folder,
        found["id"],
        top=job.plan.name,
        epoch=found["epoch"],
        reporter=job.reporter,
    )
    names = tuple(job.put_copy(f"{made.top}.{form}", made.path(form)) for form in FORMATS)
    result = {
        "top": made.top,
        "epoch": made.epoch,
        "members": made.members,
        "tar_sha256": made.tar_sha256,
        "files": list(names),
    }
    return TaskOutcome(result=result, files=names)


def _source(source: Source) -> dict[str, str]:
    data = asdict(source)
    del data["version"]
    return {key: value for key, value in data.items() if value}


def _entry(change: Change, patches: dict[str, str], patch_id: str) -> dict[str, Any]:
    return {
        "id": change.id,
        "title": change.title,
        "kind": change.kind,
        "core": change.core,
        "provider": type(change.code).__name__.removesuffix("Code").lower(),
        "patch": patches.get(change.id, ""),
        "patch_id": patch_id,
        "first_in": change.first_in,
        "issues": list(change.issues),
        "commits": list(change.commits),
        "peps": list(change.pep),
        "cves": list(change.cves),
        "provides": list(change.provides),
        "provisional": change.provisional,
        "toggles": list(change.toggles),
        "declares": list(change.declares),
        "tests": list(change.tests),
        "author": change.author,
        "origin": change.origin,
        "forwarded": change.forwarded,
        "last_update": change.last_update.isoformat() if change.last_update else None,
        "description": change.description.strip(),
    }


def _tools() -> dict[str, str]:
    from elpython.build.build import compiler_line

    git = run([require("git"), "--version"], timeout=60).stdout.split()[-1]
    return {
        "elpython": VERSION,
        "python": platform.python_version(),
        "git": git,
        "compiler": compiler_line(),
        "machine": platform.machine(),
    }


def manifest(job: ReleaseJob) -> TaskOutcome:
    """Write down what the release is made of, and the digest of its every file."""
    plan, tree, built = job.plan, job.result("tree"), job.result("build")
    names = sorted(name for outcome in job.done.values() for name in outcome.files)
    series = job.result("series")
    day = dt.datetime.fromtimestamp(tree["epoch"], tz=dt.UTC).date()
    data = {
        "format": FORMAT,
        "plan": job.key,
        "branch": plan.branch.name,
        "version": plan.version,
        "variant": tree["variant"],
        "date": day.isoformat(),
        "rehearsal": plan.rehearsal,
        "profile": plan.profile,
        "lts": plan.branch.lts,
        "end_of_life": plan.branch.el_end.isoformat(),
        "base": {
            "version": plan.branch.base,
            "sources": [_source(source) for source in plan.branch.sources],
            "commit": tree["base_commit"],
        },
        "tree": {"id": tree["id"], "head": tree["head"]},
        "branches": job.result("repository"),
        "archive": job.result("archive"),
        "series": [
            _entry(change, series["patches"], tree["commits"][change.id][1])
            for change in plan.branch.series
        ],
        "features": _features(plan.branch.series),
        "toggles": _toggles(job),
        "cves": job.result("cve"),
        "contract": job.result("contract"),
        "tests": job.result("tests"),
        "identity": built["identity"],
        "build": {
            "configure": list(plan.branch.build.configure),
            "shared": plan.branch.build.shared,
            "compiler": built["compiler"],
        },
        "tools": _tools(),
        "remarks": [
            f"{task}: {remark}" for task, done in job.done.items() for remark in done.remarks
        ],
        "files": [
            {
                "name": name,
                "sha256": file_digest(job.folder / name),
                "size": (job.folder / name).stat().st_size,
            }
            for name in names
        ],
    }
    text = dump(data)
    parse(text)
    return TaskOutcome(files=(job.put(MANIFEST, text),))


def _features(series: tuple[Change, ...]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "change": change.id,
            "first_in": change.first_in,
            "provisional": change.provisional,
        }
        for change in series
        for name in change.provides
    ]


def _toggles(job: ReleaseJob) -> list[dict[str, Any]]:
    """Return the branch's toggles with their defaults; none where no change has one.

    Raises:
        RefusedReleaseError: the table of toggles and the branch's changes do not agree.
    """
    name = job.plan.branch.name
    if not any(change.toggles for change in job.plan.branch.series):
        return []
    table, problems = job.parts.toggles(job.plan)
    if problems:
        raise RefusedReleaseError(
            f"{len(problems)} problem(s) of the toggles",
            where=f"branch {name}",
            details=tuple(problems[:10]),
            todo=f"elpython branch toggles {name}",
        )
    return [
        {
            "name": item.name,
            "title": item.title,
            "new": item.new,
            "legacy": item.legacy,
            "default": item.default(name),
            "reason": item.defaults[name].reason,
        }
        for item in table
        if name in item.defaults
    ]


def sign(job: ReleaseJob) -> TaskOutcome:
    """Sign the manifest; refuse a key that those who verify would not believe."""
    plan = job.plan
    if plan.key is None:
        remarks = job.refuse(
            RefusedReleaseError(
                "no key is named: nobody could tell who made the release",
                where="--key",
                todo="make one: ssh-keygen -t ed25519 -f release-key",
            ),
            bootstrap=True,
        )
        return TaskOutcome(result={"signed": False}, remarks=remarks)
    path = job.folder / MANIFEST
    name = job.put(SIGNATURE, sign_file(path, plan.key))
    signers = read_signers(plan.signers) if plan.signers else None
    checked = check_signature(path.read_bytes(), (job.folder / name).read_bytes(), signers)
    if plan.signers is not None and not checked.good:
        (job.folder / name).unlink()
        raise SigningError(
            checked.why,
            where=str(plan.key),
            todo=f"take a key that {plan.signers} lists, or have the list changed by its keepers",
        )
    result = {"signed": True, "key": checked.key, "signer": checked.signer}
    remarks = () if plan.signers else ("the allowed signers are not named: --signers",)
    names, more = _seal(job) if plan.sigstore else ((), ())
    return TaskOutcome(result=result, files=(name, *names), remarks=(*remarks, *more))


def _seal(job: ReleaseJob) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Have sigstore sign too; without a network the signature by key stands alone."""
    why = seal(job.folder / MANIFEST, job.folder / BUNDLE)
    return ((), (f"sigstore did not sign: {why}",)) if why else ((BUNDLE,), ())
