"""A pending branch is opened from the first place that gives its base, or stays as it is."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from elpython.cli import cli
from elpython.core.errors import BadBranchError, SourceUnavailableError
from elpython.core.report import Reporter
from elpython.define.branch import branch_names, load_branch
from elpython.define.pending import load_pending
from elpython.prepare.new_branch import Opening, open_branch, pending_branch
from elpython.prepare.pending_base import pending_base
from elpython.prepare.series import read_lock
from examples import BASE_FILES, Example, diff, make_archive

if TYPE_CHECKING:
    from pathlib import Path

SPAM = BASE_FILES["Lib/spam.py"]
ONE = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})
OTHER = diff({"Lib/spam.py": "x = 1\n"}, {"Lib/spam.py": "x = 2\n"})
LATER = {**BASE_FILES, "Include/patchlevel.h": '#define PY_VERSION "3.12.1"\n'}
TEXT = """\
base = "3.12.1"
el = "26.01.0"
first = "26.01.0"
lts = false
upstream-end-of-life = 2028-10-31
end-of-life = 2028-10-31

series = ["variant"]

[pending]
because = "a reason"
tried-on = "something"

[pending.left-out]
other = "another reason"

[[source]]
provider = "python-org"
url = "http://127.0.0.1:1/away"
file = "Python-3.12.1.tar.xz"

[[source]]
provider = "local"
file = "{file}"
sha256 = "{sha256}"

[build]
shared = true
"""


def write_pending(example: Example, *, sha256: str = "", patch: str = ONE) -> Path:
    example.add("variant", patch, core=True)
    path = example.add("other", OTHER, core=True)
    path.write_text("optional = true\n" + path.read_text())
    example.series = ["variant"]
    example.write()
    archive = example.root / "later.tar.gz"
    digest = make_archive(archive, LATER, "Python-3.12.1")
    file = example.branches / "3.12" / "pending.toml"
    file.parent.mkdir()
    file.write_text(TEXT.format(file=archive, sha256=sha256 or digest))
    return file


def open_it(example: Example, told: list[str]) -> bool:
    """Open the pending branch; give whether nothing needs a hand."""
    pending = pending_branch(example.branches, "3.12")
    assert pending is not None
    taken = pending_base(example.store, pending, reporter=Reporter(say=told.append))
    opening = Opening(
        branches=example.branches, name="3.12", base=pending.branch.base, archive="",
        today=dt.date(2026, 12, 1),
    )  # fmt: skip
    return not open_branch(example.store, opening, taken).needing


def test_it_is_opened_as_it_is_defined(example: Example) -> None:
    """The place that was out of reach and has no digest is gone; nothing is pinned unseen."""
    file = write_pending(example)
    assert open_it(example, [])
    assert not file.exists()
    assert branch_names(example.branches) == ["3.11", "3.12"]
    branch = load_branch(example.branches, "3.12")
    assert [change.id for change in branch.series] == ["variant"]
    assert [source.provider for source in branch.sources] == ["local"]
    assert (str(branch.el), branch.build.shared) == ("27.01.0", True)
    assert "pending" not in (file.parent / "branch.toml").read_text()
    assert load_pending(example.branches) == ([], [])


def test_it_stays_pending_where_a_change_needs_a_hand(example: Example) -> None:
    file = write_pending(example, patch=OTHER)
    before = file.read_text()
    assert not open_it(example, [])
    assert [path.name for path in file.parent.iterdir()] == ["pending.toml"]
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("sha256", "reason"), [("", "there is no such file"), ("12" * 32, "sha256 is ")]
)
def test_it_stays_pending_where_no_place_gives_the_base(
    example: Example, sha256: str, reason: str
) -> None:
    """Out of reach, gone, or of another content than the digest names."""
    file = write_pending(example, sha256=sha256)
    if not sha256:
        (example.root / "later.tar.gz").unlink()
    with pytest.raises(SourceUnavailableError, match="stays pending") as caught:
        open_it(example, [])
    told = "\n".join(caught.value.details)
    assert "python-org: out of reach" in told
    assert reason in told or not sha256
    assert "--archive FILE" in caught.value.todo
    assert [path.name for path in file.parent.iterdir()] == ["pending.toml"]


def test_an_archive_of_another_release_is_not_taken(example: Example) -> None:
    file = write_pending(example)
    files = {**BASE_FILES, "Include/patchlevel.h": '#define PY_VERSION "3.12.2"\n'}
    archive = example.root / "later.tar.gz"
    digest = make_archive(archive, files, "Python-3.12.2")
    file.write_text(TEXT.format(file=archive, sha256=digest))
    with pytest.raises(SourceUnavailableError, match="stays pending") as caught:
        open_it(example, [])
    assert "is CPython 3.12.2, not 3.12.1" in "\n".join(caught.value.details)


def test_its_problems_come_first(example: Example) -> None:
    file = write_pending(example)
    file.write_text(file.read_text().replace("because", "why"))
    with pytest.raises(BadBranchError, match=r"pending\.because: is missing"):
        pending_branch(example.branches, "3.12")


def test_the_command_opens_and_locks_it(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pending(example)
    monkeypatch.chdir(example.root)
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(example.branches))
    monkeypatch.setenv("ELPYTHON_STORE", str(example.store.root))
    listed = CliRunner().invoke(cli, ["branch", "list"])
    assert "pending: written, not open, in no release" in listed.stdout
    linted = CliRunner().invoke(cli, ["branch", "lint", "--no-content"])
    assert "pending, their files alone: 3.12; nobody has prepared them" in linted.stdout
    refused = CliRunner().invoke(cli, ["branch", "prepare", "3.12"])
    assert refused.exit_code != 0
    done = CliRunner().invoke(cli, ["branch", "lock", "3.12"])
    assert done.exit_code == 0, done.output
    assert "variant: applies" in done.stdout
    assert set(read_lock(load_branch(example.branches, "3.12"))) == {"base", "variant"}
    assert CliRunner().invoke(cli, ["branch", "prepare", "3.12"]).exit_code == 0


def test_a_written_patch_that_does_not_apply_is_merged_anew(example: Example) -> None:
    """The merge begins with what the older branch has, not with the patch for the new base."""
    file = write_pending(example)
    core = example.branches / "core"
    (core / "variant@3.12.patch").write_text(OTHER)
    toml = core / "variant.toml"
    toml.write_text(
        toml.read_text().replace(
            '{ default = "variant.patch" }',
            '{ default = "variant.patch", "3.12" = "variant@3.12.patch" }',
        ).replace('provider = "patch"', 'provider = "patch"\nsubstitute = true')
    )  # fmt: skip
    assert open_it(example, [])
    assert not file.exists()
    assert "return 10" in (core / "variant@3.12.patch").read_text()
