"""Sort a branch's changes on a newer base: in it already, applies, merges, conflicts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError, ChangeConflictError, ElpythonError
from elpython.core.process import run
from elpython.core.report import SILENT
from elpython.core.store import Store, key_of, remove_tree
from elpython.define.code import PatchCode
from elpython.prepare.apply import Context, laid_paths, lay_patched, own_code, own_patches
from elpython.prepare.carry import Carried, carry, clear, diff_of
from elpython.prepare.git import Git, git_env
from elpython.prepare.patches import leave_out_paths
from elpython.prepare.rebase.by_hand import ByHand, leave, read_by_hand, settled
from elpython.prepare.rebase.defined import defined_twice
from elpython.prepare.rebase.give_way import base_kept, giving_way
from elpython.prepare.rebase.model import (
    APPLIES,
    CONFLICTS,
    DROPPED,
    FUZZ,
    IN_BASE,
    RESOLVED,
    Conflict,
    Placed,
    Rebase,
    Sorting,
)
from elpython.prepare.rebase.news import Between, between
from elpython.prepare.regenerate import outputs_of
from elpython.prepare.tree import (
    Tree,
    TreeRequest,
    add_change,
    applier,
    base_repository,
    commit_of,
    message_of,
    prepare,
    variant_name,
)
from elpython.upstream.news import read_news

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.report import Reporter
    from elpython.define.change import Change

__all__ = ["sort_changes"]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bench:
    """Where changes are tried: the new base's working tree, which grows by what is kept."""

    git: Git
    date: str
    old: Tree
    context: Context
    request: Rebase
    between: Between


def _applies(git: Git, patch: bytes, *, reverse: bool = False) -> bool:
    """Return whether a patch applies to the working tree as it is; nothing is written."""
    words = ["--reverse"] if reverse else []
    outcome = run(
        ["git", "-C", git.folder, "apply", "--check", "--whitespace=nowarn", *words, "-"],
        env=git_env(git.date),
        input_text=patch.decode("utf-8", "surrogateescape"),
        check=False,
    )
    return outcome.returncode == 0


def _raw_commit(bench: _Bench, change: Change) -> str:
    """Return a change's commit, with the words that the EL version replaces still in it."""
    commit = commit_of(bench.old, change.id)
    code = own_code(change)
    if not code.substitute:
        return commit
    git = bench.git
    head = git("rev-parse", "HEAD").strip()
    try:
        git("checkout", "-q", "--detach", f"{commit}^")
        # The patch that the old branch has: one that is written for a new one is no ancestor.
        old = replace(bench.context, branch=bench.request.branch)
        for _name, text in own_patches(code, change, old):
            git("apply", "--whitespace=nowarn", "-", text=text.decode("utf-8", "surrogateescape"))
        return git.commit("as written\n", bench.date)
    finally:
        git("checkout", "-q", "-f", "main")
        git("reset", "-q", "--hard", head)


def _commit(bench: _Bench, change: Change, patch: bytes) -> None:
    """Commit a change whose patch is new, laid the way in which it will be prepared."""
    git, context = bench.git, bench.context
    lay_patched(change, git.folder, context, patch, applier(git, context.branch, change))
    git.commit(message_of(change, context.branch), bench.date)


def _tests(bench: _Bench, change: Change) -> str:
    return bench.request.tests(change) if bench.request.tests and not change.core else ""


def _naturally(bench: _Bench, change: Change) -> bool:
    """Lay a change as its provider gives it; whether that applies."""
    try:
        add_change(bench.git, change, bench.context, bench.date)
    except (ChangeConflictError, BadBranchError):
        clear(bench.git)
        return False
    except ElpythonError:
        clear(bench.git)
        raise
    return True


def _placed(change: Change, state: str, because: str, **more: object) -> Placed:
    return Placed(change=change.id, kind=change.kind, state=state, because=because, **more)  # type: ignore[arg-type]


def _joined(*words: str) -> str:
    return "; ".join(filter(None, words))


