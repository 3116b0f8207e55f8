"""What a later release has and a branch lacks."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import jsonschema
import pytest

from elpython.core.errors import BadArchiveError, UsageError
from elpython.define.branch import load_branch
from elpython.define.refused import Refusal, read_refusals
from elpython.define.vulnerability import Standing
from elpython.define.vulnerability_read import read_record
from elpython.security.watch import Decisions, counts, watch
from elpython.security.watch_source import news_file
from elpython.upstream.news import NewsEntry, read_news
from examples import BASE_FILES, REPOSITORY, diff, make_archive

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.store import Store
    from elpython.define.change import Change
    from examples import Example

SPAM = BASE_FILES["Lib/spam.py"]
PATCH = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})

OWN = """\
What's New in Python 3.11.2 final?
==================================

Library
-------

- gh-issue-10: An old fix, which the base has too.

- gh-issue-11: The first half of a fix.
"""

NEWER = """\
What's New in Python 3.13.1 final?
==================================

Library
-------

- gh-issue-100: A second fix of the same, found later.

- gh-issue-200: Mend what the fix of gh-100 broke.

Security
--------

- gh-issue-300: Nobody looked at this one yet.

What's New in Python 3.12.0 alpha 3?
====================================

Security
--------

- gh-issue-100: The fix that the branch took.

- gh-issue-101: Bundled for :cve:`2024-2000`.

- gh-issue-102: Another, for CVE-2024-3000, decided by hand.

Core and Builtins
-----------------

- gh-issue-400: A statement out of :pep:`634`.

- gh-issue-10: An old fix, which the   base has *too*.

- gh-issue-11: The other half of a fix.

- gh-issue-11: The first half of a fix.

- gh-issue-500: A thing that was refused by its issue.
"""


def _news(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _upstream(**keys: object) -> str:
    lines = [f"{key.replace('_', '-')} = {json.dumps(value)}" for key, value in keys.items()]
    return "\n[upstream]\n" + "\n".join(lines) + "\n"


def _states(example: Example, tmp_path: Path) -> dict[tuple[str, str], tuple[str, str, str]]:
    example.add("one", PATCH, toml=_upstream(first_in="3.12.0a3", issues=["gh-100"]))
    example.add("two", None, toml=_other(cves=["CVE-2024-2000"]))
    refusals = (
        Refusal(id="match", title="x", reason="no", needs="new opcode", peps=("634",)),
        Refusal(id="thing", title="x", reason="no", needs="not wanted", issues=("gh-500",)),
    )
    standing = Standing(state="not affected", since=dt.date(2026, 1, 1), because="Windows alone")
    branch = example.load()
    found = watch(
        branch,
        Decisions(changes=branch.series, refusals=refusals, standings={"CVE-2024-3000": standing}),
        own=read_news(_news(tmp_path / "own", OWN)),
        newer=read_news(_news(tmp_path / "newer", NEWER)),
    )
    assert [item.section for item in found][:3] == ["Security"] * 3
    assert found[0].release == "3.13.1"
    return {
        (item.issue, item.release): (item.state, item.because.partition(":")[0], item.follows)
        for item in found
    }


def _other(**keys: object) -> str:
    return (
        '\n[source]\nprovider = "distro"\npackage = "python3.11"\nsuites = ["bookworm"]\n'
        'version = "3.11.2-6"\n[[source.patches]]\nname = "x.patch"\n'
        f'sha256 = "{"0" * 64}"\n{_upstream(**keys)}'
    )


def test_each_entry_is_taken_refused_or_new(example: Example, tmp_path: Path) -> None:
    """A later entry of a taken issue, and one that speaks of it, are follow-ups."""
    assert _states(example, tmp_path) == {
        ("gh-300", "3.13.1"): ("new", "", ""),
        ("gh-100", "3.12.0a3"): ("taken", "one", ""),
        ("gh-101", "3.12.0a3"): ("taken", "two", ""),
        ("gh-102", "3.12.0a3"): ("refused", "CVE-2024-3000", ""),
        ("gh-100", "3.13.1"): ("new", "", "one"),
        ("gh-200", "3.13.1"): ("new", "", "one"),
        ("gh-400", "3.12.0a3"): ("refused", "match", ""),
        ("gh-11", "3.12.0a3"): ("new", "", ""),
        ("gh-500", "3.12.0a3"): ("refused", "thing", ""),
    }


def test_a_change_that_has_the_follow_up_says_so_with_first_in(example: Example) -> None:
    """`first-in` names the release up to which an issue's entries are in the change."""
    example.add("one", PATCH, toml=_upstream(first_in="3.13.1", issues=["gh-1"]))
    branch = example.load()
    newer = [
        NewsEntry(release=release, section="Security", issue="gh-1", text=f"in {release}")
        for release in ("3.13.2", "3.13.1", "3.12.0a1")
    ]
    found = watch(branch, Decisions(changes=branch.series), own=[], newer=newer)
    assert [(item.release, item.state) for item in found] == [
        ("3.13.2", "new"), ("3.13.1", "taken"), ("3.12.0a1", "taken"),
    ]  # fmt: skip
    assert counts(found) == {"Security": {"taken": 2, "refused": 0, "new": 1}}


