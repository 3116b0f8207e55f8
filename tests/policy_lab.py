"""What the policy is tried on: example repositories with people of their own."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.define.branch import load_all
from elpython.policy.check import check, look_around
from elpython.policy.model import FINDING, PolicyFinding
from examples import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

TODAY = dt.date(2026, 11, 21)

BRANCH = """\
base = "{base}"
el = "27.01.0"
lts = true
upstream-end-of-life = {upstream}
end-of-life = {end}
series = {series}

[[source]]
provider = "local"
file = "base.tar.gz"
sha256 = "{digest}"
"""

PEOPLE = """\
bootstrap = false

[[participant]]
name = "Ann Author"
emails = ["ann@one.example", "ann@home.example"]
organisation = "One"
cla = 2026-01-01

[[participant]]
name = "Bo Brown"
emails = ["bo@one.example"]
organisation = "One"
cla = 2026-01-01

[[participant]]
name = "Cy Clark"
emails = ["cy@two.example"]
organisation = "Two"
cla = 2026-01-01

[[participant]]
name = "Di Dean"
emails = ["di@two.example"]
organisation = "Two"

[[participant]]
name = "Ed Early"
emails = ["ed@three.example"]
organisation = "Three"
approves = false
cla = 2026-11-21
"""

APPROVED = """
Approved-by: Bo Brown <bo@one.example>
Approved-by: Cy Clark <cy@two.example>
CLA: Ann Author <ann@one.example>
"""

PATCH = """\
--- a/Lib/spam.py
+++ b/Lib/spam.py
@@ -1 +1 @@
-old
+new
"""

HARMLESS = re.compile(r"^\[\[harmless\]\]\n(?:\w+ = .*\n)+\n", re.MULTILINE)
# A wheel of ensurepip goes, another comes: names of both.
WHEELS = """\
[source]
provider = "index"
to = "Lib/ensurepip/_bundled"
remove = ["Lib/ensurepip/_bundled/{old}"]

[[source.files]]
name = "{new}"
sha256 = "{digest}"
"""

GOOD = 'first-in = "3.11.0"\nissues = ["gh-100"]\n'


@dataclass
class Lab:
    """A repository with branches 3.9 and 3.11, in which every rule is kept at first."""

    root: Path
    series: dict[str, list[str]]

    @property
    def branches(self) -> Path:
        return self.root / "branches"

    def write(self, name: str, base: str, *, upstream: str = "2030-01-01") -> None:
        folder = self.branches / name
        folder.mkdir(parents=True, exist_ok=True)
        series = str(self.series.setdefault(name, [])).replace("'", '"')
        text = BRANCH.format(
            base=base, upstream=upstream, end="2033-01-31", series=series, digest="0" * 64
        )
        (folder / "branch.toml").write_text(text)

    def harmless(self, *names: str) -> None:
        """Name something harmless in the policy."""
        path = self.branches / "policy.toml"
        rows = "".join(
            f'[[harmless]]\nwhat = "{name}"\nreason = "no other file has it compiled in"\n\n'
            for name in names
        )
        path.write_text(path.read_text() + rows)

    def add_wheels(self, place: str, old: str, new: str) -> None:
        """Write a change that replaces a wheel of ensurepip, and declares it."""
        self.add(place)
        branch, _, name = place.partition("/")
        bundled = "stdlib/ensurepip/_bundled"
        source = WHEELS.format(old=old, new=new, digest="0" * 64)
        (self.branches / branch / "changes" / f"{name}.toml").write_text(
            f'title = "Change {name}"\nkind = "bugfix"\n'
            f'declares = ["layout:-{bundled}/{old}", "layout:+{bundled}/{new}"]\n'
            f"[upstream]\n{GOOD}\n{source}"
        )

    def add(
        self,
        place: str,
        *,
        kind: str = "bugfix",
        upstream: str = GOOD,
        top: str = "",
        notes: str = "",
        patch: str = PATCH,
        shown: bool = True,
    ) -> None:
        """Write a change, `3.9/one`, put it at its series' end, and record that a test shows it."""
        branch, _, name = place.partition("/")
        folder = self.branches / branch
        if branch != "core":
            folder /= "changes"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.patch").write_text(patch)
        (folder / f"{name}.toml").write_text(
            f'title = "Change {name}"\nkind = "{kind}"\n{top}\n'
            f'[source]\nprovider = "patch"\npatch = {{ default = "{name}.patch" }}\n'
            f"[upstream]\n{upstream}\n[notes]\n{notes}\n"
        )
        if branch != "core" and name not in self.series[branch]:
            self.series[branch].append(name)
            self.write(branch, {"3.9": "3.9.2", "3.11": "3.11.2"}[branch])
        if branch != "core":
            self.evidence(branch, name, *(["fails"] if shown else ["passes"]))

    def evidence(
        self, branch: str, change: str, base: str, patch_id: str = "0" * 40, ran: int = 1
    ) -> None:
        """Record what a change's tests said on the base; on the branch they pass."""
        path = self.branches / branch / "evidence.json"
        rows = json.loads(path.read_text()) if path.exists() else []
        row = {"change": change, "base": base, "branch": "passes", "ran": ran}
        row |= {"measured": "2026-11-20", "patch_id": patch_id}
        path.write_text(json.dumps([one for one in rows if one["change"] != change] + [row]))

    def git(self, *words: str, author: str = "Ann Author <ann@one.example>") -> str:
        name, _, email = author.rstrip(">").partition(" <")
        env = dict(os.environ) | {"GIT_CONFIG_GLOBAL": os.devnull}
        for role in ("AUTHOR", "COMMITTER"):
            env |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": email}
            env[f"GIT_{role}_DATE"] = "2026-11-20T12:00:00Z"
        argv = ["git", "-C", str(self.root), *words]
        return subprocess.run(argv, env=env, check=True, capture_output=True, text=True).stdout

    def commit(self, trailers: str = APPROVED, author: str = "Ann Author <ann@one.example>") -> str:
        self.git("add", "--all")
        self.git(
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            f"Change it\n\n{trailers.strip()}\n",
            author=author,
        )
        return self.git("rev-parse", "HEAD").strip()

    def told(self, base: str = "", today: dt.date = TODAY) -> list[PolicyFinding]:
        """Everything that the policy says."""
        found, problems = load_all(self.branches)
        assert problems == []
        return check(look_around(self.branches, found, today=today, base=base))

    def findings(self, base: str = "") -> list[tuple[str, str, str]]:
        """Rule, branch and change of each finding (remarks left out)."""
        return [
            (item.rule, item.branch, item.change)
            for item in self.told(base)
            if item.level == FINDING
        ]


def make_lab(root: Path) -> Lab:
    """Make a repository in which every rule is kept: one fix on 3.9, whose newer base has it."""
    made = Lab(root=root, series={})
    (made.branches / "core").mkdir(parents=True)
    (made.branches / "core" / ".keep").write_text("")
    made.write("3.9", "3.9.2")
    made.write("3.11", "3.11.2")
    made.add("3.9/one")
    # Nothing here needs what our own branches need of it: what is harmless and unused is told.
    text = (REPOSITORY / "branches" / "policy.toml").read_text("utf-8")
    (made.branches / "policy.toml").write_text(HARMLESS.sub("", text))
    (made.branches / "maintainers.toml").write_text(PEOPLE)
    made.root.joinpath("README").write_text("")
    made.git("init", "-q", "-b", "main")
    made.commit()
    return made
