"""A rebase sorts every change on the newer base, and writes the branch whole or not at all."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
from click.testing import CliRunner
from packaging.version import Version

from elpython.cli import cli
from elpython.core.errors import (
    BadBranchError,
    ChangeConflictError,
    ElpythonError,
    UsageError,
)
from elpython.core.store import remove_tree
from elpython.define.branch import load_all, load_branch, sources_of
from elpython.define.followups import FollowUp, FollowUps, read_followups, write_followups
from elpython.prepare import apply
from elpython.prepare.new_base import new_base
from elpython.prepare.rebase import write as rebase_write
from elpython.prepare.rebase.defined import defined_names
from elpython.prepare.rebase.model import (
    APPLIES,
    CONFLICTS,
    DROPPED,
    FUZZ,
    IN_BASE,
    RESOLVED,
    Rebase,
    Sorting,
)
from elpython.prepare.rebase.sort import sort_changes
from elpython.prepare.rebase.write import stage
from elpython.prepare.tree import TreeRequest, prepare
from elpython.security.rebased import without_dropped
from examples import BASE_FILES, REPOSITORY, Example, diff, make_archive

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.store import Store

NAMES = ("one", "two", "three", "four", "five", "six")
SPAM = "".join(
    f"def {name}():\n    made = 1\n    value = '{name}'\n    return value\n\n\n" for name in NAMES
)
FILES = {**BASE_FILES, "Lib/spam.py": SPAM}
NEWS = """\
What's New in Python 3.11.4 final?
==================================

*Release date: 2023-06-06*

Security
--------

- gh-104: Refuse what :func:`spam.four` let through.

Library
-------

