"""Prefixes with a newer base, and `upgrade --check`: what is said before anything is built."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest

from elpython.cli.install.newer import losses
from elpython.core.errors import UsageError
from elpython.install import foresee as foresee_module
from elpython.install.errors import BadPrefixError, NoReplacementError
from elpython.install.foresee import foresee
from elpython.install.newer import Lost, refuse_losses
from elpython.install.subject import Subject, has_newer_base, inspect
from elpython.security.watch_source import news_file
from elpython.upstream.news import read_news
from examples import REPOSITORY, find_interpreters

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.store import Store

SCHEMA = REPOSITORY / "docs" / "reference" / "schemas" / "upgrade-check.schema.json"
SECURITY = Lost(release="3.11.4", section="Security", issue="gh-1", text="Close a hole")
LIBRARY = Lost(release="3.11.3", section="Library", issue="gh-2", text="Mend a leak")
NEWS = """\
What's New in Python {release} final?
===================================

*Release date: 2023-12-04*

{section}
{line}

- gh-issue-999999: An entry that nobody has taken.


"""


@pytest.fixture(scope="module")
def present() -> Subject:
    """A real CPython 3.11 that is newer than the branch's base."""
    found = find_interpreters().get("3.11")
    if found is None:
        pytest.skip("needs a CPython 3.11 on this machine")
    try:
        there = inspect(found.resolve().parents[1], "3.11")
    except BadPrefixError as error:
        pytest.skip(f"the CPython 3.11 here cannot be looked at: {error}")
    if not has_newer_base(there, "3.11.2"):
        pytest.skip("needs a CPython later than 3.11.2 on this machine")
    return there


def test_an_older_base_is_refused_where_nobody_knows_what_would_be_lost(present: Subject) -> None:
    with pytest.raises(NoReplacementError, match="what would be lost is unknown") as caught:
        refuse_losses(present, "3.11.2", None)
    assert f"--base-news {present.facts.release}" in caught.value.todo
    assert "elpython branch new" in caught.value.todo


def test_what_would_be_lost_is_told_security_first(present: Subject) -> None:
    with pytest.raises(NoReplacementError, match="4 of its fixes") as caught:
        refuse_losses(present, "3.11.2", [LIBRARY, LIBRARY, LIBRARY, SECURITY])
    assert "3 in Library, 1 in Security" in caught.value.what
    assert caught.value.details[0] == "  3.11.4 Security: gh-1 Close a hole"


def test_an_older_base_is_allowed_where_nothing_would_be_lost(present: Subject) -> None:
    refuse_losses(present, "3.11.2", [])


@pytest.mark.slow
def test_the_branch_is_held_against_the_news_of_what_is_there(
    present: Subject, real_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One entry more than the base has: lost; the same in Tests, or taken by the branch: not."""
    monkeypatch.setenv("ELPYTHON_STORE", str(real_store.root))
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(REPOSITORY / "branches"))
    own = news_file(real_store, REPOSITORY / "branches", "3.11").read_text("utf-8")
    news = tmp_path / "NEWS"

    def lost(section: str, issue: str = "999999") -> list[Lost] | None:
        text = NEWS.format(release=present.facts.release, section=section, line="-" * len(section))
        news.write_text(text.replace("999999", issue) + own)
        assert read_news(news)[0].release == present.facts.release
        return losses(present, "3.11.2", str(news))

    found = lost("Library")
    assert found is not None
    assert [item.issue for item in found] == ["gh-999999"]
    assert lost("Tests") == []
    assert lost("Library", "102281") == [], "the branch has gh-102281"
    news.write_text(own)
    with pytest.raises(UsageError, match="says nothing about CPython"):
        losses(present, "3.11.2", str(news))
    assert losses(present, "3.11.2", "") is None


def check(prefix: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "elpython", "upgrade", str(prefix), "--check", *map(str, words)]
    env = os.environ | {"ELPYTHON_BRANCHES": str(REPOSITORY / "branches")}
    return subprocess.run(argv, capture_output=True, text=True, check=False, env=env)


def test_a_check_says_what_is_in_the_way_and_changes_nothing(present: Subject) -> None:
    beside = set(present.prefix.parent.iterdir())
    done = check(present.prefix, "--to", "3.11", "--json")
    assert done.returncode == 1, done.stderr
    data = json.loads(done.stdout)
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(data)
    found = {item["name"]: item for item in data["found"]}
    assert found["base"]["state"] == "in the way"
    assert "what would be lost is unknown" in found["base"]["note"]
    assert found["contract"]["state"] == "not looked at"
    assert "fixed" in found["vulnerabilities"]["note"]
    assert found["build"]["note"] == "what comes is built as what is there"
    assert set(present.prefix.parent.iterdir()) == beside
    text = check(present.prefix, "--to", "3.11").stdout
    assert "in the way" in text


def test_a_check_of_another_series_and_of_an_archive_that_nobody_signed(
    present: Subject, tmp_path: Path
) -> None:
    done = check(present.prefix, "--to", "3.13", "--json")
    found = {item["name"]: item for item in json.loads(done.stdout)["found"]}
    assert "another series" in found["what comes"]["note"]
    (tmp_path / "python.tar.xz").write_bytes(b"x")
    (tmp_path / "list").write_text("")
    done = check(present.prefix, "--to", tmp_path / "python.tar.xz", "--signers", tmp_path / "list")
    assert done.returncode == 51
    assert "no release.json beside it" in done.stderr


def test_space_rights_and_running_programs_are_looked_at(
    present: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = {item.name: item for item in foresee(present, [])}
    assert states["space"].state == "ready"
    assert "MB needed" in states["space"].note
    monkeypatch.setattr(foresee_module.shutil, "disk_usage", lambda _path: Free())
    monkeypatch.setattr(foresee_module.os, "access", lambda *_words: False)
    monkeypatch.setattr(foresee_module, "users_of", lambda _prefix: ([], 3))
    states = {item.name: item for item in foresee(present, [])}
    assert states["space"].state == "in the way"
    assert "cannot be written" in states["rights"].note
    assert "3 process(es) of other users" in states["running programs"].note


class Free:
    """A full disk."""

    free = 0
