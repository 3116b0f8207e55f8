"""What a newer base has that a branch lacks, as `elpython upgrade` asks it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.cli.render import WARNINGS

if TYPE_CHECKING:
    from elpython.install.newer import Lost
    from elpython.install.subject import Subject

__all__ = ["fit", "losses", "standing"]


def losses(present: Subject, base: str, source: str) -> list[Lost] | None:
    """Return the fixes of the present base that the branch on `base` lacks; None when unknown.

    Args:
        present: what is there.
        base: the base of what comes, `3.11.2`.
        source: where NEWS of the present base is, as for `elpython fix news --newer`; empty when
            nobody named one.

    Raises:
        UsageError: that NEWS does not reach the present base.
    """
    from packaging.version import Version

    from elpython.core.errors import UsageError
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder
    from elpython.install.newer import ELSEWHERE, Lost
    from elpython.security.watch import TAKEN, Decisions, watch
    from elpython.security.watch_source import news_file
    from elpython.upstream.news import read_news

    if not source:
        return None
    folder = branches_folder()
    branch = load_branch(folder, present.series)
    if branch.base != base:
        return None
    store = Store.default()
    newer = read_news(news_file(store, folder, source, reporter=WARNINGS))
    here = Version(present.facts.release)
    if here not in {Version(entry.release) for entry in newer}:
        raise UsageError(
            f"says nothing about CPython {here}", where="--base-news", todo=f"name that of {here}"
        )
    own = read_news(news_file(store, folder, branch.name, reporter=WARNINGS))
    upto = [entry for entry in newer if Version(entry.release) <= here]
    found = watch(branch, Decisions(changes=branch.series), own=own, newer=upto)
    return [
        Lost(release=item.release, section=item.section, issue=item.issue, text=item.text)
        for item in found
        if item.state != TAKEN and item.section not in ELSEWHERE
    ]


def fit(present: Subject, to: str, *, is_archive: bool) -> str:
    """Return how what comes is built; a build that is there already must fit.

    Raises:
        NoReplacementError: it is older, or of another kind of build.
    """
    from elpython.install.subject import check_fit, incoming

    path = Path(to).expanduser()
    if is_archive or not path.exists():
        return "what comes is built as what is there"
    folder = path.resolve() if path.is_dir() else path.resolve().parents[1]
    changes = check_fit(present, incoming(folder, present.series))
    return "built as what is there" if changes else "the same is there already: nothing to do"


def standing(series: str) -> str:
    """Return where the branch of a series stands by the vulnerability record.

    Raises:
        ElpythonError: there is no such branch, or no record.
    """
    import datetime as dt

    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder
    from elpython.define.vulnerability_read import read_record
    from elpython.security.status import age_problem, status

    folder = branches_folder()
    known = read_record(folder)
    found, _ = status(load_branch(folder, series), known, ())
    counts = Counter(item.state for item in found)
    told = ", ".join(f"{count} {state}" for state, count in counts.most_common())
    open_ones = [item.id for item in found if item.state in {"affected", "unknown"}]
    more = f" ({', '.join(open_ones[:5])})" if open_ones else ""
    old = age_problem(known, dt.datetime.now(tz=dt.UTC).date())
    return f"by the record of {known.checked}: {told}{more}{'; ' + old if old else ''}"