- gh-105: :func:`spam.five` tells more.
"""


def patch(name: str, new: str) -> str:
    """A patch that gives one of the functions another value."""
    changed = SPAM.replace(f"value = '{name}'", f"value = {new}")
    return diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": changed})


def facts(*issues: str, first: str = "") -> str:
    line = f'first-in = "{first}"\n' if first else ""
    return f"\n[upstream]\nissues = {json.dumps(issues)}\n{line}"


@pytest.fixture
def lab(example: Example) -> Example:
    """A branch of seven changes, and a newer base that has met most of them."""
    example.sha256 = make_archive(example.root / "base.tar.gz", FILES)
    example.add("variant", patch("one", "'@EL_VERSION@'"), core=True, kind="variant")
    toml = example.branches / "core" / "variant.toml"
    toml.write_text(toml.read_text().replace("[source]\n", "[source]\nsubstitute = true\n"))
    example.add("taken", patch("two", "'TWO'"))
    example.add("stays", patch("three", "'THREE'"))
    example.add("named", patch("four", "'FOUR'"), kind="security", toml=facts("gh-104"))
    example.add("clash", patch("five", "'FIVE'"))
    example.add("near", patch("six", "'SIX'"))
    later = SPAM.replace("value = 'two'", "value = 'TWO'")
    later = later.replace("value = 'four'", "value = ('four', 4)")
    later = later.replace("value = 'five'", "value = ('five', 5)")
    # Beside the changed line: a patch's context is gone, yet the lines do not meet.
    later = later.replace("def one():", "def one(*_):")
    later = later.replace("def six():", "def six(*_):")
    files = {
        **FILES,
        "Lib/spam.py": later,
        "Misc/NEWS": NEWS,
        "Include/patchlevel.h": '#define PY_VERSION "3.11.4"\n',
    }
    make_archive(example.root / "Python-3.11.4.tgz", files, "Python-3.11.4")
    return example


def asked(lab: Example, **extra: object) -> Rebase:
    taken = new_base(lab.store, "3.11.4", str(lab.root / "Python-3.11.4.tgz"))
    values = {"branches": lab.branches, "branch": lab.load(), "base": "3.11.4",
              "sources": taken.sources} | extra  # fmt: skip
    return Rebase(**values)  # type: ignore[arg-type]


def states(sorting: Sorting) -> dict[str, str]:
    return {item.change: item.state for item in sorting.placed}


def test_every_change_is_sorted(lab: Example) -> None:
    sorting = sort_changes(lab.store, asked(lab))
    assert states(sorting) == {
        "variant": FUZZ,
        "taken": IN_BASE,
        "stays": APPLIES,
        "named": IN_BASE,
        "clash": CONFLICTS,
        "near": FUZZ,
    }
    by_id = {item.change: item for item in sorting.placed}
    assert by_id["taken"].because == "its lines are there"
    assert by_id["named"].because == "NEWS of 3.11.4 names gh-104"
    (conflict,) = by_id["clash"].conflicts
    assert conflict.hunk.file == "Lib/spam.py"
    assert conflict.hunk.inside == "five"
    assert "('five', 5)" in conflict.hunk.text
    assert conflict.touched[0].startswith("3.11.4 gh-105")
    assert not (lab.store.root / "rebases").exists() or not list(
        (lab.store.root / "rebases").iterdir()
    )


def test_a_patch_that_is_written_anew_keeps_the_words_to_be_replaced(lab: Example) -> None:
    by_id = {item.change: item for item in sort_changes(lab.store, asked(lab)).placed}
    assert b"+    value = '@EL_VERSION@'" in (by_id["variant"].patch or b"")


@pytest.mark.parametrize(
    ("shown", "state"),
    [("passes", IN_BASE), ("fails", CONFLICTS), ("skipped", IN_BASE), ("", IN_BASE)],
)
def test_tests_on_the_base_decide_against_news(lab: Example, shown: str, state: str) -> None:
    sorting = sort_changes(lab.store, asked(lab, tests=lambda _change: shown))
    assert states(sorting)["named"] == state


def test_a_fix_with_a_toggle_is_not_lost_to_the_base(lab: Example) -> None:
    """The base may have the fix; nobody but we have the switch."""
    path = lab.folder / "changes" / "named.toml"
    path.write_text('toggles = ["spam-four"]\n' + path.read_text())
    (item,) = (one for one in sort_changes(lab.store, asked(lab)).placed if one.change == "named")
    assert item.state == CONFLICTS
    assert "not our toggle spam-four" in item.remark


def resolve(lab: Example, how: str) -> Path:
    """Resolve the one conflict, in one of three ways."""
    folder = lab.root / "by-hand"
    sort_changes(lab.store, asked(lab, resolved=folder))
    after = folder / "clash" / "after" / "Lib" / "spam.py"
    assert "<<<<<<<" in after.read_text()
    before = (folder / "clash" / "before" / "Lib" / "spam.py").read_text()
    wanted = before.replace("('five', 5)", "('FIVE', 5)")
    if how == "files":
        after.write_text(wanted)
    elif how == "patch":
        text = diff({"Lib/spam.py": before}, {"Lib/spam.py": wanted})
        (folder / "clash.patch").write_text(text)
    else:
        (folder / "clash" / "dropped").write_text("nobody needs it\n")
    return folder


@pytest.mark.parametrize(
    ("how", "state"), [("files", RESOLVED), ("patch", RESOLVED), ("dropped", DROPPED)]
)
def test_what_a_hand_resolves_is_taken(lab: Example, how: str, state: str) -> None:
    request = asked(lab, resolved=resolve(lab, how))
    sorting = sort_changes(lab.store, request)
    assert states(sorting)["clash"] == state
    staged = stage(lab.store, request, sorting, lab.root / "new" / "branches")
    text = (staged.tree.folder / "Lib" / "spam.py").read_text()
    assert "value = 'TWO'" in text
    assert "value = 'THREE'" in text
    assert "value = '27.01.0'" in text
    assert ("('FIVE', 5)" in text) == (state == RESOLVED)
    branches, problems = load_all(staged.branches)
    assert problems == []
    gone = {"taken", "named"} | ({"clash"} if state == DROPPED else set())
    assert [change.id for change in branches[0].series] == [
        name for name in lab.series if name not in gone
    ]
    assert not list((staged.branches / "3.11" / "changes").glob("taken*"))
    assert branches[0].base == "3.11.4"
    assert str(branches[0].el) == "27.01.0"
    # The branch that was moved is as it was.
    assert lab.load().base == "3.11.2"


def test_the_branch_keeps_what_was_resolved_for_a_base(lab: Example) -> None:
    """Who repeats the rebase needs no folder of their own; afterwards it has served."""
    by_hand = resolve(lab, "patch") / "clash.patch"
    known = lab.folder / "rebase" / "3.11.4"
    known.mkdir(parents=True)
    by_hand.rename(known / "clash.patch")
    request = asked(lab)
    sorting = sort_changes(lab.store, request)
    assert states(sorting)["clash"] == RESOLVED
    staged = stage(lab.store, request, sorting, lab.root / "new" / "branches")
    assert "('FIVE', 5)" in (staged.tree.folder / "Lib" / "spam.py").read_text()
    assert not (staged.branch.folder / "rebase").exists()
    assert (known / "clash.patch").is_file()


def on(lab: Example, files: dict[str, str], **extra: object) -> Rebase:
    """A rebase onto 3.11.5, which has some files."""
    path = lab.root / "Python-3.11.5.tgz"
    level = {"Include/patchlevel.h": '#define PY_VERSION "3.11.5"\n'}
    make_archive(path, FILES | files | level, "Python-3.11.5")
    taken = new_base(lab.store, "3.11.5", str(path))
    return asked(lab, base="3.11.5", sources=taken.sources, **extra)


def made(text: str, name: str, value: str) -> str:
    """Set `made` to another value in one of the functions."""
    head = f"def {name}():\n    made = "
    assert f"{head}1\n" in text
    return text.replace(f"{head}1\n", f"{head}{value}\n")


def test_a_patch_by_hand_says_only_what_needs_a_hand(lab: Example) -> None:
    """Other files are merged; upstream's own test that conflicts as well stays the base's."""
    old = {"Lib/eggs.py": "EGGS = 1\n", "Lib/test/test_spam.py": "EXPECTED = 1\n"}
    lab.sha256 = make_archive(lab.root / "base.tar.gz", {**FILES, **old})
    five = SPAM.replace("value = 'five'", "value = 'FIVE'")
    mine = {"Lib/eggs.py": "EGGS = 2\n", "Lib/test/test_spam.py": "EXPECTED = 2\n"}
    code = diff({"Lib/spam.py": five}, {"Lib/spam.py": made(five, "five", "2")})
    lab.add("wide", code + diff(old, mine))
    newer = {
        **old,
        "Lib/spam.py": made(SPAM, "five", "3"),
        "Lib/test/test_spam.py": "EXPECTED = 3\n",
    }
    folder = lab.root / "by-hand"
    folder.mkdir()
    request = on(lab, newer, chosen=("wide",), resolved=folder)
    wanted = {"Lib/spam.py": made(SPAM, "five", "4")}
    by_hand = folder / "wide.patch"
    by_hand.write_text(diff({"Lib/spam.py": newer["Lib/spam.py"]}, wanted))
    (item,) = sort_changes(lab.store, request).placed
    assert item.state == RESOLVED
    patch = item.patch or b""
    assert b"+EGGS = 2" in patch
    assert b"+    made = 4" in patch
    assert b"EXPECTED" not in patch
    # Of a file that is code it has to say something.
    by_hand.write_text(diff({"Lib/eggs.py": "EGGS = 1\n"}, {"Lib/eggs.py": "EGGS = 2\n"}))
    (item,) = sort_changes(lab.store, request).placed
    assert item.state == CONFLICTS
    assert "does not fit" in item.remark


def test_what_stands_on_top_of_what_the_base_has_is_kept_alone(
    lab: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change takes a fix and lays a switch upon it: the base has the fix, and no switch."""
    before = SPAM.replace("value = 'two'", "value = 'TWO'")
    fixed = made(before, "two", "2")
    taken = diff({"Lib/spam.py": before}, {"Lib/spam.py": fixed}).encode()
    monkeypatch.setattr(apply, "distro_patch", lambda _store, _patch: taken)
    path = lab.add(
        "switch", None, kind="security",
        toml=facts("gh-104", first="3.11.5")
        + '\n[source]\nprovider = "distro"\npackage = "python3.11"\nversion = "3.11.2-6"\n'
        'suites = ["bookworm"]\npatch = { default = "switch.patch" }\n'
        f'[[source.patches]]\nname = "fix.patch"\nsha256 = "{"0" * 64}"\n',
    )  # fmt: skip
    path.write_text('toggles = ["spam-two"]\n' + path.read_text())
    switched = made(before, "two", "2 if new() else 1")
    path.with_suffix(".patch").write_text(diff({"Lib/spam.py": fixed}, {"Lib/spam.py": switched}))
    request = on(lab, {"Lib/spam.py": fixed}, chosen=("switch",))
    (item,) = sort_changes(lab.store, request).placed
    assert item.state == FUZZ
    assert item.because == "the base has what it takes; its own patch on top applies"
    assert b"+    made = 2 if new() else 1" in (item.patch or b"")
    assert item.base_has == "3.11.5 has it first"


