"""Workers that are lost, missed, replaced and told of, with a clock of the test's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from elpython.mass_rebuild import plan as plans
from elpython.mass_rebuild import work
from elpython.mass_rebuild.crew import Crew
from elpython.mass_rebuild.journal import RebuildJournal
from elpython.mass_rebuild.page import remaining_seconds, write_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from elpython.core.store import Store
    from elpython.mass_rebuild.model import RebuildPlan


@dataclass
class Executor:
    """Workers as the test wants them."""

    there: dict[str, tuple[str, ...]]
    wanted: int = 0
    starts: bool = True
    asked: list[int] = field(default_factory=list)

    def present(self) -> dict[str, tuple[str, ...]] | None:
        return self.there

    def replace(self, count: int) -> bool:
        self.asked.append(count)
        return self.starts


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[RebuildJournal]:
    with RebuildJournal.open(tmp_path / "journal.sqlite", create=True) as opened:
        yield opened


def kinds(journal: RebuildJournal) -> list[str]:
    return [item.kind for item in reversed(journal.events())]


@pytest.mark.parametrize(("starts", "told"), [(True, "replace"), (False, "short")])
def test_a_lost_worker_is_missed_and_replaced_or_asked_for(
    journal: RebuildJournal,
    starts: bool,  # noqa: FBT001 - a column of the table
    told: str,
) -> None:
    now = [1000.0]
    crew = Crew(journal, clock=lambda: now[0])
    executor = Executor({"a": ("one==1",), "b": ()}, starts=starts)
    crew.look(executor)
    executor.there = {"b": ()}
    now[0] += 5
    crew.look(executor)
    assert kinds(journal) == ["came", "came", "lost"]
    assert "with one==1" in journal.events()[0].what
    assert executor.asked == []
    for _ in range(2):
        now[0] += 20
        crew.look(executor)
    assert set(executor.asked) == {2}
    assert kinds(journal)[-1] == told
    executor.there = {"b": (), "c": ()}
    now[0] += 5
    crew.look(executor)
    assert kinds(journal)[-2:] == ["came", "whole"]
    state = crew.told(2)
    assert (state["there"], state["most"]) == (2, 2)


def test_a_loss_is_told_before_the_worker_that_replaces_it(journal: RebuildJournal) -> None:
    """Both happened between two looks."""
    now = [1000.0]
    crew = Crew(journal, clock=lambda: now[0])
    executor = Executor({"a": ("one==1",)})
    crew.look(executor)
    executor.there = {"b": ()}
    now[0] += 5
    crew.look(executor)
    assert kinds(journal) == ["came", "lost", "came"]


def test_workers_that_were_never_there_are_missed_too(journal: RebuildJournal) -> None:
    now = [0.0]
    crew = Crew(journal, clock=lambda: now[0])
    executor = Executor({"a": ()}, wanted=3)
    for _ in range(3):
        now[0] += 20
        crew.look(executor)
    assert executor.asked
    assert crew.most == 3


def test_the_page_says_who_is_lost_what_remains_and_how_old_it_is(
    tmp_path: Path, sdist: Callable[..., Path], plan_of: Callable[..., RebuildPlan], store: Store
) -> None:
    sdist("base")
    sdist("top", build=("base",))
    plan = plan_of("top")
    folder = tmp_path / "run"
    plans.save(plan, folder / "plan.json")
    work.run(folder, work.WorkOptions(store=store))
    assert remaining_seconds(plan, set(), 1) == pytest.approx(sum(plan.seconds.values()) + 2)
    assert remaining_seconds(plan, {"base==1.0", "top==1.0"}, 1) == 0
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        now = [1000.0]
        crew = Crew(journal, clock=lambda: now[0])
        crew.look(Executor({"tcp://a:1": ("top==1.0",), "tcp://b:1": ()}))
        now[0] += 9
        crew.look(Executor({"tcp://b:1": ()}))
    text = write_page(folder, running=True).read_text()
    assert "1 of 2 workers are missing" in text
    assert "worker lost with top==1.0" in text
    assert 'id="stale"' in text
    assert "expected to remain" in text
    ended = write_page(folder, running=False).read_text()
    assert 'id="stale"' not in ended
    assert "are missing" not in ended
