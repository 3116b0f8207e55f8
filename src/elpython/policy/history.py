"""Who brought a change, and who approved it: read from the repository's own git history.

A unit is what was accepted as one: a commit on the main line, or a merge with the commits that it
brought. Trailers anywhere in a unit speak for the whole of it, since approvals of a pull request
are written into its merge commit, or into an empty commit at its end. For a pull request that is
not merged yet, all its commits are one unit.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.process import clean_env, require, run
from elpython.define.change import change_id
from elpython.policy.model import NoHistoryError, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elpython.core.process import Completed

__all__ = [
    "Commit",
    "changed_folders",
    "fork_point",
    "is_shallow",
    "read_commits",
    "removed_folders",
    "repository_of",
    "units_of",
]

# Folders of changes that no single branch owns.
SHARED = ("core", "fixes")

_RECORD, _FIELD, _END = "\x1e", "\x1f", "\x1d"
_FORM = "%x1e%H%x1f%P%x1f%ae%x1f%aI%x1f%(trailers:only,unfold)%x1d"
_ADDRESS = re.compile(r"<([^<>\s]+@[^<>\s]+)>|^(\S+@\S+)$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Commit:
    """One commit.

    Attributes:
        id: 40 hex digits.
        parents: likewise.
        author: e-mail address.
        day: of authorship.
        trailers: key in lower case -> values.
        paths: what it touches, from the repository's root.
    """

    id: str
    parents: tuple[str, ...]
    author: str
    day: dt.date
    trailers: Mapping[str, tuple[str, ...]]
    paths: tuple[str, ...]


def _git(folder: Path, *words: str) -> Completed:
    """Run git with the user's configuration, which may be what lets it read the repository.

    What of it would alter the output is set back.
    """
    settings = ["core.quotePath=false", "log.showSignature=false", "diff.noprefix=false"]
    options = [word for setting in settings for word in ("-c", setting)]
    argv = [require("git"), "-C", str(folder), "--no-pager", "--no-optional-locks", *options]
    return run([*argv, *words], env=clean_env(), check=False, errors="surrogateescape")


def repository_of(folder: Path) -> Path:
    """Return the root of the git repository that a folder stands in.

    Raises:
        NoHistoryError: in none, or in one that git refuses to read; says why.
    """
    found = _git(folder, "rev-parse", "--show-toplevel")
    if found.returncode != 0:
        raise NoHistoryError(
            "is in no git repository that can be read: who approved a change cannot be told",
            where=str(folder),
            details=tuple(found.stderr.strip().splitlines()[:3]),
            todo="run it in a clone of the project",
        )
    return Path(found.stdout.rstrip("\n"))


def _asked(root: Path, *words: str) -> str:
    found = _git(root, *words)
    if found.returncode != 0:
        lines = found.stderr.strip().splitlines() or [f"exit code {found.returncode}"]
        raise NoHistoryError(
            f"git cannot tell: {lines[-1]}",
            where=str(root),
            todo="name a revision that the repository has (git fetch brings others)",
        )
    return found.stdout


def is_shallow(root: Path) -> bool:
    """Whether the history is cut off (a clone with `--depth`)."""
    return _asked(root, "rev-parse", "--is-shallow-repository").strip() == "true"


def fork_point(root: Path, revision: str) -> str:
    """Return the commit at which the present state left a revision.

    Raises:
        NoHistoryError: the revision is not there, or has nothing in common with the present state.
    """
    # A revision that begins with a hyphen must not become an option.
    commit = _asked(root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    return _asked(root, "merge-base", commit.strip(), "HEAD").strip()


def _trailers(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        key, mark, value = line.partition(":")
        if mark:
            name = key.strip().lower()
            found[name] = (*found.get(name, ()), value.strip())
    return found


def read_commits(root: Path, span: str = "HEAD") -> list[Commit]:
    """Return the commits of a span of history, newest first.

    A merge tells the paths in which it differs from all its parents: what merging altered.
    """
    if not _asked(root, "rev-list", "-n", "1", "--all").strip():
        return []
    words = ["log", "--topo-order", "-c", "--name-only", "--no-renames", f"--format={_FORM}"]
    text = _asked(root, *words, span, "--")
    found = []
    for record in text.split(_RECORD)[1:]:
        head, _, paths = record.partition(_END)
        identity, parents, author, day, trailers = head.split(_FIELD)
        found.append(
            Commit(
                id=identity,
                parents=tuple(parents.split()),
                author=author,
                day=dt.datetime.fromisoformat(day).date(),
                trailers=_trailers(trailers),
                paths=tuple(line for line in paths.splitlines() if line),
            )
        )
    return found


def _bundles(commits: list[Commit]) -> list[list[Commit]]:
    """Put the commits that were accepted as one together, each main-line commit first."""
    by_id = {commit.id: commit for commit in commits}
    line: list[Commit] = []
    at = commits[0] if commits else None
    while at is not None:
        line.append(at)
        at = by_id.get(at.parents[0]) if at.parents else None
    seen: set[str] = set()
    bundles = []
    for commit in reversed(line):
        bundle = [commit]
        seen.add(commit.id)
        waiting = list(commit.parents[1:])
        while waiting:
            other = by_id.get(waiting.pop())
            if other is not None and other.id not in seen:
                seen.add(other.id)
                bundle.append(other)
                waiting += other.parents
        bundles.append(bundle)
    return bundles


def _addresses(bundle: Iterable[Commit], key: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for commit in bundle:
        for value in commit.trailers.get(key, ()):
            match = _ADDRESS.search(value)
            if match:
                found[match[1] or match[2]] = None
    return tuple(found)


def units_of(
    commits: list[Commit], prefix: str, *, together: bool = False
) -> dict[str, tuple[Unit, ...]]:
    """Return for each change's folder the units that touched it, oldest first.

    Args:
        commits: newest first.
        prefix: path of the `branches` folder from the repository's root, with a slash at its end.
        together: whether all commits are one unit, as in a pull request.
    """
    bundles = [commits] if together and commits else _bundles(commits)
    found: dict[str, tuple[Unit, ...]] = {}
    for bundle in bundles:
        touching: dict[str, list[Commit]] = {}
        for commit in bundle:
            folders = {_folder(path, prefix) for path in commit.paths} - {""}
            for folder in folders:
                touching.setdefault(folder, []).append(commit)
        approvals = _addresses(bundle, "approved-by")
        agreements = _addresses(bundle, "cla")
        for folder, own in touching.items():
            unit = Unit(
                commit=bundle[0].id,
                authors=tuple(dict.fromkeys(commit.author for commit in own)),
                day=max(commit.day for commit in own),
                approvals=approvals,
                agreements=agreements,
            )
            found[folder] = (*found.get(folder, ()), unit)
    return found


def _folder(path: str, prefix: str) -> str:
    """Return the change that a file belongs to, `3.11/x`, `core/x` or `fixes/x`; empty for others.

    Histories older than the folder `changes` have a folder for each change.
    """
    if not path.startswith(prefix):
        return ""
    parts = path[len(prefix) :].split("/")
    if parts[0] in SHARED and len(parts) == 2:
        return f"{parts[0]}/{change_id(parts[1])}"
    if len(parts) > 2 and parts[1] == "changes":
        return f"{parts[0]}/{change_id(parts[2])}"
    return "/".join(parts[:2]) if len(parts) > 2 else ""


def changed_folders(root: Path, base: str, prefix: str) -> tuple[set[str], set[str]]:
    """Return what differs from a commit, uncommitted files included.

    Returns:
        The folders of changes, and the other files below `branches` (`policy.toml`,
        `3.11/branch.toml`).
    """
    tracked = _asked(root, "diff", "--name-only", "--no-renames", "-z", base, "--", prefix)
    new = _asked(root, "ls-files", "--others", "--exclude-standard", "-z", "--", prefix)
    paths = [path for path in (tracked + new).split("\0") if path]
    folders = {_folder(path, prefix) for path in paths} - {""}
    files = {path[len(prefix) :] for path in paths if not _folder(path, prefix)}
    return folders, files


def removed_folders(root: Path, base: str, prefix: str) -> list[tuple[str, str, str]]:
    """Return the changes that a commit has and the present files have not.

    Returns:
        Change (`3.11/x`), the content of its file in that commit, and that of the facts which it
        shared.
    """
    listed = _asked(root, "ls-tree", "-r", "--name-only", "-z", base, "--", prefix)
    there = {
        _folder(path.relative_to(root).as_posix(), prefix)
        for path in (root / prefix).rglob("*.toml")
    }
    paths = {
        folder: path
        for path in listed.split("\0")
        if path.endswith(".toml") and (folder := _folder(path, prefix))
    }
    gone = sorted(paths.keys() - there)

    def text(folder: str) -> str:
        return _asked(root, "show", f"{base}:{paths[folder]}") if folder in paths else ""

    return [
        (folder, text(folder), text(f"fixes/{folder.partition('/')[2]}"))
        for folder in gone
        if not folder.startswith("fixes/")
    ]
