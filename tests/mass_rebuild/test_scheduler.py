"""The ready queue and the loop: order, failures, extra needs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from elpython.mass_rebuild.graph import Graph
from elpython.mass_rebuild.scheduler import BLOCKED, DONE, FAILED, Scheduler, drive
from elpython.mass_rebuild.simulate import VirtualSlots


def graph(*needs: tuple[int, ...], seconds: list[float] | None = None) -> Graph:
    return Graph([str(i) for i in range(len(needs))], needs, seconds or [1.0] * len(needs))


def test_the_highest_rank_goes_first() -> None:
    scheduler = Scheduler(graph((), (), (0,), seconds=[1, 5, 10]))
    assert [scheduler.take(), scheduler.take(), scheduler.take()] == [0, 1, None]


def test_what_waits_becomes_ready_when_its_last_need_is_done() -> None:
    scheduler = Scheduler(graph((), (), (0, 1)))
    first, second = scheduler.take(), scheduler.take()
    assert first is not None
    assert second is not None
    scheduler.succeed(first)
    assert scheduler.take() is None
    scheduler.succeed(second)
    assert scheduler.take() == 2


def test_a_failure_blocks_all_that_waits_over_all_steps() -> None:
    scheduler = Scheduler(graph((), (0,), (1,), ()))
    while (node := scheduler.take()) is not None:
        scheduler.fail(node) if node == 0 else scheduler.succeed(node)
    assert scheduler.state == [FAILED, BLOCKED, BLOCKED, DONE]
    assert scheduler.unfinished == 0


def test_cycles_are_blocked_and_nothing_waits_for_ever() -> None:
    scheduler = Scheduler(graph((1,), (0,), ()))
    assert scheduler.state[:2] == [BLOCKED, BLOCKED]
    assert scheduler.unfinished == 1


def test_a_job_can_wait_for_more_while_it_runs() -> None:
    scheduler = Scheduler(graph((), ()))
    assert {scheduler.take(), scheduler.take()} == {0, 1}
    assert scheduler.wait_for(0, [1])
    assert scheduler.take() is None
    scheduler.succeed(1)
    assert scheduler.take() == 0


def test_waiting_in_a_ring_is_refused() -> None:
    scheduler = Scheduler(graph((), (0,)))
    scheduler.take()
    assert not scheduler.wait_for(0, [1])
    assert not scheduler.wait_for(0, [0])


def test_waiting_for_what_failed_is_refused() -> None:
    scheduler = Scheduler(graph((), ()))
    scheduler.take()
    scheduler.take()
    scheduler.fail(1)
    assert not scheduler.wait_for(0, [1])


@given(st.integers(1, 40), st.integers(1, 6), st.randoms(use_true_random=False), st.floats(0, 0.4))
def test_everything_ends_and_nothing_starts_before_its_needs(
    count: int, slots: int, rng: object, share: float
) -> None:
    pick = rng.random  # type: ignore[attr-defined]
    needs = [tuple({int(pick() * node) for _ in range(2)}) if node else () for node in range(count)]
    seconds = [1 + 9 * pick() for _ in range(count)]
    failing = {node for node in range(count) if pick() < share}
    scheduler = Scheduler(graph(*needs, seconds=seconds))
    done: set[int] = set()

    def start(node: int) -> int:
        assert set(needs[node]) <= done
        return node

    def settle(node: int, good: bool) -> None:  # noqa: FBT001 - drive calls it so
        if good:
            done.add(node)
            scheduler.succeed(node)
        else:
            scheduler.fail(node)

    room = VirtualSlots(slots, seconds, failing)
    drive(scheduler, room, start, settle)
    assert scheduler.unfinished == 0
    assert set(scheduler.state) <= {DONE, FAILED, BLOCKED}
    # Greedy list scheduling keeps Graham's bound: at most twice the best possible.
    longest = max(scheduler.rank)
    assert room.now <= room.executed / slots + longest + 1e-6


def test_what_is_settled_at_once_needs_no_executor() -> None:
    scheduler = Scheduler(graph((), (0,), (1,)))
    seen = []

    def start(node: int) -> None:
        seen.append(node)
        scheduler.succeed(node)

    drive(scheduler, VirtualSlots(1, [], set()), start, lambda *_: None)
    assert seen == [0, 1, 2]
