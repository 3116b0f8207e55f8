"""What was resolved by hand: a folder per change, which the next run takes.

`DIR/ID/before/PATH` is a file as it was before the change, on the new base; `DIR/ID/after/PATH` is
what it shall be. Both are written where a merge leaves conflicts, `after` with git's markers in it.
A file `DIR/ID/dropped` takes a change out of the branch; it holds the reason. `DIR/ID.patch` says
the same as a patch, for who would rather write that: what it makes of the new base's files is what
the change shall be in them; where upstream's own tests conflict, and the patch does not name them,
the base's stay. In both forms, all other files are merged.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import UsageError
from elpython.core.process import run
from elpython.core.store import remove_tree, write_atomic
from elpython.prepare.carry import has_markers
from elpython.prepare.rebase.give_way import keep_own
from elpython.upstream.archive import safe_path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from elpython.prepare.carry import Carried
    from elpython.prepare.git import Git

__all__ = ["ByHand", "leave", "read_by_hand", "settled"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ByHand:
    """What a hand has left for a change.

    Attributes:
        place: the file or folder that says it.
        dropped: the reason for which it is taken out; empty: it is not.
        patch: what it alters in the files that need a hand; empty where `files` say it.
        files: path -> content before and content wanted.
    """

    place: Path
    dropped: str = ""
    patch: bytes = b""
    files: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)


def read_by_hand(folder: Path | None, change: str) -> ByHand | None:
    """Return what a folder has for a change; None where it has nothing, or markers still.

    Raises:
        UsageError: a change is dropped without a reason.
    """
    if folder is None:
        return None
    patch = folder / f"{change}.patch"
    if patch.is_file():
        return ByHand(place=patch, patch=patch.read_bytes())
    place = folder / change
    if not place.is_dir():
        return None
    note = place / "dropped"
    if note.is_file():
        reason = " ".join(note.read_text("utf-8").split())
        if not reason:
            raise UsageError("gives no reason", where=str(note), todo="write one line into it")
        return ByHand(place=note, dropped=reason)
    files = {}
    for path in sorted((place / "after").rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(place / "after").as_posix()
        safe_path(name)
        wanted = path.read_bytes()
        if has_markers(wanted):
            return None
        before = place / "before" / name
        files[name] = (before.read_bytes() if before.is_file() else b"", wanted)
    return ByHand(place=place, files=files) if files else None


def settled(
    git: Git, conflicts: Collection[str], hand: ByHand, yields: Callable[[str], bool]
) -> bool:
    """Write what a hand has resolved over a working tree; whether it resolves all conflicts.

    A file that has changed since it was resolved is merged.

    Args:
        git: the working tree, into which the rest of the change has been merged.
        conflicts: the files that have conflicts.
        hand: what the hand has left.
        yields: says of a file that a patch does not name whether the base's own may stay.
    """
    if hand.patch:
        return _patched(git, conflicts, hand.patch, yields)
    if set(conflicts) - set(hand.files):
        return False
    for name, (before, wanted) in hand.files.items():
        now = run(
            ["git", "-C", git.folder, "show", f"HEAD:{name}"],
            check=False,
            errors="surrogateescape",
        ).stdout.encode("utf-8", "surrogateescape")
        merged = wanted if now == before else _merged(now, before, wanted)
        if merged is None:
            return False
        target = git.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(merged)
    return True


def _patched(
    git: Git, conflicts: Collection[str], patch: bytes, yields: Callable[[str], bool]
) -> bool:
    """Lay a patch over the base's own of all files that it names."""
    text = patch.decode("utf-8", "surrogateescape")
    words: list[str | Path] = ["git", "-C", git.folder, "apply", "--whitespace=nowarn"]
    listed = run([*words, "--numstat", "-z", "-"], input_text=text, check=False)
    named = {line.split("\t")[2] for line in listed.stdout.split("\0") if line}
    others = set(conflicts) - named
    if listed.returncode != 0 or not all(map(yields, others)):
        return False
    keep_own(git, named | others)
    return run([*words, "-"], input_text=text, check=False).returncode == 0


def _merged(now: bytes, before: bytes, wanted: bytes) -> bytes | None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("now", "before", "wanted")]
        for path, data in zip(paths, (now, before, wanted), strict=True):
            path.write_bytes(data)
        outcome = run(["git", "merge-file", *paths], check=False)
        return paths[0].read_bytes() if outcome.returncode == 0 else None


def leave(folder: Path, change: str, git: Git, carried: Carried) -> None:
    """Write the files of a merge's conflicts for a hand; what a hand has begun stays."""
    place = folder / change
    after = [path for path in (place / "after").rglob("*") if path.is_file()]
    if any(path.relative_to(place / "after").as_posix() in carried.files for path in after):
        return
    if place.exists():
        remove_tree(place)
    for name, data in carried.files.items():
        path = git.folder / name
        if path.is_file():
            write_atomic(place / "before" / name, path.read_bytes())
        write_atomic(place / "after" / name, data)
