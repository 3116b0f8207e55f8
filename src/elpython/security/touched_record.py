"""What upstream's tests of the touched modules showed, kept beside the branch: `touched.json`.

It names each change's patch id as `series.lock` has it: what has changed since is told apart.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from elpython.core.errors import BadBranchError
from elpython.core.store import write_atomic
from elpython.core.strict_json import load_json
from elpython.prepare.series import read_lock

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.security.touched import FileResult

__all__ = ["TouchedFile", "TouchedRecord", "read_touched", "record_touched", "touched_record"]

_FILE = "touched.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class TouchedFile:
    """A test file's result.

    Attributes:
        test: its name below `test`.
        state: one of `touched.STATES`.
        ran, skipped: counts of tests on the branch.
        broken: ids of the tests that fail on the branch; on the base they fail too, unless the
            state is `broken`.
    """

    test: str
    state: str
    ran: int
    skipped: int
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TouchedRecord:
    """How a branch's touched modules went.

    Attributes:
        measured: the day, `2026-11-21`.
        patch_ids: change -> patch id, of the content that was tested.
        files: each test file, sorted.
    """

    measured: str
    patch_ids: dict[str, str]
    files: tuple[TouchedFile, ...]

    @property
    def counts(self) -> Counter[str]:
        """State -> number of files."""
        return Counter(item.state for item in self.files)

    @property
    def ran(self) -> int:
        """How many tests ran."""
        return sum(item.ran - item.skipped for item in self.files)

    def moved(self, branch: Branch) -> tuple[str, ...]:
        """Return the changes that were not tested with the content that they have now."""
        now = {name: item for name, item in read_lock(branch).items() if name != "base"}
        names = dict.fromkeys([*now, *self.patch_ids])
        return tuple(name for name in names if now.get(name) != self.patch_ids.get(name))


def touched_record(
    results: Iterable[FileResult], *, measured: str, patch_ids: dict[str, str]
) -> TouchedRecord:
    """Turn results into what is recorded of them."""
    files = [
        TouchedFile(
            test=item.module,
            state=item.state,
            ran=item.branch.ran,
            skipped=item.branch.skipped,
            broken=item.branch.broken,
        )
        for item in results
    ]
    return TouchedRecord(measured=measured, patch_ids=patch_ids, files=tuple(files))


def record_touched(branch: Branch, made: TouchedRecord) -> Path:
    """Write a branch's record; gives its path."""
    rows = ",\n".join("  " + json.dumps(asdict(item)) for item in made.files)
    ids = ",\n".join(f"  {json.dumps(name)}: {json.dumps(i)}" for name, i in made.patch_ids.items())
    head = f'"measured": {json.dumps(made.measured)},\n "patch_ids": {{\n{ids}\n }}'
    path = branch.folder / _FILE
    write_atomic(path, f'{{{head},\n "files": [\n{rows}\n]}}\n'.encode())
    return path


def _read_file(row: dict[str, Any]) -> TouchedFile:
    return TouchedFile(
        test=str(row["test"]),
        state=str(row["state"]),
        ran=int(row["ran"]),
        skipped=int(row["skipped"]),
        broken=tuple(map(str, row["broken"])),
    )


def read_touched(branch: Branch) -> TouchedRecord | None:
    """Return a branch's record; None where there is none.

    Raises:
        BadBranchError: the file is not what `elpython fix test --touched --record` writes.
    """
    path = branch.folder / _FILE
    if not path.is_file():
        return None
    try:
        data = load_json(path.read_text("utf-8"))
        files = tuple(_read_file(row) for row in data["files"])
        ids = {str(name): str(item) for name, item in data["patch_ids"].items()}
        return TouchedRecord(measured=str(data["measured"]), patch_ids=ids, files=files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadBranchError(
            f"is no record of touched modules: {error!r}",
            where=f"branches/{branch.name}/{_FILE}",
            todo=f"make it anew: elpython fix test {branch.name} --touched --record",
        ) from error
