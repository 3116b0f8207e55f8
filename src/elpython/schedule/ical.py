"""A timeline as an iCalendar file (RFC 5545) that calendars can follow through changes.

An event is identified by its series, phase and serial, not by its version: a beta that becomes an
alpha, or a release that slips, moves the event and does not make a second one. SEQUENCE counts the
revisions, by comparison with the file that was written before.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from elpython.schedule.errors import BadModelError, EmptyRangeError
from elpython.schedule.expand import Release

if TYPE_CHECKING:
    from icalendar import Event

    from elpython.schedule.timeline import Timeline

__all__ = ["calendar_text", "uid"]

SUPPORT = ("bugfix", "extended", "security")
PRODUCT = "-//EL Python//elpython schedule//EN"
OWN_END = ".schedule.elpython"


def uid(model: str, release: Release) -> str:
    """Return the lasting name of a release's event."""
    return f"{release.key.replace(' ', '-')}@{model}{OWN_END}"


def calendar_text(timeline: Timeline, stamp: datetime, previous: str = "") -> str:
    """Return the calendar of a timeline.

    Args:
        timeline: the plan.
        stamp: the time of writing (with a time zone), for events that are new or changed.
        previous: the text of the file that this one replaces; events that are unchanged keep
            their stamp and SEQUENCE, changed ones count on, and lost ones are cancelled.

    Raises:
        BadModelError: the previous text is no calendar.
        EmptyRangeError: there is no event: RFC 5545 has no calendar without one.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", timeline.model.title)
    known = _known(previous)
    for release in timeline.releases:
        name = uid(timeline.model.name, release)
        calendar.add_component(_event(release, name, stamp, known.pop(name, None)))
    for ending in _endings(timeline):
        name = uid(timeline.model.name, ending)
        calendar.add_component(_event(ending, name, stamp, known.pop(name, None)))
    for old in known.values():
        if timeline.start <= old.decoded("dtstart") <= timeline.end:
            calendar.add_component(_cancelled(old, stamp))
    if not calendar.subcomponents:
        raise EmptyRangeError(
            f"nothing happens from {timeline.start} to {timeline.end}: a calendar needs an event",
            timeline.model.name,
            todo="ask for more days",
        )
    text: str = calendar.to_ical().decode("utf-8")
    return text


def _endings(timeline: Timeline) -> list[Release]:
    """Return an event for the last day of each phase of support, the end of life last."""
    found = []
    for one in timeline.series:
        spans = [span for span in one.spans if span.kind in SUPPORT]
        for span in spans:
            day = span.end - timedelta(days=1)
            if not timeline.start <= day <= timeline.end:
                continue
            last = span is spans[-1]
            told = "end of support" if last else f"end of {span.phase} support"
            found.append(
                Release(
                    date=day, series=one.name, phase=f"{span.phase}-end", kind=span.kind,
                    label="end", serial=0, version=f"Python {one.name}: {told}",
                    note=f"{one.name} gets no further releases" if last else "",
                )
            )  # fmt: skip
    return found


def _known(previous: str) -> dict[str, Event]:
    """Return the events of the file written before, by their UID."""
    from icalendar import Calendar, Event

    if not previous.strip():
        return {}
    try:
        calendar = Calendar.from_ical(previous)
    except (ValueError, KeyError, IndexError) as error:
        raise BadModelError(
            "the file to be replaced is no calendar", todo=f"move it away ({error})"
        ) from error
    events = [event for event in calendar.walk("VEVENT") if isinstance(event, Event)]
    problems = tuple(filter(None, map(_problem, events)))
    if problems:
        raise BadModelError(
            "the file to be replaced has events that this command did not write",
            details=problems[:8],
            todo="move it away: they would be lost or cancelled",
        )
    return {str(event["uid"]): event for event in events}


def _problem(event: Event) -> str:
    """Return why an event is none of ours; empty when it is one."""
    name = str(event.get("uid", ""))
    if not name.endswith(OWN_END):
        return f"UID {name!r}"
    sequence = str(event.get("sequence", "0"))
    try:
        start = event.decoded("dtstart")
    except (KeyError, ValueError, TypeError):
        start = None
    if not isinstance(start, date) or isinstance(start, datetime):
        return f"UID {name!r}: DTSTART is no date"
    return "" if sequence.isdecimal() else f"UID {name!r}: SEQUENCE is no number"


def _event(release: Release, name: str, stamp: datetime, old: Event | None) -> Event:
    from icalendar import Event

    summary = _summary(release)
    event = Event()
    event.add("uid", name)
    event.add("summary", summary)
    event.add("dtstart", release.date)
    event.add("dtend", release.date + timedelta(days=1))
    if release.note:
        event.add("description", release.note)
    event.add("categories", [release.phase])
    event.add("transp", "TRANSPARENT")
    sequence, written = 0, stamp
    if old is not None:
        same = (
            str(old.get("summary")) == summary
            and old.decoded("dtstart") == release.date
            and str(old.get("description", "")) == release.note
            and str(old.get("status", "CONFIRMED")) == "CONFIRMED"
        )
        sequence = int(old.get("sequence", 0)) + (not same)
        written = old.decoded("dtstamp") if same and "dtstamp" in old else stamp
    event.add("sequence", sequence)
    event.add("status", "CONFIRMED")
    event.add("dtstamp", written)
    return event


def _cancelled(old: Event, stamp: datetime) -> Event:
    """Return an event that is no longer planned: kept, so that calendars take it away."""
    if str(old.get("status")) == "CANCELLED":
        return old
    sequence = int(old.get("sequence", 0)) + 1
    for key in ("sequence", "status", "dtstamp"):
        old.pop(key, None)
    old.add("sequence", sequence)
    old.add("status", "CANCELLED")
    old.add("dtstamp", stamp)
    return old


def _summary(release: Release) -> str:
    numbered = release.version[:1].isdigit()
    return f"Python {release.version}" if numbered else release.version
