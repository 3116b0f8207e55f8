"""A small release: an example branch, a key, and tasks whose heavy parts are handed in."""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import subprocess
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from elpython.contract.model import ContractReport, Difference, Judged, State, Verdict
from elpython.contract.model import PromiseOutcome as Promised
from elpython.core.store import Store
from elpython.release.checks import Check, Received
from elpython.release.manifest import load
from elpython.release.model import Known, ReleasePlan, TaskOutcome
from elpython.release.parts import OwnParts
from elpython.release.run import Released, ReleaseOptions, release
from elpython.release.tasks import TASKS, finish
from elpython.release.trust import Trust, read_signers
from elpython.security.change_tests import ChangeTests
from elpython.security.status import Status
from examples import BASE_FILES, Example, diff, make_archive

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.contract.environment.check import EnvironmentReport
    from elpython.define.toggles import Toggle
    from elpython.policy.model import PolicyFinding
    from elpython.release.model import ReleaseJob, ReleaseTask

SPAM = BASE_FILES["Lib/spam.py"]

# What a CPython source is for those who build it: a configure that writes a Makefile.
CONFIGURE = """\
#!/bin/sh
prefix=/usr/local
for word; do case $word in --prefix=*) prefix=${word#--prefix=} ;; esac; done
source=$(dirname "$0")
cat > Makefile <<EOF
CC = ${CC:-cc}
all build_all: one.o
one.o: $source/Modules/one.c
\t\\$(CC) -c $source/Modules/one.c -o one.o
install: all
\tmkdir -p \\$(DESTDIR)$prefix/bin \\$(DESTDIR)$prefix/lib/python3.11
\tcp $source/Lib/spam.py \\$(DESTDIR)$prefix/lib/python3.11/spam.py
\tcp $source/Python/elpython_version.h \\$(DESTDIR)$prefix/lib/python3.11/version
\tprintf '#!/bin/sh\\ncat "\\$\\$(dirname "\\$\\$0")/../lib/python3.11/version"\\n' > python
\tinstall -m 755 python \\$(DESTDIR)$prefix/bin/python3.11
EOF
"""
README = """\
EL Python 3.11.2.27.01.0
========================

This is the source of an EL Python.

    ./configure --prefix=/opt/elpython-3.11
"""
FILES = BASE_FILES | {
    "configure": CONFIGURE,
    "LICENSE": "All of it.\n",
    "README.elpython.rst": README,
    "Modules/one.c": "int one(void) { return 1; }\n",
    "Modules/expat/expat.h": (
        "#define XML_MAJOR_VERSION 2\n#define XML_MINOR_VERSION 5\n#define XML_MICRO_VERSION 0\n"
    ),
    "Lib/ensurepip/_bundled/pip-23.0-py3-none-any.whl": "x",
}
HEADER = """\
#define EL_VERSION "@EL_VERSION@"
#define EL_VARIANT "@EL_VARIANT@"
"""

IDENTITY = {
    "cache_tag": "cpython-311",
    "soabi": "cpython-311-x86_64-linux-gnu",
    "magic": "a70d0d0a",
}


def _edit(before: str, after: str) -> str:
    return diff({"Lib/spam.py": before}, {"Lib/spam.py": after})


def git(folder: Path, *words: str) -> str:
    """Run git in a maintainers' repository."""
    who = ["-c", "user.name=One", "-c", "user.email=one@example.org", "-c", "commit.gpgsign=false"]
    argv = ["git", "-C", str(folder), *who, *words]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def make_key(path: Path, who: str) -> str:
    """Make an SSH key; return the line that allows it."""
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", str(path)]
    subprocess.run(words, check=True, capture_output=True)
    kind, key, *_ = path.with_name(f"{path.name}.pub").read_text().split()
    return f'{who} namespaces="elpython-release" {kind} {key}\n'


def fake_build(job: ReleaseJob) -> TaskOutcome:
    """Stand in for a build: minutes of compiling say nothing about tasks and checkpoints."""
    result = {
        "profile": job.plan.profile,
        "compiler": "gcc",
        "identity": IDENTITY | {"variant": job.result("tree")["variant"]},
    }
    return TaskOutcome(result=result)


def fake_proof(_store: object, _received: object, **_rest: object) -> Check:
    """Stand in for building and testing the archive."""
    return Check(name="build", note="stand-in")


def light_tasks() -> tuple[ReleaseTask, ...]:
    """Return the tasks, with the two that compile replaced; all others are the real ones."""
    instead = {"build": fake_build, "verify": functools.partial(finish.verify, prove=fake_proof)}
    return tuple(
        replace(task, run=instead[task.name]) if task.name in instead else task for task in TASKS
    )


FIXED_ONE = Status(id="CVE-2024-1000", state="fixed", because="change two", change="two")


def known_of(status: Status, too_old: str = "") -> Known:
    """What the vulnerability record says where a branch has one vulnerability."""
    statement = {"vulnerability": {"name": status.id}, "status": status.state}
    return Known(
        checked="2026-11-30", too_old=too_old, problems=(), findings=(status,),
        document={"timestamp": "now", "statements": [statement]},
    )  # fmt: skip


# Handed in for `known`: the record itself is asked.
REAL = known_of(FIXED_ONE)


def report_of(*broken: Difference) -> ContractReport:
    """A contract of one promise, kept or broken."""
    judged = tuple(Judged(difference=item, state=State.BROKEN) for item in broken)
    outcome = Promised(
        promise="api", verdict=Verdict.BROKEN if broken else Verdict.KEPT, judged=judged,
        checked=3, gaps=(), notes=(), seconds=0.1, remembered=False,
    )  # fmt: skip
    return ContractReport(base="base", candidate="candidate", outcomes=(outcome,), seconds=0.1)


