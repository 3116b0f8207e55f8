"""A look at all feeds: what the record lacks, each with branches, age, severity and deadline."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from elpython.define.vulnerability import MOST_DAYS, SEVERITIES
from elpython.security.deadlines import deadline
from elpython.security.match import KNOWN, NEW, OTHER_PRODUCT, WITHDRAWN, Index, match, proposal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from elpython.define.branch import Branch
    from elpython.define.vulnerability import Record
    from elpython.security.match import Match
    from elpython.upstream.feeds.model import FeedAnswer, Notice

__all__ = ["Look", "News", "look"]


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """Something that feeds tell and the record lacks.

    Attributes:
        id: the id under which it is told.
        title: one line.
        severity: the worst that a feed gives; `unrated` where none does.
        public: since when it is public, by the earliest feed; None where none says.
        age: days since then.
        deadline: by which day the promise wants a fix; None: next regular release.
        where: the places that tell it.
        patches: who has a patch: `python3.11 3.11.2-6+deb12u9`.
        proposals: branch -> what speaks for a state; a person decides.
        remarks: what else a person should know.
        digests: of entries of NEWS and changelogs, for the record's `news`.
        products: what it is about.
    """

    id: str
    title: str
    severity: str
    public: dt.date | None
    age: int | None
    deadline: dt.date | None
    where: tuple[str, ...]
    patches: tuple[str, ...]
    proposals: dict[str, str]
    remarks: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What one look found.

    Attributes:
        news: what the record lacks, worst first, then oldest.
        follow_ups: later entries of NEWS that come back to a fix that a branch has taken.
        remarks: ids that the record has and a feed tells otherwise: withdrawn, merged, reused.
        known: how many notices the record has decided.
        left_out: why notices count for nothing -> how many.
        answers: how asking each feed went.
    """

    news: tuple[News, ...]
    follow_ups: tuple[str, ...]
    remarks: tuple[str, ...]
    known: int
    left_out: dict[str, int]
    answers: tuple[FeedAnswer, ...]

    @property
    def blind(self) -> tuple[str, ...]:
        """The feeds that never answered, whole or in part: nobody knows what they would tell."""
        whole = [item.feed for item in self.answers if item.when is None]
        parts = [
            f"{item.feed}: {', '.join(item.lost)}"
            for item in self.answers
            if item.when is not None and item.lost
        ]
        return (*whole, *parts)

    def stale(self, today: dt.date) -> tuple[str, ...]:
        """Return the feeds that a copy older than the record may be has to stand for."""
        old = today - dt.timedelta(days=MOST_DAYS)
        return tuple(
            f"{item.feed} ({item.when.date()})"
            for item in self.answers
            if item.when is not None and item.when.date() < old
        )


@dataclass(slots=True)
class _Gathered:
    """All notices of one missing id."""

    matches: list[Match] = field(default_factory=list)


def look(
    answers: Sequence[FeedAnswer], record: Record, branches: Sequence[Branch], today: dt.date
) -> Look:
    """Hold everything that feeds told against the record.

    Args:
        answers: of the feeds.
        record: the vulnerability record.
        branches: whose state is proposed.
        today: for ages.
    """
    missing: dict[str, _Gathered] = {}
    remarks: dict[str, None] = {}
    left: dict[str, int] = {}
    known = 0
    index = Index.of(record)
    for notice in (item for answer in answers for item in answer.notices):
        found = match(notice, index)
        if found.state in {OTHER_PRODUCT, WITHDRAWN}:
            left[found.state] = left.get(found.state, 0) + 1
        known += found.state == KNOWN
        if found.state != NEW:
            remarks |= dict.fromkeys(found.remarks)
        for name in found.missing:
            missing.setdefault(name, _Gathered()).matches.append(found)
    news = [_news(name, item.matches, branches, today) for name, item in missing.items()]
    return Look(
        news=tuple(sorted(news, key=_urgency)),
        follow_ups=tuple(_follow_ups(answers, record, branches)),
        remarks=tuple(remarks),
        known=known,
        left_out=left,
        answers=tuple(answers),
    )


def _urgency(item: News) -> tuple[int, dt.date, str]:
    return (SEVERITIES.index(item.severity), item.public or dt.date.min, item.id)


def _worst(notices: Iterable[Notice]) -> str:
    told = [item.severity for item in notices if item.severity]
    return min(told, key=SEVERITIES.index) if told else "unrated"


def _news(name: str, matches: list[Match], branches: Sequence[Branch], today: dt.date) -> News:
    notices = [item.notice for item in matches]
    # A day that is yet to come would put off the deadline.
    days = [min(item.public, today) for item in notices if item.public]
    public = min(days) if days else None
    severity = _worst(notices)
    titles = [item.title for item in notices if item.title]
    told = {
        branch.name: "; ".join(
            dict.fromkeys(
                text for item in notices if (text := proposal(item, branch, name)) != _NOTHING
            )
        )
        or _NOTHING
        for branch in branches
    }
    return News(
        id=name,
        title=titles[0] if titles else "",
        severity=severity,
        public=public,
        age=(today - public).days if public else None,
        deadline=deadline(severity, public or today),
        where=_each(item.where for item in notices),
        patches=_each(item.patch for item in notices),
        proposals=told,
        remarks=_each(text for item in matches for text in item.remarks),
        digests=_each(item.digest for item in notices),
        issues=_each(issue for item in notices for issue in item.issues),
        products=_each(text for item in notices for text in item.products),
    )


_NOTHING = "nothing tells"


def _each(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _release(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _follow_ups(
    answers: Sequence[FeedAnswer], record: Record, branches: Sequence[Branch]
) -> Iterable[str]:
    """Yield later entries that share an issue or a commit with a fix that a branch has taken."""
    decided = record.by_news()
    taken = [
        (branch.name, change)
        for branch in branches
        for change in branch.series
        if change.kind in {"security", "bugfix"}
    ]
    told: dict[str, None] = {}
    for notice in (item for answer in answers for item in answer.notices):
        if not notice.digest or notice.digest in decided or notice.digest in record.dismissed:
            continue
        later = _release(notice.fixed_in[0]) if notice.fixed_in else None
        for name, change in taken:
            first = _release(change.first_in) if change.first_in else None
            newer = later is None or first is None or later > first
            if newer and set(change.issues) & set(notice.issues):
                told[f"{name} {change.id}: {notice.where}, {notice.id}: {notice.title}"] = None
    return told
