"""The tasks of a release, in order."""

from __future__ import annotations

from elpython.release.model import ReleaseTask
from elpython.release.tasks import define, describe, finish, make, prove

__all__ = ["TASKS"]

TASKS: tuple[ReleaseTask, ...] = (
    ReleaseTask(
        name="repository",
        says="all is committed, the version goes on",
        run=define.repository,
        always=True,
    ),
    ReleaseTask(
        name="policy", says="the branch keeps to the policy", run=define.policy, always=True
    ),
    ReleaseTask(
        name="tree",
        says="the tree is prepared, and is what was locked",
        run=define.tree,
        always=True,
    ),
    ReleaseTask(
        name="series", says="the patches apply one by one, and give the tree", run=define.series
    ),
    ReleaseTask(name="build", says="the tree builds, and says what it is", run=prove.build),
    ReleaseTask(name="tests", says="the changes' tests and upstream's pass", run=prove.tests),
    ReleaseTask(name="contract", says="no promise to the base is broken", run=prove.contract),
    ReleaseTask(name="needs", says="no package whose needs are kept is broken", run=prove.needs),
    ReleaseTask(name="cve", says="every vulnerability is fixed or decided", run=prove.cve),
    ReleaseTask(name="archive", says="the source archive is written", run=make.archive),
    ReleaseTask(
        name="sbom", says="SPDX, CycloneDX: every change is a patch in them", run=describe.sbom
    ),
    ReleaseTask(name="notes", says="release notes and What's New are written", run=describe.notes),
    ReleaseTask(name="manifest", says="the manifest names every file", run=make.manifest),
    ReleaseTask(name="sign", says="the manifest is signed", run=make.sign),
    ReleaseTask(
        name="verify", says="the archive itself is verified, built and tested", run=finish.verify
    ),
    ReleaseTask(name="tag", says="the branches' repository gets a tag", run=finish.tag),
)
