"""Blockers, rows and the page, from a journal written by hand."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.mass_rebuild import plan as plans
from elpython.mass_rebuild.charts import graph_picture
from elpython.mass_rebuild.control import control_plan, failed_packages
from elpython.mass_rebuild.journal import RebuildJournal
from elpython.mass_rebuild.model import (
    Artifact,
    Break,
    BuildOutcome,
    Edge,
    Interpreter,
    Package,
    RebuildPlan,
)
from elpython.mass_rebuild.page import timeline, write_page
from elpython.mass_rebuild.report import blockers, make_report, roots_of

if TYPE_CHECKING:
    from pathlib import Path

NEEDS = {
    "core": [], "other": [], "third": [],
    "a": ["core"], "b": ["a"], "c": ["core", "other"], "d": ["other", "third"], "e": [],
}  # fmt: skip


def test_what_unblocks_most() -> None:
    found = blockers(NEEDS, ["core", "other", "third"], [("x", "y")])
    assert found.most_needed == (("core", 3), ("other", 2), ("third", 1))
    assert found.last_single == (("core", ("a", "b")),)
    assert found.small_groups == ((("core", "other"), ("c",)), (("other", "third"), ("d",)))
    assert found.loops == (("x", "y"),)


def test_nothing_failed_nothing_blocks() -> None:
    found = blockers(NEEDS, [])
    assert (found.most_needed, found.last_single, found.small_groups) == ((), (), ())


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=3)),
    st.sets(st.sampled_from("abcdefgh")),
)
def test_repairing_the_roots_of_a_package_unblocks_it(
    needs: dict[str, list[str]], failed: set[str]
) -> None:
    whole = {key: needs.get(key, []) for key in "abcdefgh"}
    roots = roots_of(whole, failed)
    for key, blocking in roots.items():
        seen, todo = {key}, [key]
        while todo:
            for need in whole[todo.pop()]:
                if need not in seen:
                    seen.add(need)
                    todo.append(need)
        assert blocking == (seen - {key}) & failed


PYTHON = Interpreter(path="/p", version="3.13.0", soabi="s", prefix="/")


def plan_of_three() -> RebuildPlan:
    packages = tuple(
        Package(name=name, version="1", requested=True) for name in ("bad", "good", "late", "odd")
    )
    edges = (Edge(source="late==1", target="bad==1"), Edge(source="bad==1", target="good==1"))
    return RebuildPlan(
        backend="wheel",
        title="<b>three</b>",
        interpreter=PYTHON,
        packages=packages,
        edges=edges,
        breaks=(Break(cycle=("x", "y"), rule="unbreakable"),),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plans.save(plan_of_three(), tmp_path / "plan.json")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "1.log").write_text("<script>alert(1)</script>\nx.c:1: error: no\n")
    with RebuildJournal.open(tmp_path / "journal.sqlite", create=True) as journal:
        for job, status, reason in (
            ("good==1", "built", ""),
            ("bad==1", "failed", "exit"),
            ("odd==1", "built", ""),
            ("check odd==1", "failed", "exit"),
        ):
            kind = "check" if job.startswith("check") else "build"
            number = journal.begin(stack="main", job=job, kind=kind, content_key="k")
            outcome = BuildOutcome(key=job, status=status, reason=reason, started=1.0, seconds=2.0)
            bad = status == "failed"
            journal.end(
                number,
                outcome,
                failure="compile error" if bad else "",
                cause=f"compile error in {job}" if bad else "",
                log="logs/1.log" if bad else "",
            )
    return tmp_path


def test_rows_and_counts(folder: Path) -> None:
    report = make_report(folder)
    assert {row.name: row.state for row in report.rows} == {
        "bad": "failed", "good": "built", "late": "blocked", "odd": "check failed",
    }  # fmt: skip
    rows = {row.name: row for row in report.rows}
    assert rows["late"].blocked_by == ("bad==1",)
    assert (rows["bad"].blocks, rows["bad"].level) == (1, 1)
    assert report.share == 0.25
    assert report.causes[0].waiting == ("late==1",)
    assert rows["bad"].verdict == "not checked"


def test_what_was_reused_keeps_the_time_and_log_of_its_build(folder: Path) -> None:
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        number = journal.begin(stack="main", job="good==1", kind="build", content_key="k")
        again = BuildOutcome(key="good==1", status="built", reason="reused", started=9.0)
        journal.end(number, again, failure="", cause="", log="")
    report = make_report(folder)
    assert {row.name: row.seconds for row in report.rows}["good"] == 2.0
    assert report.build_seconds == 8.0


def test_a_build_that_waits_for_what_its_backend_asked_for_has_not_failed(folder: Path) -> None:
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        number = journal.begin(stack="main", job="good==1", kind="build", content_key="k")
        asks = BuildOutcome(key="good==1", status="needs", wants=("late",))
        journal.end(number, asks, failure="", cause="", log="")
    rows = {row.name: row for row in make_report(folder).rows}
    assert (rows["good"].state, rows["good"].failure) == ("waiting", "")
    assert rows["good"].blocks == 0


def test_a_pause_between_two_runs_is_no_time_at_work(folder: Path) -> None:
    """What was under way when a run was killed ended with it, not when the next one began."""
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        number = journal.begin(stack="main", job="late==1", kind="build", content_key="k")
        begun = next(item for item in journal.attempts() if item.number == number).queued
        assert journal.close_open_attempts() == 1
        assert journal.attempts()[-1].status == "interrupted"
        assert journal.attempts()[-1].ended == begun
        assert journal.close_open_attempts() == 0


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.refresh = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "input", "br", "link", "img"}:
            self.open.append(tag)
        self.refresh |= ("http-equiv", "refresh") in attrs

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"script", "style"}:
            self.text += data


@pytest.mark.parametrize("running", [True, False])
def test_the_page_is_readable_without_javascript(folder: Path, *, running: bool) -> None:
    text = write_page(folder, running=running).read_text()
    reader = Reader()
    reader.feed(text)
    assert reader.refresh is running
    for words in ("compile error in bad==1", "late", "check failed", "<b>three</b>", "x needs y"):
        assert words in reader.text
    assert "<script>alert" not in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert text.count("<svg") == 2


def test_time_goes_forward_and_counts_stay_whole(folder: Path) -> None:
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        points = timeline(journal.attempts(), 4)
    assert all(sum(counts.values()) == 4 for _, counts in points)
    assert [when for when, _ in points] == sorted(when for when, _ in points)
    assert points[-1][1]["built"] == 2


def test_the_control_plan_holds_what_failed_and_what_it_is_built_with(folder: Path) -> None:
    failed = failed_packages(folder)
    assert failed == {"bad==1", "odd==1"}
    old = Interpreter(path="/o", version="3.11.2", soabi="s", prefix="/")
    made = control_plan(plan_of_three(), failed, old)
    assert made is not None
    assert [item.key for item in made.packages] == ["bad==1", "good==1", "odd==1"]
    assert [item.requested for item in made.packages] == [True, False, True]
    assert made.interpreter.version == "3.11.2"
    assert control_plan(plan_of_three(), frozenset(), old) is None


def test_the_picture_names_every_package() -> None:
    picture = graph_picture(plan_of_three())
    assert all(f">{name}==1<" in picture for name in ("bad", "good", "late", "odd"))


def test_levels_and_durations_are_told() -> None:
    told = plans.describe(plans.finish(plan_of_three(), {"bad": 10.0}))
    assert told["levels"] == [2, 1, 1]
    assert told["critical_path"] == ["good==1", "bad==1", "late==1"]
    assert told["seconds"]["critical_path"] == 18.0  # type: ignore[index]


def test_a_product_is_kept_with_its_digest(tmp_path: Path) -> None:
    with RebuildJournal.open(tmp_path / "j.sqlite", create=True) as journal:
        number = journal.begin(stack="main", job="a==1", kind="build", content_key="k")
        artifact = Artifact(filename="a.whl", sha256="0" * 64, size=3)
        done = BuildOutcome(key="a==1", status="built", products=(artifact,), seconds=2.5)
        journal.end(number, done, failure="", cause="", log="")
    with RebuildJournal.open(tmp_path / "j.sqlite") as journal:
        [attempt] = journal.attempts()
        assert attempt.products == (artifact,)
        assert journal.has_passed("main", "a==1", "k")
        assert not journal.has_passed("main", "a==1", "other")
        assert journal.seconds() == {"a==1": 2.5, "a": 2.5}
