"""Needs of many packages are gathered from wheels and environments, and hold a branch."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from elpython.contract.environment import gather as gathering
from elpython.contract.environment.decide import decide
from elpython.contract.environment.gather import (
    Wanted,
    gather,
    private_table,
    private_text,
    read_names,
)
from elpython.contract.environment.model import (
    BadEnvironmentError,
    BadNeedsError,
    read_all_needs,
    read_needs,
)
from elpython.contract.model import Difference, Judged, Kind, PromiseOutcome, State, Verdict
from elpython.contract.pip import Wheel, write_wheel
from elpython.core.errors import ProgramFailedError
from examples import REPOSITORY

SOURCE = b"""
import sys, typing
from asyncio import events
frame = sys._getframe(1)
class Mine(typing._GenericAlias, _root=True):
    def copy_with(self, params): ...
events._get_running_loop()
unknown.attribute
"""


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Two packages, one of them in two versions."""
    folder = tmp_path / "wheels"
    for name, version, text in (
        ("first", "1", SOURCE),
        ("first", "2", SOURCE + b"import json\n"),
        ("second", "1", b"x = 1"),
    ):  # fmt: skip
        files = {f"{name}/__init__.py": text, f"{name}/data.bin": b"no source"}
        write_wheel(Wheel(name=name, version=version, tag="py3-none-any", files=files), folder)
    write_wheel(Wheel(name="first", version="9", tag="cp299-cp299-linux_none", files={}), folder)
    (folder / "wrong.whl").write_bytes(b"")
    return folder


def test_the_newest_fitting_wheel_is_read_and_nothing_of_its_code_kept(
    wheels: Path, tmp_path: Path
) -> None:
    wanted = Wanted(names=("second", "nowhere", "first"), most=5, wheels=(wheels,))
    made = gather(wanted, tmp_path / "needs")
    assert (made.taken, made.fresh) == (["second", "first"], ["second", "first"])
    assert list(made.missing) == ["nowhere"]
    text = (tmp_path / "needs" / "first.json").read_text()
    schema = json.loads(
        (REPOSITORY / "docs/reference/schemas/contract-needs.schema.json").read_text()
    )
    jsonschema.Draft202012Validator(schema).validate(json.loads(text))
    (package,) = read_needs(tmp_path / "needs" / "first.json").packages
    assert (package.name, package.version, package.attributes) == ("first", "2", ())
    assert package.names["sys._getframe"] == 1
    assert package.subclasses == {"typing._GenericAlias": ("copy_with",)}
    assert "attribute" not in text
    index = json.loads((tmp_path / "needs" / "index.json").read_text())
    assert (index["taken"], index["missing"]) == (2, ["nowhere"])


def test_a_stopped_run_goes_on(
    wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Wanted(names=("first", "second"), most=5, wheels=(wheels,), seconds=0.0)
    folder = tmp_path / "needs"
    assert gather(wanted, folder).stopped
    read = gathering._read

    def stopped(name: str, *rest: object, **options: object) -> object:
        if name == "second":
            raise KeyboardInterrupt
        return read(name, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(gathering, "_read", stopped)
    wanted = replace(wanted, seconds=None)
    with pytest.raises(KeyboardInterrupt):
        gather(wanted, folder)
    monkeypatch.setattr(gathering, "_read", read)
    made = gather(wanted, folder)
    assert (made.taken, made.fresh) == (["first", "second"], ["second"])
    (folder / "first.json").write_text("{")
    assert gather(wanted, folder).fresh == ["first"]
    assert gather(replace(wanted, fresh=True, most=1), folder).fresh == ["first"]


def test_what_is_nowhere_may_be_downloaded_and_is_deleted(
    wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[Path] = []

    def pip(words: list[str], **_rest: object) -> None:
        places.append(Path(words[words.index("-d") + 1]))
        if words[-1] == "second":
            raise ProgramFailedError("exit code 1: no such project")
        found = next(wheels.glob("first-2-*.whl"))
        (places[-1] / found.name).write_bytes(found.read_bytes())

    monkeypatch.setattr(gathering, "run_program", pip)
    made = gather(Wanted(names=("first", "second"), most=2, index=True), tmp_path / "needs")
    assert (made.taken, list(made.missing)) == (["first"], ["second"])
    assert len(places) == 2
    assert not any(place.exists() for place in places)


@pytest.mark.parametrize(
    ("text", "says"), [("", "names no project"), ("a\n../b\n", "no name"), ("a;b", "no name")]
)
def test_bad_lists_are_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "names").write_text(text)
    with pytest.raises(BadNeedsError, match=says):
        read_names(tmp_path / "names")
    with pytest.raises(BadNeedsError, match="cannot be read"):
        read_names(tmp_path / "nowhere")


def test_names_are_read_once_and_normalised(tmp_path: Path) -> None:
    (tmp_path / "names").write_text("Typing_Extensions\t4.1\nnumpy # arrays\n\n# none\nNumPy\n")
    assert read_names(tmp_path / "names") == ("typing-extensions", "numpy")


def test_folders_without_needs_or_wheels_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadNeedsError, match="holds no needs"):
        read_all_needs(tmp_path)
    with pytest.raises(BadEnvironmentError, match="no folder of wheels"):
        gather(Wanted(names=("a",), most=1, wheels=(tmp_path / "no",)), tmp_path / "needs")


def test_private_names_are_counted_up_to_the_private_part(wheels: Path, tmp_path: Path) -> None:
    gather(Wanted(names=("first",), most=5, wheels=(wheels,)), tmp_path / "needs")
    table = private_table(read_all_needs(tmp_path / "needs"))
    assert table == {
        "asyncio.events._get_running_loop": 1, "sys._getframe": 1, "typing._GenericAlias": 1,
    }  # fmt: skip
    assert '"sys._getframe" = 1' in private_text(table, 1)


def _outcome(*judged: tuple[str, str, Kind, State]) -> list[PromiseOutcome]:
    return [
        PromiseOutcome(
            promise=promise, verdict=Verdict.DECLARED, checked=1, gaps=(), notes=(), seconds=0.0,
            remembered=False,
            judged=(Judged(difference=Difference(kind=kind, key=key), state=state),),
        )
        for promise, key, kind, state in judged
    ]  # fmt: skip


def test_decisions_say_whether_a_difference_was_declared(wheels: Path, tmp_path: Path) -> None:
    gather(Wanted(names=("first",), most=5, wheels=(wheels,)), tmp_path / "needs")
    outcomes = _outcome(
        ("api", "typing._GenericAlias", Kind.REMOVED, State.DECLARED),
        ("api", "json", Kind.CHANGED, State.BROKEN),
    )
    found = decide(outcomes, read_all_needs(tmp_path / "needs"))
    assert [(item.users, item.state) for item in found] == [
        (("first",), "declared"), (("first",), "broken"),
    ]  # fmt: skip


def test_the_needs_that_are_kept_are_whole() -> None:
    folder = REPOSITORY / "branches" / "needs"
    index = json.loads((folder / "index.json").read_text())
    needs = read_all_needs(folder)
    assert len(needs) == index["taken"] >= 450
    assert sum(package.extensions > 0 for item in needs for package in item.packages) > 50