def test_news_comes_from_folder_archive_and_file(example: Example, tmp_path: Path) -> None:
    folder = tmp_path / "source"
    news = _news(folder / "Misc" / "NEWS", NEWER)
    make_archive(tmp_path / "later.tar.gz", {"Misc/NEWS": NEWER})
    for source in (folder, news, tmp_path / "later.tar.gz", "3.11"):
        found = news_file(example.store, example.branches, str(source))
        assert found.name == "NEWS"
    archived = news_file(example.store, example.branches, str(tmp_path / "later.tar.gz"))
    assert archived.read_text() == NEWER
    assert [path.name for path in archived.parent.iterdir()] == ["NEWS"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("3.99", "cannot take '3.99'"),
        ("debian:forky", "name a folder"),
        ("empty", "has no Misc/NEWS"),
    ],
)
def test_other_sources_are_refused(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, told: str
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        news_file(example.store, example.branches, source)
    assert told in str(caught.value)


@pytest.mark.parametrize("broken", ["no news", "no archive"])
def test_a_bad_archive_is_told(example: Example, tmp_path: Path, broken: str) -> None:
    path = tmp_path / "x.tar"
    if broken == "no news":
        with tarfile.open(path, "w") as stream:
            stream.add(REPOSITORY / "LICENSE", "x/LICENSE")
    else:
        path.write_bytes(b"none")
    with pytest.raises(BadArchiveError):
        news_file(example.store, example.branches, str(path))


def _run(example: Example, *words: str) -> subprocess.CompletedProcess[str]:
    env = dict(os.environ)
    env |= {"ELPYTHON_BRANCHES": str(example.branches), "ELPYTHON_STORE": str(example.store.root)}
    argv = [sys.executable, "-m", "elpython", "fix", "news", *words]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


def test_the_command(example: Example, tmp_path: Path) -> None:
    """Exit code 1 as long as a security fix is new; the schema is kept."""
    example.add("one", PATCH, toml=_upstream(first_in="3.13.1", issues=["gh-100"]))
    news = str(_news(tmp_path / "later" / "Misc" / "NEWS", NEWER))
    done = _run(example, "3.11", "--newer", news, "--json")
    data = json.loads(done.stdout)
    schema = REPOSITORY / "docs" / "reference" / "schemas" / "fix-news.schema.json"
    jsonschema.Draft202012Validator(json.loads(schema.read_text())).validate(data)
    assert (done.returncode, data["newer"]) == (1, "3.13.1")
    assert {item["section"] for item in data["entries"]} == {"Security", "Library"}
    shown = _run(example, "3.11", "--newer", news, "--section", "Core and Builtins")
    assert "gh-400" in shown.stdout
    for words in (["--section", "Liberry"], ["--state", "old"]):
        wrong = _run(example, "3.11", "--newer", news, *words)
        assert wrong.returncode == 11
        assert "elpython: " in wrong.stderr


def _as_first_taken(change: Change) -> Change:
    """Return the change as it was before 3.13.0a3's follow-up was taken into it."""
    if change.id != "CVE-2023-27043":
        return change
    return replace(change, first_in="3.13.0a1")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["3.9", "3.11"])
def test_the_real_news_of_3_13(real_store: Store, name: str) -> None:
    """Every security entry is decided, and what followed a security fix or a feature of ours.

    What followed a bug fix or a speed change stands in `followups.toml`. Without one's follow-up,
    that is told as new.
    """
    folder = REPOSITORY / "branches"
    branch = load_branch(folder, name)
    own = read_news(news_file(real_store, folder, name))
    newer = read_news(news_file(real_store, folder, "3.13"))
    decisions = Decisions(
        changes=branch.series,
        refusals=read_refusals(branch.folder),
        standings={key: item.standing(name) for key, item in read_record(folder).by_name().items()},
    )
    found = watch(branch, decisions, own=own, newer=newer)
    kept = {item.id for item in branch.series if item.kind in {"security", "feature", "toggle"}}
    # What upstream did to its tests alone alters nothing for anybody.
    new = [item for item in found if item.state == "new" and item.section != "Tests"]
    assert [item.issue for item in new if item.section == "Security" or item.follows in kept] == []
    taken = {item.because for item in found if item.state == "taken"}
    assert {"CVE-2024-6232", "CVE-2023-24329", "CVE-2024-8088"} <= taken
    before = replace(decisions, changes=[_as_first_taken(change) for change in branch.series])
    found = watch(branch, before, own=own, newer=newer)
    new = [item for item in found if item.state == "new" and item.follows in kept]
    new = [item for item in new if item.section != "Tests"]
    assert {(item.issue, item.release): item.follows for item in new} == {
        ("gh-102988", "3.13.0a3"): "CVE-2023-27043"
    }
