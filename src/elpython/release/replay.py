"""Apply published patches to the base again, in git's index alone: no working tree is touched."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.process import run
from elpython.prepare.git import FALLBACK_DATE, git_env
from elpython.release.errors import RefusedReleaseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from elpython.core.report import Reporter
    from elpython.prepare.tree import Tree

__all__ = ["apply_all", "replay"]


def apply_all(
    repository: Path, start: str, patches: Sequence[Path], scratch: Path
) -> Iterator[tuple[Path, str]]:
    """Apply patches in order; give each with the tree id after it.

    Args:
        repository: git repository that has the start; gets new objects, nothing else.
        start: commit or tree id.
        patches: the files.
        scratch: a folder for git's index.

    Raises:
        RefusedReleaseError: one does not apply.
    """
    env = git_env(FALLBACK_DATE) | {"GIT_INDEX_FILE": str(scratch / "index")}

    def git(*words: str | Path, text: str | None = None) -> str:
        argv: list[str | Path] = ["git", "-C", repository, *words]
        return run(argv, env=env, input_text=text, errors="surrogateescape").stdout

    git("read-tree", start)
    for path in patches:
        words: list[str | Path] = ["git", "-C", repository, "apply", "--cached"]
        words += ["--whitespace=nowarn", path]
        done = run(words, env=env, check=False)
        if done.returncode != 0:
            raise RefusedReleaseError(
                "does not apply to the tree before it",
                where=path.name,
                details=tuple(done.stderr.splitlines()[:10]),
            )
        yield path, git("write-tree").strip()


def replay(tree: Tree, patches: Mapping[str, Path], reporter: Reporter) -> None:
    """Check that patches lead, step by step, to the trees of the changes' commits.

    Args:
        tree: the prepared tree.
        patches: change -> its patch file, in order; a change that changes nothing has none.
        reporter: told how it goes on.

    Raises:
        RefusedReleaseError: a patch is missing, does not apply, or gives another tree.
    """
    with tempfile.TemporaryDirectory(prefix="elpython-replay-") as folder:
        scratch = Path(folder)
        clone = scratch / "clone"
        env = git_env(FALLBACK_DATE)
        words: list[str | Path] = [
            "git",
            "clone",
            "-q",
            "--local",
            "--no-checkout",
            tree.folder,
            clone,
        ]
        run(words, env=env)
        names = {path: change for change, path in patches.items()}
        wanted = _trees(tree)
        for number, (path, found) in enumerate(
            apply_all(clone, tree.base_commit, list(patches.values()), scratch)
        ):
            reporter.progress("patches", number, len(patches))
            if found != wanted[names[path]]:
                raise RefusedReleaseError(
                    "gives another tree than its change",
                    where=path.name,
                    todo="the change has content that a patch cannot carry (a file mode, an "
                    "empty folder)",
                )
        reporter.progress("patches", len(patches), len(patches))
        for item in tree.commits:
            if item.change not in patches and item.patch_id:
                raise RefusedReleaseError(
                    "has content, but no patch was written for it", where=f"change {item.change}"
                )


def _trees(tree: Tree) -> dict[str, str]:
    words: list[str | Path] = ["git", "-C", tree.folder, "rev-parse"]
    commits = [f"{item.commit}^{{tree}}" for item in tree.commits]
    done = run([*words, *commits], env=git_env(FALLBACK_DATE))
    changes = [item.change for item in tree.commits]
    return dict(zip(changes, done.stdout.split(), strict=True))