def test_half_resolved_files_are_kept_and_asked_for_again(lab: Example) -> None:
    folder = lab.root / "by-hand"
    request = asked(lab, resolved=folder)
    sort_changes(lab.store, request)
    after = folder / "clash" / "after" / "Lib" / "spam.py"
    begun = after.read_text() + "# begun\n"
    after.write_text(begun)
    assert states(sort_changes(lab.store, request))["clash"] == CONFLICTS
    assert after.read_text() == begun


def test_a_core_change_is_not_dropped(lab: Example) -> None:
    folder = lab.root / "by-hand"
    (folder / "variant").mkdir(parents=True)
    (folder / "variant" / "dropped").write_text("why not\n")
    with pytest.raises(BadBranchError, match="every branch carries the core changes"):
        sort_changes(lab.store, asked(lab, resolved=folder))


def test_dropping_takes_a_reason(lab: Example) -> None:
    folder = lab.root / "by-hand"
    (folder / "clash").mkdir(parents=True)
    (folder / "clash" / "dropped").write_text(" \n")
    with pytest.raises(UsageError, match="gives no reason"):
        sort_changes(lab.store, asked(lab, resolved=folder))


def test_conflicts_are_not_written(lab: Example) -> None:
    request = asked(lab)
    target = lab.root / "new" / "branches"
    with pytest.raises(ChangeConflictError, match=r"1 change\(s\) need a hand: clash"):
        stage(lab.store, request, sort_changes(lab.store, request), target)
    assert not target.exists()


