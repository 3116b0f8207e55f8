"""The prepared tree: a git repository with the base as one commit, then one commit per change.

Dates, author and order are fixed, so that the commit ids are the same on every machine.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import ChangeConflictError, UsageError
from elpython.core.process import require, run
from elpython.core.report import SILENT
from elpython.core.store import Store, disk_errors, key_of
from elpython.prepare.apply import Context, code_digest, lay
from elpython.prepare.git import FALLBACK_DATE, Git, git_env
from elpython.upstream import archive, fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from elpython.core.report import Reporter
    from elpython.define.branch import Branch
    from elpython.define.change import Change
    from elpython.upstream import Source

__all__ = [
    "Tree",
    "TreeRequest",
    "add_change",
    "applier",
    "base_repository",
    "check_redistributor",
    "commit_of",
    "copy_tree",
    "message_of",
    "prepare",
    "variant_name",
]

_FORMAT = 2
_REDISTRIBUTOR = re.compile(r"[a-z][a-z0-9]*(?:[-.][a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeCommit:
    """One change as it stands in a tree.

    Attributes:
        change: its id.
        commit: 40 hex digits.
        patch_id: `git patch-id --stable` of the commit; empty for a commit that changes nothing.
    """

    change: str
    commit: str
    patch_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """A prepared tree.

    Attributes:
        folder: the git repository, clean.
        branch: name of the branch.
        base: the base's version.
        version: the EL version.
        variant: value for `sys.implementation.variant`.
        base_commit: commit of the base's import.
        head: its last commit.
        commits: one a change, in order.
    """

    folder: Path
    branch: str
    base: str
    version: str
    variant: str
    base_commit: str
    head: str
    commits: tuple[TreeCommit, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeRequest:
    """What to prepare.

    Attributes:
        branches: the `branches` folder.
        branch: the branch.
        length: how many changes of the series; None for all, 0 for the bare base.
        redistributor: name of who rebuilds it; empty for EL Python itself.
    """

    branches: Path
    branch: Branch
    length: int | None = None
    redistributor: str = ""

    @property
    def series(self) -> tuple[Change, ...]:
        """The changes that are asked for."""
        return self.branch.series[: self.length]


def check_redistributor(name: str) -> str:
    """Return the name back when it may be part of `sys.implementation.variant`.

    Raises:
        UsageError: it is none; says the form.
    """
    if name and (not _REDISTRIBUTOR.fullmatch(name) or len(name) > 40):
        raise UsageError(
            f"{name!r} cannot be a redistributor's name",
            where="--redistributor",
            todo="lower-case letters, digits, single hyphens and dots, first a letter, "
            "at most 40 characters: acme",
        )
    return name


def variant_name(redistributor: str) -> str:
    """Return the value of `sys.implementation.variant`."""
    return f"elpython-{check_redistributor(redistributor)}" if redistributor else "elpython"


def _release_date(folder: Path) -> str:
    """Return the newest release date that the source's own NEWS tells (blurb's merged form)."""
    news = folder / "Misc" / "NEWS"
    if news.is_file():
        found = re.search(
            r"\*Release date: (\d{4}-\d\d-\d\d)\*", news.read_text("utf-8", "replace")
        )
        if found:
            return found[1]
    return FALLBACK_DATE


def base_repository(
    store: Store, version: str, sources: Sequence[Source], reporter: Reporter
) -> Path:
    """Return a base as a git repository of one commit, stored under its archive's digest.

    Args:
        store: where it is kept.
        version: the upstream release, `3.11.2`.
        sources: where its archive is available, in order.
        reporter: told how it goes on.

    Raises:
        SourceUnavailableError, DigestMismatchError, BadArchiveError.
    """
    for source in sources:
        found = store.find("bases", source.sha256[:32])
        if found is not None:
            return found
    path = fetch(store, sources, reporter=reporter)
    digest = next(source.sha256 for source in sources if store.find("sources", source.sha256[:32]))

    def make(folder: Path) -> None:
        archive.unpack(path, folder)
        git = Git(folder)
        git("init", "-q", "-b", "main")
        git.settle()
        git.commit(f"CPython {version}\n", _release_date(folder))
        git("repack", "-adq")

    return store.product("bases", digest[:32], make)


def message_of(change: Change, branch: Branch) -> str:
    """Return the message of a change's commit, with its trailers."""
    lines = [change.title, ""]
    if change.description:
        lines += [change.description.strip(), ""]
    trailers = [("EL-Change", change.id), ("EL-Kind", change.kind), ("EL-Branch", branch.name)]
    trailers += [("Upstream-Issue", issue) for issue in change.issues]
    trailers += [("Upstream-Commit", commit) for commit in change.commits]
    if change.first_in:
        trailers.append(("Upstream-First-In", change.first_in))
    trailers += [("PEP", number) for number in change.pep]
    trailers += [("CVE", cve) for cve in change.cves]
    if change.origin:
        trailers.append(("Origin", change.origin))
    return "\n".join([*lines, *(f"{key}: {value}" for key, value in trailers)]) + "\n"


