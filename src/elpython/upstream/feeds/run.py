"""Ask all feeds side by side: a slow, broken or hostile one keeps no other from answering."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError
from elpython.core.report import SILENT
from elpython.upstream.feeds import (
    debian_packages,
    debian_tracker,
    git,
    osv,
    plain,
    redhat,
)
from elpython.upstream.feeds.copies import Asker
from elpython.upstream.feeds.model import Feed, FeedAnswer, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elpython.core.report import Reporter
    from elpython.core.store import Store
    from elpython.upstream.feeds.rules import Rules

__all__ = ["KINDS", "ask_all"]

KINDS: dict[str, Callable[[Asker, Rules], list[Notice]]] = {
    "debian-packages": debian_packages.ask,
    "debian-tracker": debian_tracker.ask,
    "expat-changes": plain.ask_expat,
    "git": git.ask,
    "news": plain.ask_news,
    "osv-api": osv.ask_api,
    "osv-archive": osv.ask_archive,
    "python-org": plain.ask_python_org,
    "redhat": redhat.ask,
}
_AT_ONCE = 16
_PROBLEM = 600


def _ask(store: Store, feed: Feed, rules: Rules, *, offline: bool) -> FeedAnswer:
    asker = Asker(store=store, feed=feed, offline=offline)
    started = time.monotonic()
    notices: list[Notice] = []
    try:
        notices = KINDS[feed.kind](asker, rules)
    except ElpythonError as error:
        asker.when = None
        asker.problems.append(str(error).replace("\n", " "))
    except Exception as error:  # noqa: BLE001 - one feed's answer must not stop the others
        asker.when = None
        asker.problems.append(f"cannot be read: {type(error).__name__}: {error}")
    return FeedAnswer(
        feed=feed.name,
        notices=tuple(notices),
        when=asker.when,
        problem=_printable("; ".join(dict.fromkeys(asker.problems))),
        seconds=round(time.monotonic() - started, 2),
        requests=asker.requests,
        fresh=asker.fresh,
        lost=tuple(map(_printable, asker.lost)),
    )


def _printable(text: str) -> str:
    """Return a text without what could steer a terminal: part of it may be the feed's own."""
    return "".join(char if char.isprintable() else " " for char in text)[:_PROBLEM]


def ask_all(
    store: Store,
    feeds: Sequence[Feed],
    rules: Rules,
    *,
    offline: bool = False,
    reporter: Reporter = SILENT,
) -> list[FeedAnswer]:
    """Ask every feed; return their answers in the order of the table.

    Args:
        store: keeps copies.
        feeds: whom to ask.
        rules: what is picked out of texts.
        offline: whether copies alone may serve.
        reporter: told how it goes on.
    """
    answers: list[FeedAnswer] = []
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        asked = [pool.submit(_ask, store, feed, rules, offline=offline) for feed in feeds]
        for done, (feed, future) in enumerate(zip(feeds, asked, strict=True), start=1):
            answers.append(future.result())
            reporter.progress(feed.name, done, len(feeds))
    return answers