def test_nothing_half_written_remains(lab: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the new branch is prepared: the next run begins anew and ends well."""
    request = asked(lab, resolved=resolve(lab, "files"))
    sorting = sort_changes(lab.store, request)
    target = lab.root / "new" / "branches"

    def stop(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rebase_write, "prepare", stop)
        with pytest.raises(KeyboardInterrupt):
            stage(lab.store, request, sorting, target)
    assert not target.exists()
    assert stage(lab.store, request, sorting, target).branch.base == "3.11.4"


def test_followups_to_what_is_gone_go(lab: Example) -> None:
    fact = FollowUp(
        branch="3.11", change="taken", news="0" * 12, issue="gh-1", release="3.12.0",
        state="not needed", reason="it has no such function", how="", text="",
    )  # fmt: skip
    by_named = dataclasses.replace(fact, change="stays", state="taken", reason="named")
    other = dataclasses.replace(by_named, reason="near", news="1" * 12)
    day = dt.date(2026, 12, 1)
    write_followups(lab.branches, FollowUps(checked=day, items=(fact, by_named, other)))
    request = asked(lab, resolved=resolve(lab, "files"))
    staged = stage(lab.store, request, sort_changes(lab.store, request), lab.root / "n" / "b")
    renewed, same = read_followups(staged.branches).items
    assert (renewed.change, renewed.state) == ("stays", "not needed")
    assert "3.11.4, has it, for which named has gone" in renewed.reason
    assert same == other


def test_the_old_base_stays_known_to_who_takes_code_from_it(lab: Example) -> None:
    other = lab.branches / "3.9"
    (other / "changes").mkdir(parents=True)
    text = (lab.folder / "branch.toml").read_text()
    text = text.replace("3.11.2", "3.9.2").replace(str(lab.series).replace("'", '"'), '["takes"]')
    core = lab.branches / "core" / "variant.toml"
    core.write_text("optional = true\n" + core.read_text())
    (other / "branch.toml").write_text(text)
    (other / "changes" / "takes.toml").write_text(
        'title = "Takes"\nkind = "feature"\n\n[source]\nprovider = "release"\n'
        f'version = "3.11.2"\nsha256 = "{"0" * 64}"\n\n[[source.parts]]\npath = "Lib/spam.py"\n'
    )
    request = asked(lab, resolved=resolve(lab, "files"))
    staged = stage(lab.store, request, sort_changes(lab.store, request), lab.root / "n" / "b")
    old = sources_of(staged.branches, "3.11.2")
    assert [source.sha256 for source in old] == [lab.sha256]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--base", "3.12.1"], "is no release of 3.11"),
        (["--base", "3.11.2"], "is no newer than the base"),
        (["--base", "3.11.4", "--archive", "/nowhere.tgz"], "there is no such file"),
        (["--base", "3.11.5", "--archive", "ARCHIVE"], "is CPython 3.11.4, not 3.11.5"),
        (["--base", "3.11.4", "--dry-run", "--in-place"], "choose one"),
    ],
)
def test_wrong_calls(
    lab: Example, monkeypatch: pytest.MonkeyPatch, words: list[str], reason: str
) -> None:
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(lab.branches))
    monkeypatch.setenv("ELPYTHON_STORE", str(lab.store.root))
    given = [word.replace("ARCHIVE", str(lab.root / "Python-3.11.4.tgz")) for word in words]
    done = CliRunner().invoke(cli, ["branch", "rebase", "3.11", *given])
    assert done.exit_code != 0
    assert reason in done.output + str(done.exception)


def test_in_place_replaces_the_branches_in_one_step(
    lab: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(lab.branches))
    monkeypatch.setenv("ELPYTHON_STORE", str(lab.store.root))
    folder = lab.root / "by-hand"
    archive = str(lab.root / "Python-3.11.4.tgz")
    words = ["branch", "rebase", "3.11", "--base", "3.11.4", "--archive", archive]
    words += ["--resolved", str(folder), "--in-place"]
    first = CliRunner().invoke(cli, words, standalone_mode=False)
    assert first.return_value == 1
    assert lab.load().base == "3.11.2"
    (folder / "clash" / "dropped").write_text("nobody needs it\n")
    second = CliRunner().invoke(cli, [*words, "--json"], standalone_mode=False)
    assert second.return_value == 0, second.output
    schema = REPOSITORY / "docs" / "reference" / "schemas" / "branch-rebase.schema.json"
    jsonschema.validate(json.loads(second.stdout), json.loads(schema.read_text()))
    assert lab.load().base == "3.11.4"
    assert [path.name for path in lab.root.glob(".elpython-*")] == []
    branch = load_branch(lab.branches, "3.11")
    assert prepare(lab.store, TreeRequest(branches=lab.branches, branch=branch)).base == "3.11.4"


def test_a_folder_is_packed_to_the_same_bytes(lab: Example) -> None:
    tree = lab.root / "unpacked"
    for name, text in {**FILES, "Include/patchlevel.h": '#define PY_VERSION "3.11.4"\n'}.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    (tree / "configure").chmod(0o700)
    one = new_base(lab.store, "3.11.4", str(tree))
    (tree / "Misc" / "NEWS").touch()
    (tree / ".git").mkdir()
    (tree / ".git" / "HEAD").write_text("x")
    remove_tree(lab.store.path("sources", one.sha256[:32]))
    assert new_base(lab.store, "3.11.4", str(tree)).sha256 == one.sha256
    assert one.sources[0].provider == "local"


def test_the_record_says_what_the_base_has() -> None:
    from elpython.define.vulnerability import Record, Standing, Vulnerability

    day = dt.date(2026, 11, 30)
    fixed = Standing(state="fixed", since=day, change="named", tests=("t",))
    item = Vulnerability(
        id="CVE-2026-1", title="t", product="cpython", public=day, recorded=day, severity="low",
        severity_by="x", branches={"3.11": fixed, "3.9": fixed},
    )  # fmt: skip
    kept = dataclasses.replace(
        item, id="CVE-2026-2", branches={"3.11": dataclasses.replace(fixed, change="stays")}
    )
    record = Record(vulnerabilities=(item, kept), checked=day)
    (changed,) = without_dropped(record, "3.11", {"named": "NEWS says so"}, "3.11.4", day)
    assert changed.standing("3.11").state == "not affected"
    assert "3.11.4, has the fix: NEWS says so" in changed.standing("3.11").because
    assert changed.standing("3.9") == fixed
    (taken_out,) = without_dropped(record, "3.11", {"named": ""}, "3.11.4", day)
    assert taken_out.standing("3.11").state == "unknown"


def test_a_function_is_not_put_in_beside_the_base_s_own(lab: Example) -> None:
    """Both have added the same function, at two places: git merges that without a conflict."""
    new = "def helper():\n    return 0\n\n\n"
    mine = SPAM + new
    lab.add("adds", diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": mine}))
    path = lab.root / "Python-3.11.5.tgz"
    files = {
        **FILES,
        "Lib/spam.py": new + SPAM.removesuffix("value\n\n\n") + "value  # 6\n\n\n",
        "Include/patchlevel.h": '#define PY_VERSION "3.11.5"\n',
    }
    make_archive(path, files, "Python-3.11.5")
    taken = new_base(lab.store, "3.11.5", str(path))
    sorting = sort_changes(lab.store, asked(lab, base="3.11.5", sources=taken.sources))
    (item,) = (one for one in sorting.placed if one.change == "adds")
    assert item.state == CONFLICTS
    assert item.because == "the base defines helper already"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def one():\n    pass\nasync def two(): ...\nclass Three: ...\n", {"one", "two", "Three"}),
        ("    def inner():\n", set()),
        ("static int\nfour(int a,\n     int (*b)(void))\n{\n}\n", {"four"}),
        ("int\nfive(void);\n", set()),
        ("Py_LOCAL_INLINE(int)\nsix(void)\n{\n}\n", {"six"}),
        ("seven(1);\nPyDoc_STRVAR(doc, \")\");\n", set()),
    ],
)  # fmt: skip
def test_what_a_text_defines(text: str, names: set[str]) -> None:
    assert defined_names(text) == names


def test_the_release_that_defines_a_fix_s_functions_has_the_fix(lab: Example) -> None:
    """The distribution's patch and the release put the same functions at two places."""
    new = "def helper():\n    return 0\n\n\n"
    lab.add("adds", diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM + new}), kind="security",
            toml=facts("gh-109", first="3.11.5"))  # fmt: skip
    later = new + SPAM.removesuffix("value\n\n\n") + "value  # 6\n\n\n"
    request = on(lab, {"Lib/spam.py": later}, chosen=("adds",))
    (item,) = sort_changes(lab.store, request).placed
    assert (item.state, item.because) == (IN_BASE, "3.11.5 has it first")
    failing = dataclasses.replace(request, tests=lambda _change: "fails")
    assert states(sort_changes(lab.store, failing)) == {"adds": CONFLICTS}


