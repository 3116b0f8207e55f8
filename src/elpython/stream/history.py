"""Commits of a git repository as values, read with three git processes however many there are."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core import process
from elpython.core.errors import ElpythonError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = [
    "Change",
    "Commit",
    "GitHistoryError",
    "blobs",
    "git",
    "open_repository",
    "read_range",
    "resolve",
    "staged",
]

_NULL = "0" * 40


class GitHistoryError(ElpythonError):
    """A repository, revision or range that cannot be read."""

    exit_code = 63


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One path that a commit changed; `old` and `new` are blob ids, empty where there is none."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Commit:
    """One commit.

    Attributes:
        sha: full hash; empty for what is staged.
        parents: hashes; two and more for a merge.
        message: summary, empty line, body.
        changes: paths against its parent; for a merge only those that differ from all parents.
    """

    sha: str
    parents: tuple[str, ...]
    message: str
    changes: tuple[Change, ...]

    @property
    def summary(self) -> str:
        """The first line."""
        return self.message.lstrip("\n").split("\n", 1)[0]

    @property
    def body(self) -> str:
        """What follows the first line."""
        return self.message.lstrip("\n").partition("\n")[2]

    @property
    def is_merge(self) -> bool:
        """Whether it has more than one parent."""
        return len(self.parents) > 1


def git(repo: Path, *words: str, check: bool = True, index: str = "") -> process.Completed:
    """Run git in a repository.

    Args:
        repo: its folder.
        words: the git command.
        check: raise when it fails.
        index: path of another index file (a hook's); empty for the usual one.
    """
    program = process.require("git")
    env = process.clean_env({"GIT_INDEX_FILE": index} if index else None)
    env["GIT_OPTIONAL_LOCKS"] = "0"
    return process.run([program, "-C", repo, "--no-pager", *words], check=check, env=env)


def open_repository(folder: Path) -> Path:
    """Return the top folder of the work tree (or the bare repository) that holds a folder.

    Raises:
        GitHistoryError: no git repository is there.
    """
    if not folder.is_dir():
        raise GitHistoryError("there is no such folder", where=str(folder))
    found = git(folder, "rev-parse", "--show-toplevel", "--is-bare-repository", check=False)
    if found.returncode != 0:
        bare = git(folder, "rev-parse", "--is-bare-repository", check=False)
        if bare.stdout.strip() == "true":
            return folder
        raise GitHistoryError(
            "this is no git repository",
            where=str(folder),
            todo="give one with --repo",
            details=tuple(found.stderr.strip().splitlines()[:2]),
        )
    return folder.__class__(found.stdout.splitlines()[0])


def resolve(repo: Path, revision: str) -> str:
    """Return the full hash of a commit.

    Raises:
        GitHistoryError: no such commit; in a shallow clone the message says how to deepen it.
    """
    found = git(
        repo, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}",
        check=False,
    )  # fmt: skip
    if found.returncode == 0:
        return found.stdout.strip()
    shallow = is_shallow(repo)
    raise GitHistoryError(
        f"there is no revision {revision!r}" + (": this is a shallow clone" if shallow else ""),
        where=str(repo),
        todo=(
            "fetch the missing history: git fetch --unshallow (in CI: fetch-depth: 0)"
            if shallow
            else "see git branch --all and git tag for what there is"
        ),
    )


def is_shallow(repo: Path) -> bool:
    """Whether the repository's history is cut off."""
    return git(repo, "rev-parse", "--is-shallow-repository").stdout.strip() == "true"


def read_range(repo: Path, base: str, head: str) -> list[Commit]:
    """Return the commits of `base..head`, oldest first.

    Args:
        repo: the repository.
        base: revision before the range; where histories have parted, their merge base counts.
        head: last revision of the range.

    Raises:
        GitHistoryError: a revision is missing, the two have no common history, the range is cut
            off by a shallow clone, or it is the wrong way round.
    """
    first, last = resolve(repo, base), resolve(repo, head)
    common = git(repo, "merge-base", first, last, check=False).stdout.split()
    if not common:
        shallow = is_shallow(repo)
        raise GitHistoryError(
            f"{base} and {head} have no common history"
            + (": this is a shallow clone" if shallow else ""),
            where=str(repo),
            todo=(
                "fetch the missing history: git fetch --unshallow (in CI: fetch-depth: 0)"
                if shallow
                else ""
            ),
        )
    if first != last and common[0] == last:
        raise GitHistoryError(
            f"{head} comes before {base}: the range is the wrong way round",
            where=str(repo),
            todo=f"did you mean --base {head} --head {base}?",
        )
    span = f"{first}..{last}"
    messages = _messages(repo, span)
    _refuse_cut(repo, messages)
    changes = _changes(repo, span)
    return [
        Commit(sha=sha, parents=parents, message=message, changes=changes.get(sha, ()))
        for sha, parents, message in messages
    ]


_Message = tuple[str, tuple[str, ...], str]


def _messages(repo: Path, span: str) -> list[_Message]:
    out = git(repo, "log", "-z", "--reverse", "--topo-order", "--format=%H%n%P%n%B", span).stdout
    found = []
    for record in out.split("\0"):
        if record.strip():
            sha, parents, message = record.split("\n", 2)
            found.append((sha, tuple(parents.split()), message.rstrip("\n")))
    return found


def _refuse_cut(repo: Path, messages: list[_Message]) -> None:
    if not is_shallow(repo):
        return
    folder = git(repo, "rev-parse", "--git-path", "shallow").stdout.strip()
    cut = set((repo / folder).read_text().split())
    inside = [sha for sha, _, _ in messages if sha in cut]
    if inside:
        raise GitHistoryError(
            f"the range is cut off at {inside[0][:12]}: this is a shallow clone",
            where=str(repo),
            todo="fetch the missing history: git fetch --unshallow (in CI: fetch-depth: 0)",
        )


def _changes(repo: Path, span: str) -> dict[str, tuple[Change, ...]]:
    out = git(
        repo, "log", "-z", "--format=%H", "--raw", "-c", "--no-abbrev", "--no-renames",
        "--diff-filter=ADMT", span,
    ).stdout  # fmt: skip
    tokens = iter(out.split("\0"))
    found: dict[str, list[Change]] = {}
    sha = ""
    for token in tokens:
        bare = token.lstrip("\n")
        if bare.startswith(":"):
            found[sha].append(_raw(bare, next(tokens, "")))
        elif bare:
            sha = bare
            found[sha] = []
    return {key: tuple(value) for key, value in found.items()}


def _raw(line: str, path: str) -> Change:
    """Read one raw diff line; a merge's has one colon, mode and blob more for each parent."""
    parents = len(line) - len(line.lstrip(":"))
    words = line.lstrip(":").split()
    old, new = words[parents + 1], words[2 * parents + 1]
    return Change(
        path=path, old="" if old.strip("0") == "" else old, new="" if new.strip("0") == "" else new
    )


def blobs(repo: Path, ids: Iterable[str]) -> Mapping[str, bytes]:
    """Read many blobs in one process.

    Raises:
        GitHistoryError: one is not there (a partial clone without its network, a broken one).
    """
    wanted = sorted({blob for blob in ids if blob})
    if not wanted:
        return {}
    with tempfile.TemporaryFile() as questions:
        questions.write("".join(f"{blob}\n" for blob in wanted).encode())
        questions.seek(0)
        words = [process.require("git"), "-C", str(repo), "cat-file", "--batch"]
        child = process.spawn(words, stdin=questions)
        out, _ = child.communicate()
    found: dict[str, bytes] = {}
    place = 0
    for blob in wanted:
        end = out.find(b"\n", place)
        words_of = out[place:end].split()
        if end < 0 or len(words_of) != 3:
            raise GitHistoryError(
                f"the object {blob[:12]} is missing", where=str(repo), todo="run git fsck"
            )
        size = int(words_of[2])
        found[blob] = out[end + 1 : end + 1 + size]
        place = end + 1 + size + 1
    return found


def staged(repo: Path, message: str, *, index: str = "") -> Commit:
    """Return what is about to be committed as a commit, for a commit-msg hook.

    Args:
        repo: the repository.
        message: the message as the user left it; comment lines are taken out.
        index: the index that git uses for this commit (`GIT_INDEX_FILE`).

    A commit that is amended is compared with its parent: it is one when its summary is that of
    HEAD, or when nothing is staged.
    """
    lines = [line for line in message.splitlines() if not line.startswith("#")]
    text = "\n".join(lines).strip()
    against = "HEAD"
    if git(repo, "rev-parse", "--verify", "--quiet", "HEAD", check=False).returncode != 0:
        against = _empty_tree(repo)
    changes = _staged_changes(repo, against, index)
    head = git(repo, "log", "-1", "--format=%s%n%P", check=False).stdout.splitlines()
    amending = bool(head) and (not changes or head[0] == text.split("\n", 1)[0])
    if amending:
        parent = head[1].split()[:1] if len(head) > 1 else []
        changes = _staged_changes(repo, parent[0] if parent else _empty_tree(repo), index)
    return Commit(sha="", parents=(), message=text, changes=changes)


def _empty_tree(repo: Path) -> str:
    with tempfile.TemporaryFile() as nothing:
        words = [process.require("git"), "-C", str(repo), "hash-object", "-t", "tree", "--stdin"]
        out, _ = process.spawn(words, stdin=nothing).communicate()
    return str(out.decode().strip())


def _staged_changes(repo: Path, against: str, index: str) -> tuple[Change, ...]:
    out = git(
        repo, "diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames",
        against, index=index,
    ).stdout  # fmt: skip
    tokens = iter(out.split("\0"))
    return tuple(_raw(token, next(tokens, "")) for token in tokens if token.startswith(":"))
