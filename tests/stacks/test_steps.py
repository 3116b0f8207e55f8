"""A transition step by step: what each needs, what it makes, what can be taken back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.stacks import steps
from elpython.stacks.errors import AlreadyAnnouncedError, StepRefusedError
from elpython.stacks.load import load
from elpython.stacks.macros import render
from elpython.stacks.state import Evidence, Kind, Role, Stack, State, dump
from elpython.stacks.steps import Actor
from elpython.stacks.texts import announcement

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = dt.date(2027, 1, 4)
JANE = Actor(by="jane", date=DAY)


def stack(version: str) -> Stack:
    nodots = version.replace(".", "")
    path = f"/usr/bin/python{version}"
    return Stack(version=version, role=Role.DEFAULT, since=DAY, pkgversion=nodots, interpreter=path)


def begun() -> State:
    return steps.init(project="Example", switch_at=0.9, stack=stack("3.11"), actor=JANE)


def opened() -> State:
    return steps.open_stack(begun(), stack("3.13"), JANE)


def rebuilt(built: int = 95) -> State:
    return steps.rebuild(opened(), Evidence(built=built, total=100), JANE)


def announced(state: State) -> State:
    return steps.announce(state, JANE)[0]


def switched() -> State:
    return steps.switch(announced(rebuilt()), JANE)


def retired() -> State:
    return steps.retire(announced(switched()), JANE)


def closed() -> State:
    return steps.close(announced(retired()), JANE)


def roles(state: State) -> dict[str, str]:
    return {item.version: item.role.value for item in state.stacks}


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (begun, {"3.11": "default"}),
        (opened, {"3.11": "default", "3.13": "other"}),
        (rebuilt, {"3.11": "default", "3.13": "other"}),
        (switched, {"3.11": "other", "3.13": "default"}),
        (retired, {"3.11": "retired", "3.13": "default"}),
        (closed, {"3.11": "retired", "3.13": "default"}),
    ],
)
def test_roles_after_each_step(make: Callable[[], State], expected: dict[str, str]) -> None:
    assert roles(make()) == expected


REFUSED: list[tuple[str, Callable[[], object], str]] = [
    ("a third stack", lambda: steps.open_stack(opened(), stack("3.14"), JANE), "two stacks"),
    ("an older stack", lambda: steps.open_stack(begun(), stack("3.9"), JANE), "older"),
    ("the same stack", lambda: steps.open_stack(begun(), stack("3.11"), JANE), "already"),
    ("no version", lambda: steps.open_stack(begun(), stack("4.0"), JANE), "is no 3.X"),
    ("too early", lambda: steps.open_stack(retired(), stack("3.14"), JANE), "not closed"),
    ("rebuild alone", lambda: steps.rebuild(begun(), Evidence(built=1, total=1), JANE), "is open"),
    ("more than all", lambda: steps.rebuild(opened(), Evidence(built=2, total=1), JANE), "cannot"),
    ("nothing", lambda: steps.rebuild(opened(), Evidence(built=0, total=0), JANE), "cannot be"),
    ("after it", lambda: steps.rebuild(switched(), Evidence(built=1, total=1), JANE), "switched"),
    ("not rebuilt", lambda: steps.switch(announced(opened()), JANE), "no rebuild is recorded"),
    ("share", lambda: steps.switch(announced(rebuilt(89)), JANE), "89.0 % is rebuilt"),
    ("silence", lambda: steps.switch(rebuilt(), JANE), "not announced yet: open, rebuild"),
    ("no transition", lambda: steps.switch(begun(), JANE), "no transition is open"),
    ("twice", lambda: steps.switch(announced(switched()), JANE), "switched already"),
    ("no switch", lambda: steps.retire(announced(rebuilt()), JANE), "has not switched"),
    ("silent switch", lambda: steps.retire(switched(), JANE), "the switch is not announced"),
    ("found", lambda: steps.retire(announced(switched()), JANE, ["app"]), "app still needs"),
    (
        "known",
        lambda: steps.retire(steps.need(announced(switched()), "app", "3.11"), JANE),
        "app still needs Python 3.11",
    ),
    ("early close", lambda: steps.close(announced(switched()), JANE), "is not retired"),
    ("silent end", lambda: steps.close(retired(), JANE), "retirement is not announced"),
    (
        "next that is there",
        lambda: steps.close(announced(retired()), JANE, "313"),
        "names packages of a stack that there is already",
    ),
    ("odd next", lambda: steps.close(announced(retired()), JANE, "4"), "can't stand in package"),
    ("nothing new", lambda: steps.announce(announced(begun()), JANE), "announced already"),
    ("beginning", lambda: steps.undo(begun()), "no step to take back"),
    ("unknown need", lambda: steps.need(begun(), "app", "3.9"), "no living stack"),
    ("dead need", lambda: steps.need(retired(), "app", "3.11"), "no living stack"),
    ("unknown app", lambda: steps.forget(begun(), "app"), "not on the list"),
    (
        "the past",
        lambda: steps.open_stack(begun(), stack("3.13"), Actor(by="j", date=dt.date(2026, 1, 1))),
        "before the last step",
    ),
]


@pytest.mark.parametrize(("what", "do", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_step_without_its_conditions_is_refused(
    what: str, do: Callable[[], object], message: str
) -> None:
    del what
    with pytest.raises(StepRefusedError, match=message):
        do()


@pytest.mark.parametrize("make", [opened, rebuilt, switched, retired, closed])
def test_a_step_can_be_taken_back_until_it_is_announced(make: Callable[[], State]) -> None:
    after = make()
    before, step = steps.undo(after)
    assert step == after.steps[-1]
    assert before.steps == after.steps[:-1]
    assert roles(before) != roles(after) or step.kind in {Kind.REBUILD, Kind.CLOSE}
    with pytest.raises(AlreadyAnnouncedError, match="people rely on it"):
        steps.undo(announced(after))


def test_after_the_end_a_new_transition_opens() -> None:
    again = steps.open_stack(announced(closed()), stack("3.14"), JANE)
    assert roles(again) == {"3.11": "retired", "3.13": "default", "3.14": "other"}
    assert [step.kind for step in again.transition] == [Kind.OPEN]


def test_the_next_stack_is_preset_until_it_opens() -> None:
    """Spec files may name its packages before there is one, as EPEL 7 had it between stacks."""
    state = steps.close(announced(retired()), JANE, "314")
    assert load(dump(state), "stacks.toml").preset == "314"
    default = state.with_role(Role.DEFAULT)
    assert default is not None
    text = render(default.macros, None, preset=state.preset)
    assert "\n%python3_other_pkgversion 314\n" in text
    assert "%with_python3_other" not in text
    opened_again = steps.open_stack(announced(state), stack("3.14"), JANE)
    assert opened_again.preset == ""


def test_an_application_that_moves_on_lets_the_stack_go() -> None:
    state = steps.need(announced(switched()), "app", "3.11")
    moved = steps.need(state, "app", "3.13")
    assert roles(steps.retire(moved, JANE))["3.11"] == "retired"
    assert steps.forget(state, "app").applications == ()


@pytest.mark.parametrize("make", [begun, opened, rebuilt, switched, retired, closed])
def test_the_file_says_everything(make: Callable[[], State]) -> None:
    state = steps.need(announced(make()), "app", "3.13") if make is not begun else make()
    assert load(dump(state), "stacks.toml") == state


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_name_survives_the_file(project: str, by: str) -> None:
    actor = Actor(by=by, date=DAY)
    state = steps.init(project=project, switch_at=1.0, stack=stack("3.11"), actor=actor)
    if not project.isprintable() and "\r" in project:
        return
    assert load(dump(state), "x").project == state.project


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (begun, ["Python 3.11 is the default", "/usr/bin/python3", "python311-foo"]),
        (opened, ["3.13", "python313-foo", "with_python3_other", "2027-01-04"]),
        (rebuilt, ["95 of 100", "95.0 %", "90.0 %", "which is reached"]),
        (switched, ["from Python 3.11 to Python 3.13", "foo-3.11"]),
        (retired, ["retired the Python 3.11 stack", "python311-*"]),
        (closed, ["Python 3.13 is the only stack", "is off"]),
    ],
)
def test_announcements_say_what_people_must_know(
    make: Callable[[], State], words: list[str]
) -> None:
    after = make()
    before = steps.undo(after)[0] if len(after.steps) > 1 else after
    text = announcement(before, after.steps[-1])
    subject, blank, *body = text.splitlines()
    assert subject.startswith("Example: ")
    assert not blank
    assert body
    joined = " ".join(text.split())
    assert [word for word in words if word not in joined] == []
    assert "{" not in text
