"""What a feed is, what it tells, and how it went."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

__all__ = ["Feed", "FeedAnswer", "FeedError", "Notice"]


class FeedError(ElpythonError):
    """A feed that is out of reach, or whose answer cannot be used."""

    exit_code = 29


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """A feed, as `branches/feeds.toml` has it.

    Attributes:
        name: unique, and the name of its copy's folder in the store.
        kind: which module asks it.
        url: where it is.
        options: what else its kind needs: suites, packages, queries.
        megabytes: the most that one answer may have.
        seconds: the most that one request may take.
    """

    name: str
    kind: str
    url: str = ""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    megabytes: int = 64
    seconds: float = 40.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What one feed tells of one vulnerability; nothing in it decides anything.

    Attributes:
        feed: the feed's name.
        id: the id under which it is told.
        where: the place in the feed, for a person: `Misc/NEWS 3.13.16 Security`.
        title: one line.
        products: what it is about, `cpython`; `other` for a product that is not ours; empty where
            it names none.
        aliases: ids of the very same vulnerability.
        upstream: ids that it was derived from.
        related: ids that it mentions, which need not be the same vulnerability.
        issues: upstream issues that it refers to.
        commits: upstream commits that it names as the fix.
        affected: upstream versions that it names as affected.
        fixed_in: upstream versions that it names as fixed.
        public: the day on which it became public.
        severity: `critical`, `high`, `medium`, `low`; empty where it has none.
        score: CVSS vector.
        withdrawn: whether its id was withdrawn or rejected.
        digest: of an entry of NEWS or of a changelog; the record keeps those that are decided.
        patch: where a distribution has a patch: `python3.11 3.11.2-6+deb12u9`.
    """

    feed: str
    id: str
    where: str
    title: str = ""
    products: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()
    fixed_in: tuple[str, ...] = ()
    public: dt.date | None = None
    severity: str = ""
    score: str = ""
    withdrawn: bool = False
    digest: str = ""
    patch: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedAnswer:
    """How asking a feed went, and what it told.

    Attributes:
        feed: its name.
        notices: what it tells, from its answer or from an earlier copy.
        when: when it last answered; None where it never did.
        problem: why a copy had to serve, or why there is nothing; empty when it answered.
        seconds: how long it took.
        requests: how many requests it took.
        fresh: whether something in it has changed since the copy.
        lost: parts of it of which nothing is known, neither anew nor from a copy.
    """

    feed: str
    notices: tuple[Notice, ...] = ()
    when: dt.datetime | None = None
    problem: str = ""
    seconds: float = 0.0
    requests: int = 0
    fresh: bool = False
    lost: tuple[str, ...] = ()