UNTESTED = ChangeTests(evidence=(), without=("one", "two"))


@dataclass
class Told:
    """What the other parts tell, handed in; a test writes over what it is about.

    Attributes:
        findings: of the policy.
        table, mismatches: of the toggles.
        tests: of the changes.
        report: of the contract.
        reached: whom what differs reaches.
        known: of the vulnerability record.
        asked: the questions, in the order in which they came.
    """

    findings: tuple[PolicyFinding, ...] = ()
    table: tuple[Toggle, ...] = ()
    mismatches: tuple[str, ...] = ()
    tests: ChangeTests = UNTESTED
    report: ContractReport = field(default_factory=report_of)
    reached: EnvironmentReport | None = None
    known: Known = field(default_factory=lambda: known_of(FIXED_ONE))
    asked: list[str] = field(default_factory=list)

    def policy(self, _plan: ReleasePlan) -> tuple[PolicyFinding, ...]:
        self.asked.append("policy")
        return self.findings

    def toggles(self, _plan: ReleasePlan) -> tuple[tuple[Toggle, ...], tuple[str, ...]]:
        self.asked.append("toggles")
        return self.table, self.mismatches

    def change_tests(self, _job: ReleaseJob) -> ChangeTests:
        self.asked.append("tests")
        return self.tests

    def contract(self, job: ReleaseJob) -> ContractReport:
        self.asked.append(f"contract {job.plan.profile}")
        return self.report

    def needs(self, _job: ReleaseJob, _folder: Path, promises: Sequence[str]) -> EnvironmentReport:
        self.asked.append(f"needs {' '.join(promises)}")
        assert self.reached is not None
        return self.reached

    def vulnerabilities(self, plan: ReleasePlan) -> Known:
        self.asked.append("vulnerabilities")
        if self.known is REAL:
            # The sample's folder of advisories is empty: what a release asks of one is tried apart.
            return OwnParts().vulnerabilities(replace(plan, osv=None))
        return self.known


@dataclass
class Sample:
    """A branch ready for its release, in a git repository, with keys."""

    example: Example
    root: Path
    told: Told = field(default_factory=Told)

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def folder(self) -> Path:
        return self.out / "elpython-3.11.2.27.01.0"

    @property
    def key(self) -> Path:
        return self.root / "keys" / "key"

    @property
    def signers(self) -> Path:
        return self.root / "keys" / "signers"

    @property
    def trust(self) -> Trust:
        return Trust(signers=read_signers(self.signers), branches=self.example.branches)

    def received(self, **changed: object) -> Received:
        """The release as if it had been verified; with another manifest where that is asked."""
        manifest = replace(load(self.folder / "release.json"), **changed)
        return Received(folder=self.folder, manifest=manifest, signed=True)

    def plan(self, **changed: object) -> ReleasePlan:
        plan = ReleasePlan(
            branches=self.example.branches,
            branch=self.example.load(),
            to=self.out,
            profile="quick",
            key=self.key,
            signers=self.signers,
            osv=self.root / "osv",
        )
        return replace(plan, **changed)

    def release(self, how: ReleaseOptions | None = None, **changed: object) -> Released:
        how = how or ReleaseOptions(tasks=light_tasks())
        return release(self.plan(**changed), self.example.store, self.told, how)

    def commit(self, message: str = "Change") -> None:
        git(self.example.branches, "add", "-A")
        git(self.example.branches, "commit", "-q", "-m", message)

    def lock(self) -> None:
        from elpython.prepare.series import write_lock

        write_lock(self.example.load(), self.example.prepare())


def settle(path: Path) -> str:
    """Take the time out of a gzip file, so that every sample has the same base; give its sha256."""
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), mtime=0))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_sample(root: Path) -> Sample:
    """Make a branch with three changes, committed and locked, a key and its list of signers."""
    example = Example(root=root, store=Store(root / "store"))
    (example.branches / "core").mkdir(parents=True)
    make_archive(root / "base.tar.gz", FILES)
    example.sha256 = settle(root / "base.tar.gz")
    header = diff({}, {"Python/elpython_version.h": HEADER})
    path = example.add("variant", None, core=True, kind="variant", toml=(
        '\n[source]\nprovider = "patch"\nsubstitute = true\npatch = { default = "variant.patch" }\n'
        '\n[dep3]\nlast-update = 2026-11-21\n'))  # fmt: skip
    path.with_suffix(".patch").write_text(header)
    one = SPAM.replace("return 1", "return 10")
    example.add("one", _edit(SPAM, one), toml="\n[dep3]\nlast-update = 2026-11-21\n")
    more = '\n[upstream]\ncves = ["CVE-2024-1000"]\n\n[dep3]\nlast-update = 2026-11-21\n'
    two = _edit(one, one.replace("return 2", "return 20"))
    example.add("two", two, kind="security", toml=more)
    sample = Sample(example=example, root=root)
    (root / "osv").mkdir()
    sample.key.parent.mkdir()
    sample.signers.write_text(make_key(sample.key, "release@example.org"))
    sample.lock()
    git(example.branches, "init", "-q", "-b", "main")
    sample.commit("Begin")
    return sample


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a release's manifest as it is."""
    data: dict[str, Any] = json.loads((folder / "release.json").read_text())
    return data
