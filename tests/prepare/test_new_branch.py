"""Opening a branch pins its base and tries every core change on it."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import ElpythonError, UsageError
from elpython.core.store import Store
from elpython.define.branch import load_branch
from elpython.prepare.new_branch import Opening, open_branch
from elpython.upstream import fetch
from examples import BASE_FILES, REPOSITORY, Example, diff, make_archive

if TYPE_CHECKING:
    from pathlib import Path

SPAM = BASE_FILES["Lib/spam.py"]
ONE = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})
OTHER = diff({"Lib/spam.py": "x = 1\n"}, {"Lib/spam.py": "x = 2\n"})


def opening(example: Example, **extra: object) -> Opening:
    values = {
        "branches": example.branches,
        "name": "3.12",
        "base": "3.12.1",
        "archive": str(example.root / "Python-3.12.1.tgz"),
        "today": dt.date(2026, 11, 21),
    }
    return Opening(**(values | extra))  # type: ignore[arg-type]


@pytest.fixture
def core(example: Example) -> Example:
    """Two core changes, of which one does not apply, and an archive of a new base."""
    example.add("variant", ONE, core=True)
    example.add("other", OTHER, core=True)
    files = {**BASE_FILES, "Include/patchlevel.h": '#define PY_VERSION "3.12.1"\n'}
    make_archive(example.root / "Python-3.12.1.tgz", files, "Python-3.12.1")
    return example


def test_opening_says_what_applies(core: Example) -> None:
    opened = open_branch(core.store, opening(core))
    assert opened.applied == ("variant",)
    assert list(opened.needing) == ["other"]
    assert "rejected in Lib/spam.py" in opened.needing["other"]
    branch = load_branch(core.branches, "3.12")
    assert branch.base == "3.12.1"
    assert str(branch.el) == "27.01.0"
    assert branch.sources[0].sha256 == opened.sha256
    assert [change.id for change in branch.series] == ["variant", "other"]


def test_core_changes_of_the_older_branch_are_merged(example: Example) -> None:
    """One applies, one is merged, one needs a hand; toggles and order come along."""
    body = "".join(
        f"def f{n}():\n    made = 1\n    value = {n}\n    return value\n\n\n" for n in range(4)
    )
    example.sha256 = make_archive(example.root / "base.tar.gz", {**BASE_FILES, "Lib/spam.py": body})

    def patch(number: int) -> str:
        new = body.replace(f"value = {number}\n", f"value = {number}0\n")
        return diff({"Lib/spam.py": body}, {"Lib/spam.py": new})

    for number, name in enumerate(("variant", "one", "toggle-two", "three")):
        path = example.add(name, patch(number), core=True, kind="toggle")
        text = path.read_text().replace("default =", '"3.11" =')
        text = "optional = true\n" * name.startswith("toggle") + text
        path.write_text(
            text.replace(
                "[source]", 'toggles = ["two"]\n\n[source]', name[0] == "t" and name != "three"
            )
        )
    (example.branches / "toggles.toml").write_text(
        '[two]\ntitle = "t"\n\n[two.default]\n"3.11" = { value = "new", reason = "x" }\n'
    )
    later = body.replace("def f1():", "def f1(*_):").replace("value = 3", "value = (3, 3)")
    files = {
        **BASE_FILES,
        "Lib/spam.py": later,
        "Include/patchlevel.h": '#define PY_VERSION "3.12.1"\n',
    }
    make_archive(example.root / "Python-3.12.1.tgz", files, "Python-3.12.1")
    opened = open_branch(example.store, opening(example))
    assert opened.applied == ("variant", "toggle-two")
    assert opened.merged == ("one",)
    assert list(opened.needing) == ["three"]
    assert "(3, 3)" in opened.needing["three"]
    core = example.branches / "core"
    assert '"3.12" = "one@3.12.patch"' in (core / "one.toml").read_text()
    assert "def f1(*_):" in (core / "one@3.12.patch").read_text()
    assert '"3.12" = { value = "new"' in (example.branches / "toggles.toml").read_text()
    branch = load_branch(example.branches, "3.12")
    assert [item.id for item in branch.series] == ["variant", "one", "toggle-two", "three"]


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ({"name": "3.11", "base": "3.11.2"}, "is there already"),
        ({"base": "3.13.1"}, "no base for a branch"),
        ({"name": "4.0", "base": "4.0.0"}, "no base for a branch"),
        ({"base": "3.12.2"}, "is CPython 3.12.1, not 3.12.2"),
        ({"archive": "/nowhere/x.tgz"}, "no such file"),
    ],
)
def test_wrong_openings_leave_nothing(core: Example, extra: dict[str, object], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        open_branch(core.store, opening(core, **extra))
    assert sorted(path.name for path in core.branches.iterdir()) == ["3.11", "core"]


def test_an_archive_of_something_else(core: Example) -> None:
    make_archive(core.root / "other.tgz", {"README": "hello\n"})
    with pytest.raises(UsageError, match="no CPython source"):
        open_branch(core.store, opening(core, archive=str(core.root / "other.tgz")))


@pytest.mark.slow
def test_a_real_base_that_has_no_branch(tmp_path: Path, real_store: Store) -> None:
    """CPython 3.13.5 where only 3.9 and 3.11 are known: the real change needs a real patch."""
    real = load_branch(REPOSITORY / "branches", "3.13")
    try:
        archive = fetch(real_store, real.sources)
    except ElpythonError as error:
        pytest.skip(f"no provider gives the source here: {error.what}")
    branches = tmp_path / "branches"
    (branches / "core").mkdir(parents=True)
    for path in (REPOSITORY / "branches" / "core").glob("variant*"):
        shutil.copy(path, branches / "core")
    toml = branches / "core" / "variant.toml"
    text = toml.read_text()
    toml.write_text(text.replace(', "3.13" = "variant@3.13.patch"', ""))
    asked = Opening(
        branches=branches,
        name="3.13",
        base="3.13.5",
        archive=str(archive),
        today=dt.date(2026, 11, 21),
    )
    opened = open_branch(Store(tmp_path / "store"), asked)
    assert opened.applied == ()
    assert "rejected in Python/getversion.c" in opened.needing["variant"]
    toml.write_text(text)
    shutil.rmtree(branches / "3.13")
    assert open_branch(Store(tmp_path / "store"), asked).applied == ("variant",)