def _kept(bench: _Bench, change: Change, named: str) -> Placed:
    """Judge a change that applies as it is, and whose code the base has not got."""
    if not named:
        return _placed(change, APPLIES, "its code applies as it is")
    found = _tests(bench, change)
    if found == "passes":
        bench.git("reset", "-q", "--hard", "HEAD^")
        return _placed(change, IN_BASE, _joined("its own tests pass on the base", named))
    told = f"its own tests on the base: {found}" if found else "nobody ran its tests on the base"
    return _placed(
        change, APPLIES, "its code applies as it is",
        remark=f"{named}, but the base has other code than ours; {told}",
    )  # fmt: skip


def _merged(bench: _Bench, change: Change, named: str) -> Placed:
    """Judge a change that does not apply as it is."""
    git, commit = bench.git, commit_of(bench.old, change.id)
    carried = carry(git, commit)
    whole = carried.clean and not defined_twice(git.folder, carried.diff)
    if change.toggles and named:
        # The base may have the fix, but never our switch for who needs the old behaviour.
        remark = f"{named}, but not our toggle {', '.join(change.toggles)}: that stays"
        own = b"" if whole or isinstance(change.code, PatchCode) else _own_layer(bench, change)
        if own:
            told = "the base has what it takes; its own patch on top applies"
            placed = _written(bench, change, Carried(diff=own), FUZZ, told, remark)
        else:
            placed = _by_hand(bench, change, remark)
        return replace(placed, base_has=named)
    code = b"" if not carried.clean else _code_of(carried.diff)
    if carried.clean and not code and not change.core:
        return _placed(
            change, IN_BASE, "merging it leaves nothing" + (f"; {named}" if named else "")
        )
    found = _tests(bench, change)
    if found == "passes" and (named or not whole):
        return _placed(change, IN_BASE, _joined("its own tests pass on the base", named))
    if named and not change.core and found in {"", "skipped"} and not whole:
        return _placed(change, IN_BASE, named, remark="no test of its own has shown it")
    remark = f"{named}, yet its own tests on the base: {found}" if named and found else ""
    return _by_hand(bench, change, remark)


def _own_layer(bench: _Bench, change: Change) -> bytes:
    """Return the patch that a change lays upon what it takes, if the base takes it as it is."""
    patches = own_patches(own_code(change), change, bench.context)
    own = b"".join(text for _name, text in patches)
    return own if own and _applies(bench.git, own) else b""


def _hand(request: Rebase, change: Change) -> ByHand | None:
    return read_by_hand(request.resolved, change.id) or read_by_hand(request.known, change.id)


def _by_hand(bench: _Bench, change: Change, remark: str) -> Placed:
    """Merge a change that stays; what the merge cannot do is a hand's."""
    git = bench.git
    raw = _raw_commit(bench, change)
    carried = carry(git, raw)
    twice = defined_twice(git.folder, carried.diff)
    if carried.clean and not twice:
        return _written(bench, change, carried, FUZZ, "a three-way merge puts it in", remark)
    ours = giving_way(change, git.folder)
    hand = _hand(bench.request, change)
    if hand is not None:
        again = carry(
            git, raw,
            lambda files: settled(
                git, files, hand, lambda path: ours(path) or path.startswith("Lib/test/")
            ),
        )  # fmt: skip
        if again.clean:
            return _written(bench, change, again, RESOLVED, "resolved by hand", remark)
        remark = _joined(remark, "what a hand has left for it does not fit any longer")
    kept = carry(git, raw, lambda files: base_kept(git, files, ours))
    if kept.clean and not defined_twice(git.folder, kept.diff):
        told = f"the base's own {', '.join(carried.files)} is kept" if carried.files else ""
        if not _left(change, kept.diff, bench):
            return _placed(change, IN_BASE, _joined("merging it leaves nothing", told))
        return _written(
            bench, change, kept, FUZZ, _joined("a three-way merge puts it in", told), remark
        )
    if bench.request.resolved is not None:
        leave(bench.request.resolved, change.id, git, carried)
    conflicts = tuple(
        Conflict(hunk=hunk, touched=bench.between.touched(hunk)) for hunk in carried.hunks
    )
    files = ", ".join(carried.files) or f"the base defines {', '.join(twice)} already"
    return _placed(change, CONFLICTS, files, conflicts=conflicts, remark=remark)