def test_tools_and_texts_give_way_to_the_newer_base_s(lab: Example) -> None:
    """What a program runs is merged; versions of OpenSSL in a tool that both renew need no hand."""
    eggs = "def eggs():\n    made = 1\n    value = 2\n    return value\n"
    old = {**FILES, "Lib/eggs.py": eggs, "Tools/list.py": "known = ['3.0.1']\n"}
    lab.sha256 = make_archive(lab.root / "base.tar.gz", old)
    tool = diff(old, {**old, "Tools/list.py": "known = ['3.0.2']\n"})
    lab.add("tool", tool)
    code = diff(old, {**old, "Lib/eggs.py": eggs.replace("value = 2", "value = 3")})
    lab.add("both", code + tool.replace("3.0.2", "3.0.3").replace("3.0.1", "3.0.2"))
    path = lab.root / "Python-3.11.5.tgz"
    newer = {
        **old,
        "Lib/eggs.py": eggs.replace("def eggs():", "def eggs(*_):"),
        "Tools/list.py": "known = ['3.5.7']\n",
        "Include/patchlevel.h": '#define PY_VERSION "3.11.5"\n',
    }
    make_archive(path, newer, "Python-3.11.5")
    taken = new_base(lab.store, "3.11.5", str(path))
    asked_for = asked(lab, base="3.11.5", sources=taken.sources, chosen=("tool", "both"))
    found = {item.change: item for item in sort_changes(lab.store, asked_for).placed}
    assert (found["tool"].state, found["both"].state) == (IN_BASE, FUZZ)
    assert "Tools/list.py" in found["both"].because
    assert b"Tools/" not in (found["both"].patch or b"")
    assert b"+    value = 3" in (found["both"].patch or b"")


