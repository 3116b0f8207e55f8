"""A pending branch is written and linted, and is no branch for whatever prepares or releases."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import UnknownNameError
from elpython.define.branch import branch_names, load_all, load_branch, pending_names
from elpython.define.pending import Pending, load_pending
from examples import BASE_FILES, REPOSITORY, Example, diff

if TYPE_CHECKING:
    from pathlib import Path

BRANCHES = REPOSITORY / "branches"
SPAM = BASE_FILES["Lib/spam.py"]
ONE = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})
TEXT = """\
base = "3.12.1"
el = "27.01.0"
lts = false
upstream-end-of-life = 2028-10-31
end-of-life = 2028-10-31
series = ["variant"]

[pending]
because = "the mirrors had no source"
tried-on = "the library of an installed 3.12.0"
unseen = ["Python/sysmodule.c"]

[pending.left-out]
other = "switches what the base has not got"

[[source]]
provider = "python-org"
file = "Python-3.12.1.tar.xz"

[[source]]
provider = "debian"
package = "python3.12"
suite = "forky"
file = "python3.12_3.12.1.orig.tar.xz"
sha256 = "%s"
""" % ("ab" * 32)


def write_pending(example: Example, text: str = TEXT) -> Path:
    """Write a pending branch beside the example's two core changes."""
    example.add("variant", ONE, core=True)
    path = example.add("other", ONE, core=True)
    path.write_text("optional = true\n" + path.read_text())
    file = example.branches / "3.12" / "pending.toml"
    file.parent.mkdir()
    file.write_text(text)
    return file


def test_it_is_no_branch_yet(example: Example) -> None:
    write_pending(example)
    assert branch_names(example.branches) == ["3.11"]
    assert pending_names(example.branches) == ["3.12"]
    assert [branch.name for branch in load_all(example.branches)[0]] == ["3.11"]
    assert load_all(example.branches)[1] == []
    with pytest.raises(UnknownNameError, match=r"branch 3\.12 is pending") as caught:
        load_branch(example.branches, "3.12")
    assert "elpython branch lock 3.12" in caught.value.todo


def test_it_tells_what_is_missing(example: Example) -> None:
    file = write_pending(example)
    (item,), problems = load_pending(example.branches)
    assert problems == []
    assert [source.provider for source in item.pinned] == ["debian"]
    assert item.standing == (
        "base pinned, never prepared: run elpython branch lock 3.12 on a machine that reaches "
        "python.org or Debian's forky"
    )
    file.write_text(TEXT.partition('\n[[source]]\nprovider = "debian"')[0])
    (item,), _ = load_pending(example.branches)
    assert item.standing.startswith("base not yet pinned: run elpython branch lock 3.12 on ")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("because =", "becauze =", "pending.because: is missing"),
        ("because =", "becauze =", "pending.becauze: is not known"),
        ("[pending]", "[pending", "invalid TOML"),
        ("[pending", "[waiting", "pending: is missing"),
        ('["variant"]', '["variant", "other"]', "pending.left-out.other: is in the series"),
        ('other = "', 'another = "', "pending.left-out.another: there is no such core change"),
        ('["variant"]', "[]", "series: does not have the core change 'variant'"),
        ("ab" * 32, "ab", "source[1].sha256: 'ab' is not of the form 64 hex digits"),
        ('base = "3.12.1"', 'base = "3.13.1"', "base: '3.13.1' is no release of 3.12"),
    ],
)
def test_its_problems_are_told(example: Example, old: str, new: str, expected: str) -> None:
    file = write_pending(example)
    file.write_text(TEXT.replace(old, new))
    problems = load_pending(example.branches)[1]
    assert any(line.startswith("branches/3.12/pending.toml") for line in problems)
    assert any(expected in line for line in problems), problems


def test_a_change_of_its_own_needs_a_tree(example: Example) -> None:
    file = write_pending(example, TEXT.replace('["variant"]', '["variant", "own"]'))
    changes = file.parent / "changes"
    changes.mkdir()
    (changes / "own.toml").write_text(
        'title = "Own"\nkind = "bugfix"\n\n[source]\nprovider = "patch"\n'
        'patch = { default = "own.patch" }\n'
    )
    (changes / "own.patch").write_text(ONE)
    assert (
        "branches/3.12/pending.toml: series[1]: 'own' is no core change"
        in (load_pending(example.branches)[1])
    )


def test_it_cannot_be_open_and_pending(example: Example) -> None:
    file = write_pending(example)
    (file.parent / "branch.toml").write_text(TEXT)
    assert load_pending(example.branches)[1] == [
        "branches/3.12/pending.toml: the branch is open: it has a branch.toml"
    ]


def ours() -> list[Pending]:
    found, problems = load_pending(BRANCHES)
    assert problems == []
    return found


def test_our_own_leave_nothing_out_without_a_reason() -> None:
    """What the newest open branch carries of the core is in each, or left out with a reason."""
    newest = load_branch(BRANCHES, branch_names(BRANCHES)[-1])
    core = {change.id for change in newest.series if change.core}
    for item in ours():
        assert {change.id for change in item.branch.series} | set(item.left_out) == core


def test_our_own_digests_are_those_that_were_published() -> None:
    """None is invented: python.org's are in the dated table of the verifier."""
    table = tomllib.loads(files("elpython").joinpath("release/data/bases.toml").read_text("utf-8"))
    for item in ours():
        assert item.pinned, f"{item.branch.name}: base not yet pinned"
        for source in item.pinned:
            known = table["release"].get(source.version, {})
            if source.provider == "python-org":
                assert source.sha256 == known[source.file.removeprefix(f"Python-{source.version}.")]
            else:
                assert source.provider == "debian"