def _earlier(git: Git, file: str, start: int, count: int) -> list[str]:
    """Return the changes that touched the given lines of a file."""
    span = f"{max(start, 1)},+{max(count, 1)}"
    text = git("blame", "--porcelain", "-s", "-L", span, "HEAD", "--", file, check=False)
    commits = dict.fromkeys(re.findall(r"^([0-9a-f]{40}) ", text, re.MULTILINE))
    form = "--format=%(trailers:key=EL-Change,valueonly,separator=%x2C)"
    names = [git("show", "-s", form, commit).strip() for commit in commits]
    return [name for name in dict.fromkeys(names) if name]


def _conflict(
    git: Git, branch: Branch, change: Change, name: str, text: bytes
) -> ChangeConflictError:
    """Find out what rejected a patch: files, hunks, and who touched those lines before."""
    outcome = run(
        ["git", "-C", git.folder, "apply", "--reject", "--whitespace=nowarn"],
        env=git_env(git.date),
        input_text=text.decode("utf-8", "surrogateescape"),
        check=False,
    )
    details: list[str] = []
    for rejected in sorted(git.folder.rglob("*.rej")):
        file = str(rejected.relative_to(git.folder))[: -len(".rej")]
        hunks = rejected.read_text("utf-8", "replace")
        details += [f"rejected in {file}:", *hunks.splitlines()[1:60]]
        earlier: list[str] = []
        for match in re.finditer(r"^@@ -(\d+)(?:,(\d+))? ", hunks, re.MULTILINE):
            earlier += _earlier(git, file, int(match[1]), int(match[2] or 1))
        touched = ", ".join(dict.fromkeys(earlier))
        details.append(f"these lines were touched before by: {touched or 'no earlier change'}")
    if not details:
        details = outcome.stderr.splitlines()[-20:]
    return ChangeConflictError(
        f"the patch {name} does not apply",
        where=f"branch {branch.name}, change {change.id}",
        details=tuple(details),
        todo="write a patch for this base, or move the change in the series of "
        f"branches/{branch.name}/branch.toml",
    )


def applier(git: Git, branch: Branch, change: Change) -> Callable[[str, bytes], None]:
    """Return what applies a change's patches to a working tree, given name and text."""

    def apply(name: str, text: bytes) -> None:
        outcome = run(
            ["git", "-C", git.folder, "apply", "--whitespace=nowarn", "-"],
            env=git_env(git.date),
            input_text=text.decode("utf-8", "surrogateescape"),
            check=False,
        )
        if outcome.returncode != 0:
            raise _conflict(git, branch, change, name, text)

    return apply


