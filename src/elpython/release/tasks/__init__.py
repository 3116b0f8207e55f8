"""The tasks of a release, in order."""

from __future__ import annotations

from elpython.release.model import Task
from elpython.release.tasks import define, describe, finish, make, prove

__all__ = ["TASKS"]

TASKS: tuple[Task, ...] = (
    Task(name="repository", says="all is committed, the version goes on", run=define.repository,
         always=True),
    Task(name="policy", says="the branch keeps to the policy", run=define.policy, always=True),
    Task(name="tree", says="the tree is prepared, and is what was locked", run=define.tree,
         always=True),
    Task(name="series", says="the patches apply one by one, and give the tree", run=define.series),
    Task(name="build", says="the tree builds, and says what it is", run=prove.build),
    Task(name="tests", says="the changes' tests and upstream's pass", run=prove.tests),
    Task(name="contract", says="no promise to the base is broken", run=prove.contract),
    Task(name="needs", says="no package whose needs are kept is broken", run=prove.needs),
    Task(name="cve", says="every vulnerability is fixed or decided", run=prove.cve),
    Task(name="archive", says="the source archive is written", run=make.archive),
    Task(name="sbom", says="SPDX, CycloneDX: every change is a patch in them", run=describe.sbom),
    Task(name="notes", says="release notes and What's New are written", run=describe.notes),
    Task(name="manifest", says="the manifest names every file", run=make.manifest),
    Task(name="sign", says="the manifest is signed", run=make.sign),
    Task(name="verify", says="the archive itself is verified, built and tested", run=finish.verify),
    Task(name="tag", says="the branches' repository gets a tag", run=finish.tag),
)  # fmt: skip
