"""Branches and changes are validated whole: every problem at once, each with file and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadBranchError, UnknownNameError
from elpython.define.branch import load_all, load_branch, sources_of
from elpython.define.change import KINDS
from elpython.define.code import PatchCode
from elpython.define.dep3 import dep3_header
from elpython.define.folder import branches_folder
from examples import BASE_FILES, REPOSITORY, Example, diff

if TYPE_CHECKING:
    from pathlib import Path

EGGS = diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"})


def problems(example: Example) -> list[str]:
    return load_all(example.branches)[1]


def test_a_good_branch(example: Example) -> None:
    example.add("one", EGGS, toml='\n[upstream]\nissues = ["gh-1"]\ncves = ["CVE-2024-1234"]\n')
    branch = example.load()
    assert str(branch.version) == "3.11.2.27.01.0"
    assert [change.id for change in branch.series] == ["one"]
    assert branch.change("CVE-2024-1234").issues == ("gh-1",)
    assert problems(example) == []


CHANGE = "branches/3.11/changes/one.toml"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'kind = "bugfix"',
            'kind = "bugfx"',
            f"{CHANGE}: kind: 'bugfx' is not known; did you mean",
        ),
        ('kind = "bugfix"', "", f"{CHANGE}: kind: is missing"),
        ('kind = "bugfix"', "kind = 1", f"{CHANGE}: kind: must be a string, not int"),
        ("title", 'id = "one"\ntitle', f"{CHANGE}: id: is not known"),
        ("title", "titel", f"{CHANGE}: titel: is not known; did you mean 'title'?"),
        ('"one.patch"', '"absent.patch"', "source.patch.default: there is no file 'absent.patch'"),
        ('"one.patch"', '"../it.patch"', "source.patch.default: there is no file '../it.patch'"),
        (
            'provider = "patch"',
            'provider = "pach"',
            "source.provider: 'pach' is not known; did you",
        ),
        ("[source]", "[sauce]", f"{CHANGE}: source: is missing"),
        ("[source]", "[source", f"{CHANGE}: invalid TOML"),
        ("title =", "\xff =", f"{CHANGE}: is not UTF-8: byte 0"),
        ("[source]", 'provides = ["1x"]\n[source]', "provides[0]: '1x' is not of the form"),
        ("[source]", "optional = true\n[source]", "optional: is for core changes"),
        ("[source]", 'declares = ["nothing"]\n[source]', "declares[0]"),
        ("[source]", '[upstream]\ncves = ["CVE-1"]\n[source]', "upstream.cves[0]: 'CVE-1' is not"),
        ("[source]", '[dep3]\nlast-update = "x"\n[source]', "dep3.last-update: must be a date"),
    ],
)
def test_each_wrong_key_is_named(example: Example, old: str, new: str, expected: str) -> None:
    path = example.add("one", EGGS)
    text = path.read_text()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("latin-1"))
    found = problems(example)
    assert any(expected in line for line in found), found


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({"base": '"3.12.1"'}, "base: '3.12.1' is no release of 3.11"),
        ({"base": None}, "base: is missing"),
        ({"el": '"27.13.0"'}, "el: '27.13.0' has no month 13"),
        ({"el": None}, "el: is missing"),
        ({"lts": '"yes"'}, "lts: must be true or false"),
        ({"end_of_life": "2027-01-01"}, "end-of-life: an LTS branch must live longer"),
        ({"serie": "[]"}, "serie: is not known; did you mean 'series'?"),
        ({"series": '["absent"]'}, "series[0]: there is no change 'absent'"),
        ({"series": '["one", "one"]'}, "series[1]: 'one' is in the series twice"),
        ({"series": '["../one"]'}, "series[0]: '../one' is not of the form"),
        ({"series": "[]"}, "series: does not have the change 'one', which has a file"),
    ],
)
def test_each_wrong_key_of_a_branch_is_named(
    example: Example, extra: dict[str, object], expected: str
) -> None:
    example.add("one", EGGS)
    example.write(**extra)
    found = problems(example)
    assert any(line.startswith(f"branches/3.11/branch.toml: {expected}") for line in found), found


def test_all_problems_come_at_once(example: Example) -> None:
    example.add("one", EGGS, kind="wrong")
    example.add("two", EGGS, kind="wrong")
    example.write(lts="1")
    with pytest.raises(BadBranchError) as caught:
        example.load()
    assert len(caught.value.details) == 3


def test_core_changes_are_in_every_series(example: Example) -> None:
    example.add("core-one", EGGS, core=True)
    assert problems(example) == []
    example.series.remove("core-one")
    example.write()
    assert problems(example) == [
        "branches/3.11/branch.toml: series: does not have the core change 'core-one'"
    ]
    example.add("core-one", EGGS)
    assert any("is a core change and a file of the branch" in line for line in problems(example))


FACTS = 'title = "Fix it"\nkind = "security"\n[upstream]\ncves = ["CVE-2026-1"]\n'


def shared(example: Example, text: str) -> Path:
    """Write facts that branches share of the change `one`, and a change that has only its code."""
    path = example.add("one", EGGS)
    path.write_text(path.read_text()[path.read_text().index("[source]") :])
    (example.branches / "fixes").mkdir()
    (example.branches / "fixes" / "one.toml").write_text(text)
    return path


def test_a_change_takes_the_facts_that_branches_share(example: Example) -> None:
    path = shared(example, FACTS.replace("2026-1", "2026-10001"))
    change = example.load().change("one")
    assert (change.title, change.kind, change.cves) == ("Fix it", "security", ("CVE-2026-10001",))
    path.write_text('title = "Fix it here"\n' + path.read_text() + '[upstream]\npeps = ["706"]\n')
    change = example.load().change("one")
    assert (change.title, change.cves, change.pep) == ("Fix it here", ("CVE-2026-10001",), ("706",))


def test_what_only_repeats_a_shared_fact_is_named(example: Example) -> None:
    path = shared(example, FACTS.replace("2026-1", "2026-10001"))
    path.write_text('title = "Fix it"\n' + path.read_text())
    assert (
        "branches/3.11/changes/one.toml: title: only repeats branches/fixes/one.toml"
        in problems(example)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FACTS, "branches/fixes/one.toml: upstream.cves[0]: 'CVE-2026-1' is not of the form"),
        (FACTS + "issue = 1\n", "branches/fixes/one.toml: upstream.issue: is not known"),
        (
            "since = 1\n" + FACTS,
            "branches/fixes/one.toml: since: is not a fact that branches share",
        ),
        (FACTS + "[", "branches/fixes/one.toml: invalid TOML"),
        ('title = ""\n', "branches/3.11/changes/one.toml: kind: is missing"),
    ],
)
def test_wrong_shared_facts_are_named(example: Example, text: str, expected: str) -> None:
    shared(example, text)
    assert any(line.startswith(expected) for line in problems(example)), problems(example)


def test_shared_facts_and_files_of_no_change_are_named(example: Example) -> None:
    shared(example, FACTS.replace("2026-1", "2026-10001"))
    (example.branches / "fixes" / "two.toml").write_text(FACTS)
    (example.folder / "changes" / "two@3.11.patch").write_text(EGGS)
    assert problems(example) == [
        "branches/3.11/branch.toml: series: changes/two@3.11.patch belongs to no change",
        "branches/fixes/two.toml: no branch has this change",
    ]


def test_a_patch_is_called_like_its_change(example: Example) -> None:
    path = example.add("one", EGGS)
    (path.parent / "other.patch").write_text(EGGS)
    path.write_text(path.read_text().replace("one.patch", "other.patch"))
    assert any(
        "must be called one.patch or one@default.patch" in line for line in problems(example)
    )


def test_optional_core_changes_may_be_left_out(example: Example) -> None:
    example.add("extra", EGGS, core=True)
    path = example.branches / "core" / "extra.toml"
    path.write_text("optional = true\n" + path.read_text())
    example.series.clear()
    example.write()
    assert problems(example) == []


def test_unknown_names_get_a_hint(example: Example) -> None:
    example.add("CVE-2024-1234", EGGS)
    with pytest.raises(UnknownNameError, match=r"did you mean '3.11'\?"):
        load_branch(example.branches, "3.12")
    with pytest.raises(UnknownNameError, match=r"did you mean 'CVE-2024-1234'\?"):
        example.load().change("CVE-2024-1243")


def test_a_folder_without_branch_toml(example: Example) -> None:
    (example.branches / "3.14").mkdir()
    assert problems(example) == ["branches/3.14: has no branch.toml"]


def test_no_branches_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(tmp_path))
    with pytest.raises(UnknownNameError, match="ELPYTHON_BRANCHES"):
        branches_folder()
    monkeypatch.delenv("ELPYTHON_BRANCHES")
    (tmp_path / "branches" / "core").mkdir(parents=True)
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert branches_folder(inner) == tmp_path / "branches"


def test_the_nearest_older_patch_serves() -> None:
    code = PatchCode(files={"3.9": "a", "3.11": "b", "default": "c"})
    assert [code.file(name) for name in ("3.8", "3.9", "3.10", "3.11", "3.14")] == [
        "c", "a", "a", "b", "b",
    ]  # fmt: skip


def test_dep3_header(example: Example) -> None:
    example.add(
        "one",
        EGGS,
        toml=(
            '\n[upstream]\nfirst-in = "3.12.0"\nissues = ["gh-7", "bpo-8"]\ncommits = ["abcdef1"]\n'
            'cves = ["CVE-2024-1234"]\n[dep3]\nauthor = "A. Body"\nlast-update = 2026-11-21\n'
        ),
    )
    assert dep3_header(example.load().series[0]).splitlines() == [
        "Description: Change one",
        "Author: A. Body",
        "Origin: backport, abcdef1",
        "Bug: https://github.com/python/cpython/issues/7",
        "Bug: https://bugs.python.org/issue8",
        "Bug-CVE: CVE-2024-1234",
        "Forwarded: not-needed",
        "Applied-Upstream: 3.12.0",
        "Last-Update: 2026-11-21",
    ]


def test_sources_of_other_releases(example: Example) -> None:
    assert sources_of(example.branches, "3.11.2")[0].provider == "local"
    (example.branches / "sources.toml").write_text(
        f'[[release."3.12.1".source]]\nprovider = "local"\nfile = "x"\nsha256 = "{"0" * 64}"\n'
    )
    assert sources_of(example.branches, "3.12.1")[0].file == "x"
    with pytest.raises(UnknownNameError, match=r"no source of CPython 3\.12\.2"):
        sources_of(example.branches, "3.12.2")


def test_the_real_branches_have_no_problem() -> None:
    branches, found = load_all(REPOSITORY / "branches")
    assert found == []
    assert [branch.name for branch in branches][:3] == ["3.9", "3.11", "3.13"]
    assert {change.kind for branch in branches for change in branch.series} <= set(KINDS)
    assert BASE_FILES