def _code_of(diff: bytes) -> bytes:
    """Leave tests and texts out of a patch, unless there is nothing else in it."""
    code = leave_out_paths(diff, ("Lib/test/*", "Misc/*", "Doc/*"))
    return code if code.strip() else b""


def _left(change: Change, diff: bytes, bench: _Bench) -> bytes:
    """Leave out of a merge what the change lays or generates anew, which is no patch's."""
    made = outputs_of(change.regenerate, bench.git.folder)
    patch = leave_out_paths(diff, (*laid_paths(change, bench.context), *made))
    return patch if patch.strip() else b""


def _written(
    bench: _Bench, change: Change, carried: Carried, state: str, because: str, remark: str
) -> Placed:
    patch = _left(change, carried.diff, bench)
    _commit(bench, change, patch)
    return _placed(change, state, because, patch=patch, remark=remark)


def _sort_one(bench: _Bench, change: Change) -> Placed:
    named = "" if change.core else bench.between.names(change)
    hand = _hand(bench.request, change)
    if hand is not None and hand.dropped:
        if change.core and not change.optional:
            raise BadBranchError(
                "every branch carries the core changes: none is dropped", where=f"{hand.place}"
            )
        return _placed(change, DROPPED, hand.dropped)
    commit = commit_of(bench.old, change.id)
    if not change.core:
        code = diff_of(bench.git, commit, code=True)
        if code and _applies(bench.git, code, reverse=True):
            return _placed(change, IN_BASE, _joined("its lines are there", named))
    if _naturally(bench, change):
        return _kept(bench, change, named)
    return _merged(bench, change, named)


def sort_changes(
    store: Store,
    request: Rebase,
    *,
    reporter: Reporter = SILENT,
) -> Sorting:
    """Say of each change of a branch what becomes of it on a newer base.

    Nothing of the branch is written. What a hand has to resolve lies in `request.resolved`
    afterwards, where that is given.

    Args:
        store: keeps bases and trees.
        request: what to move where.
        reporter: told how it goes on.

    Raises:
        SourceUnavailableError, DigestMismatchError, BadArchiveError: the new base.
        ChangeConflictError: the branch does not apply to its present base.
    """
    branch = request.branch
    old = prepare(store, TreeRequest(branches=request.branches, branch=branch), reporter=reporter)
    base = base_repository(store, request.base, request.sources, reporter)
    key = key_of([branch.name, request.base])
    with store.lock("rebases", key):
        folder = store.scratch("rebases", key) / "source"
        try:
            git = Git(folder)
            run(["git", "clone", "-q", "--local", base, folder], env=git_env(git.date))
            git.settle()
            git("remote", "remove", "origin")
            git("fetch", "-q", str(old.folder), "HEAD")
            bench = _Bench(
                git=git,
                date=git("show", "-s", "--format=%cs", "HEAD").strip(),
                old=old,
                context=Context(
                    store=store,
                    branches=request.branches,
                    branch=replace(
                        branch,
                        name=request.name or branch.name,
                        base=request.base,
                        sources=request.sources,
                    ),
                    variant=variant_name(""),
                    reporter=reporter,
                ),
                request=request,
                between=_between(request, folder),
            )
            placed = []
            chosen = request.chosen
            series = [item for item in branch.series if chosen is None or item.id in chosen]
            for number, change in enumerate(series):
                reporter.progress("rebase", number, len(series))
                placed.append(_sort_one(bench, change))
            reporter.progress("rebase", len(series), len(series))
        finally:
            remove_tree(store.path("rebases", key).with_name(f".making-{key}"))
    return Sorting(placed=tuple(placed))


def _between(request: Rebase, folder: Path) -> Between:
    news = folder / "Misc" / "NEWS"
    entries = read_news(news) if news.is_file() else []
    return between(request.branch.base, request.base, entries, history=request.history)
