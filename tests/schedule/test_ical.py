"""The calendar file, read back with a second library."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import vobject

from elpython.schedule.errors import BadModelError, EmptyRangeError
from elpython.schedule.ical import calendar_text
from elpython.schedule.load import find
from elpython.schedule.slips import slip
from elpython.schedule.timeline import Timeline, lay_out, relabel

FIRST = datetime(2019, 12, 1, 12, tzinfo=UTC)
LATER = datetime(2020, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def plan() -> Timeline:
    return lay_out(find("pep605"), date(2019, 12, 1), date(2021, 12, 31))


def events(text: str) -> dict[str, vobject.base.Component]:
    calendar = vobject.readOne(text)
    calendar.validate()  # raises where RFC 5545 asks for something that is not there
    return {event.uid.value: event for event in calendar.vevent_list}


def test_every_release_is_an_event_of_one_whole_day(plan: Timeline) -> None:
    found = events(calendar_text(plan, FIRST))
    assert len(found) == len(plan.releases)
    told = {event.summary.value: event.dtstart.value for event in found.values()}
    assert told["Python 3.9.0rc1"] == date(2021, 6, 2)
    for event in found.values():
        assert (event.dtend.value - event.dtstart.value).days == 1
        assert event.transp.value == "TRANSPARENT"
        assert event.sequence.value == "0"


def test_a_relabelled_release_moves_and_does_not_duplicate(plan: Timeline) -> None:
    before = calendar_text(plan, FIRST)
    after = calendar_text(relabel(plan, [("3.9", 5)]), LATER, before)
    old, new = events(before), events(after)
    assert set(old) == set(new)
    changed = [uid for uid in new if new[uid].summary.value != old[uid].summary.value]
    assert [new[uid].summary.value for uid in changed] == ["Python 3.9.0a5"]
    for uid, event in new.items():
        assert event.sequence.value == ("1" if uid in changed else "0")
        assert event.dtstamp.value == (LATER if uid in changed else FIRST)


def test_a_release_that_slips_counts_its_revisions(plan: Timeline) -> None:
    text = calendar_text(plan, FIRST)
    for count in (1, 2, 3):
        late, _ = slip(plan, {"3.9.0": count})
        text = calendar_text(late, LATER, text)
        final = next(event for event in events(text).values()
                     if event.summary.value == "Python 3.9.0")  # fmt: skip
        assert final.sequence.value == str(count)
        assert final.dtstart.value == date(2021, 8, 2 + count)


def test_nothing_changed_gives_the_same_bytes(plan: Timeline) -> None:
    before = calendar_text(plan, FIRST)
    assert calendar_text(plan, LATER, before) == before


def test_a_release_that_is_no_longer_planned_is_cancelled(plan: Timeline) -> None:
    before = calendar_text(plan, FIRST)
    lost = plan.series[-1].name
    fewer = Timeline(model=plan.model, start=plan.start, end=plan.end, series=plan.series[:-1])
    again = calendar_text(fewer, LATER, before)
    gone = [event for uid, event in events(again).items() if uid.startswith(f"{lost}-")]
    assert gone
    assert all(event.status.value == "CANCELLED" for event in gone)
    assert all(event.sequence.value == "1" for event in gone)
    assert calendar_text(fewer, LATER, again) == again  # cancelled once, not again and again
    back = events(calendar_text(plan, LATER, again))
    assert all(back[event.uid.value].status.value == "CONFIRMED" for event in gone)
    assert all(back[event.uid.value].sequence.value == "2" for event in gone)


def test_lines_are_folded_and_ended_as_the_rfc_asks(plan: Timeline) -> None:
    data = calendar_text(plan, FIRST).encode()
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert data.count(b"\n") == data.count(b"\r\n")


def test_a_file_that_is_no_calendar_is_not_overwritten(plan: Timeline) -> None:
    with pytest.raises(BadModelError, match="no calendar"):
        calendar_text(plan, FIRST, "my shopping list")


OURS = "3.9-pre-freeze-1@pep605.schedule.elpython"


@pytest.mark.parametrize(
    ("name", "lines", "told"),
    [
        ("birthday@example.org", "DTSTART;VALUE=DATE:20200102", "UID 'birthday@example.org'"),
        ("", "DTSTART;VALUE=DATE:20200102", "UID ''"),
        (OURS, "DTSTART:20200102T100000Z", "is no date"),
        (OURS, "DTSTART;TZID=Europe/Berlin:20200102T100000", "is no date"),
        (OURS, "DTSTART;VALUE=DATE:20200231", "is no date"),
        (OURS, "DTSTART;VALUE=DATE:20200102\r\nDTSTART;VALUE=DATE:20200103", "is no date"),
        (OURS, "SUMMARY:x", "is no date"),
        (OURS, "DTSTART;VALUE=DATE:20200102\r\nSEQUENCE:abc", "is no number"),
    ],
)
def test_events_of_others_are_neither_lost_nor_cancelled(
    plan: Timeline, name: str, lines: str, told: str
) -> None:
    uid = f"UID:{name}\r\n" if name else ""
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\n"
        f"{uid}DTSTAMP:20200101T000000Z\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    with pytest.raises(BadModelError, match="did not write") as caught:
        calendar_text(plan, FIRST, text)
    assert told in caught.value.details[0]


def test_a_calendar_without_an_event_is_refused() -> None:
    """RFC 5545, section 3.6, asks for a component."""
    nothing = lay_out(find("elpython"), date(2028, 2, 1), date(2028, 3, 31))
    with pytest.raises(EmptyRangeError, match="needs an event"):
        calendar_text(nothing, FIRST)