@pytest.mark.slow
def test_the_real_branch_on_a_later_release(real_store: Store, tmp_path: Path) -> None:
    """3.13 onto 3.13.15: nothing needs a hand that the branch has not got, and it can be prepared.

    `make rebase-newest` builds it and holds the contract as well.
    """
    branches = REPOSITORY / "branches"
    branch = load_branch(branches, "3.13")
    if Version(branch.base) >= Version("3.13.15"):
        pytest.skip(f"the branch is on {branch.base} by now")
    try:
        taken = new_base(real_store, "3.13.15", "debian:forky/python3.13")
    except ElpythonError as error:
        pytest.skip(f"no provider gives the source here: {error.what}")
    request = Rebase(branches=branches, branch=branch, base="3.13.15", sources=taken.sources)
    sorting = sort_changes(real_store, request)
    counts = sorting.counts()
    assert sum(counts.values()) == len(branch.series)
    assert {item.change: item.because for item in sorting.of(CONFLICTS)} == {}
    resolved = {item.change for item in sorting.of(RESOLVED)}
    assert resolved == {path.stem for path in request.known.glob("*.patch")}
    core = [item for item in sorting.placed if branch.change(item.change).core]
    assert {item.state for item in core} <= {APPLIES, FUZZ}
    (tmp_path / "runtime").symlink_to(REPOSITORY / "runtime")
    staged = stage(real_store, request, sorting, tmp_path / "branches")
    assert staged.branch.base == "3.13.15"
    assert len(staged.tree.commits) == len(staged.branch.series) < len(branch.series)
