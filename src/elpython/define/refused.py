"""What a branch has refused to take, with the reason: `branches/<series>/refused.toml`.

The file is there so that nobody asks twice. `needs` names what stands in the way; the first four
would break the branch's contract with its base, whoever wrote the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError
from elpython.core.ids import CVE
from elpython.core.toml import Reader, read_toml
from elpython.define.change import ID

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NEEDS", "Refusal", "read_refusals"]

NEEDS = (
    "new opcode",
    "new pyc magic number",
    "changed public struct",
    "new file tag",
    "changed behaviour",
    "not wanted",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """One thing that a branch does not take.

    Attributes:
        id: a short name, unique in the file, `match-statement`.
        title: one line.
        issues: `gh-...` and `bpo-...`.
        peps: PEP numbers.
        cves: CVE ids, for a fix that is refused.
        first_in: first CPython release that has it; empty for what CPython never had.
        reason: why, a sentence or two for who would ask for it.
        needs: one of `NEEDS`.
    """

    id: str
    title: str
    reason: str
    needs: str
    issues: tuple[str, ...] = ()
    peps: tuple[str, ...] = ()
    cves: tuple[str, ...] = ()
    first_in: str = ""


def _read_one(table: Reader) -> Refusal:
    refusal = Refusal(
        id=table.text("id", pattern=ID, like="match-statement"),
        title=table.text("title"),
        reason=table.text("reason"),
        needs=table.choice("needs", NEEDS),
        issues=table.words("issues", pattern=r"(gh|bpo)-\d+", like="gh-121650"),
        peps=table.words("peps", pattern=r"\d{1,4}", like='"634"'),
        cves=table.words("cves", pattern=CVE, like="CVE-2024-6232"),
        first_in=table.text("first-in", "", pattern=r"3\.\d+\.\d+((a|b|rc)\d+)?", like="3.12.0"),
    )
    if not (refusal.issues or refusal.peps or refusal.cves):
        table.problem("issues", "is missing (name issues, peps or cves: what would be asked for)")
    table.done()
    return refusal


def read_refusals(branch_folder: Path, problems: list[str] | None = None) -> tuple[Refusal, ...]:
    """Read a branch's `refused.toml`; nothing is refused where there is no such file.

    Args:
        branch_folder: `branches/3.11`.
        problems: gets a line for each finding, with file and key; None: they are raised.

    Raises:
        BadBranchError: every problem of the file, when `problems` is None.
    """
    path = branch_folder / "refused.toml"
    if not path.is_file():
        return ()
    file = f"branches/{branch_folder.name}/refused.toml"
    found: list[str] = []
    reader = Reader(read_toml(path, found, name=file), found, file=file)
    refusals: list[Refusal] = []
    seen: set[str] = set()
    for table in reader.tables("refused"):
        refusal = _read_one(table)
        if refusal.id in seen:
            table.problem("id", f"{refusal.id!r} is there twice")
        seen.add(refusal.id)
        refusals.append(refusal)
    reader.done()
    if problems is not None:
        problems += found
    elif found:
        raise BadBranchError("has problems", where=file, details=tuple(found))
    return tuple(refusals)