def add_change(git: Git, change: Change, context: Context, date: str) -> TreeCommit:
    """Lay a change over a working tree and commit it.

    Args:
        git: the working tree, clean.
        change: the change.
        context: store, branches and branch.
        date: the day of its commit, unless the change has one of its own.

    Raises:
        ChangeConflictError: it does not apply; the working tree is left as that made it.
        BadArchiveError, DigestMismatchError, SourceUnavailableError, BadBranchError.
    """
    lay(change, git.folder, context, applier(git, context.branch, change))
    day = change.last_update.isoformat() if change.last_update else date
    commit = git.commit(message_of(change, context.branch), day)
    diff = git("diff-tree", "-p", "--no-renames", commit)
    patch_id = git("patch-id", "--stable", text=diff).split(" ")[0] if diff else ""
    return TreeCommit(change=change.id, commit=commit, patch_id=patch_id.strip())


def tree_key(request: TreeRequest, context: Context) -> str:
    """Return the key of a tree: base, series with all content, EL version and variant."""
    branch = request.branch
    return key_of(
        {
            "format": _FORMAT,
            "base": [source.sha256 for source in branch.sources],
            "el": str(branch.el) if request.series else "",
            "variant": context.variant if request.series else "",
            "series": [
                [
                    change.id,
                    message_of(change, branch),
                    str(change.last_update),
                    code_digest(change, context),
                ]
                for change in request.series
            ],
        }
    )


def _load(product: Path) -> Tree:
    data = json.loads((product / "tree.json").read_text("utf-8"))
    commits = tuple(TreeCommit(**item) for item in data.pop("commits"))
    return Tree(folder=product / "source", commits=commits, **data)


def prepare(
    store: Store,
    request: TreeRequest,
    *,
    reporter: Reporter = SILENT,
) -> Tree:
    """Prepare a branch's tree; an unchanged one comes from the store.

    Args:
        store: where it is kept.
        request: branch, length of the series, redistributor.
        reporter: told how it goes on.

    Raises:
        ChangeConflictError: a change does not apply; no half tree remains.
        SourceUnavailableError, DigestMismatchError, BadArchiveError, BadBranchError.
    """
    require("git")
    branch = request.branch
    context = Context(
        store=store,
        branches=request.branches,
        branch=branch,
        variant=variant_name(request.redistributor),
        reporter=reporter,
    )

    def make(folder: Path) -> None:
        base = base_repository(store, branch.base, branch.sources, reporter)
        source = folder / "source"
        git = Git(source)
        run(["git", "clone", "-q", "--local", base, source], env=git_env(git.date))
        git.settle()
        git("remote", "remove", "origin")
        base_commit = git("rev-parse", "HEAD").strip()
        date = git("show", "-s", "--format=%cs", "HEAD").strip()
        commits = []
        for index, change in enumerate(request.series):
            reporter.progress("changes", index, len(request.series))
            commits.append(add_change(git, change, context, date))
        reporter.progress("changes", len(request.series), len(request.series))
        tree = Tree(
            folder=source,
            branch=branch.name,
            base=branch.base,
            version=str(branch.version) if request.series else branch.base,
            variant=context.variant if request.series else "",
            base_commit=base_commit,
            head=git("rev-parse", "HEAD").strip(),
            commits=tuple(commits),
        )
        data = asdict(tree)
        del data["folder"]
        (folder / "tree.json").write_text(json.dumps(data, indent=2), "utf-8")

    return _load(store.product("trees", tree_key(request, context), make))


def copy_tree(tree: Tree, target: Path) -> Path:
    """Copy a prepared tree, with its history, to a folder that is not there yet or empty.

    Raises:
        UsageError: the folder holds something; nothing is touched.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError("is there and not empty", where=str(target), todo="name a new folder")
    with disk_errors(target):
        shutil.copytree(tree.folder, target, symlinks=True, dirs_exist_ok=True)
    return target


def commit_of(tree: Tree, change: str) -> str:
    """Return the commit of a change in a tree."""
    return next(item.commit for item in tree.commits if item.change == change)
