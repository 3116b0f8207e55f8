"""The one family of errors: what happened, where, and what to do next.

Each class owns its exit code; `tests/core/test_errors.py` holds that no two share one. The ground
and the pipeline own 10 to 39; a capability package defines its own subclasses beside the code that
raises them: contract 40-49, release 50-59, stream 60-69, schedule 70-79, stacks 80-99, features,
needs and policy 100-109, site 110-119, in-place replacement 120-129.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

__all__ = [
    "BadArchiveError",
    "BadBranchError",
    "BadInterpreterError",
    "BadVersionError",
    "BuildError",
    "ChangeConflictError",
    "DigestMismatchError",
    "DiskFullError",
    "ElpythonError",
    "FileAccessError",
    "InterruptedRunError",
    "MissingProgramError",
    "ProgramFailedError",
    "ProgramTimeoutError",
    "SourceUnavailableError",
    "StoreError",
    "UnknownNameError",
    "UsageError",
]


@dataclass(eq=False)
class ElpythonError(Exception):
    """A failure that the user can act on.

    Attributes:
        what: what happened, one sentence without a full stop.
        where: the file, key, line or program it happened at; empty when there is none.
        todo: what to do next; empty when `what` says it all.
        details: further lines (a rejected hunk, the end of a log), printed as they are.
    """

    what: str
    where: str = ""
    todo: str = ""
    details: tuple[str, ...] = field(default=(), kw_only=True)

    exit_code: ClassVar[int] = 10

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return "\n".join([head, *self.details, *([self.todo] if self.todo else [])])


class UsageError(ElpythonError):
    """An argument or option that cannot be taken."""

    exit_code = 11


class UnknownNameError(ElpythonError):
    """A name that is not among the known ones."""

    exit_code = 12


class BadVersionError(ElpythonError):
    """A string that is no EL version."""

    exit_code = 13


class BadBranchError(ElpythonError):
    """A branch folder, `branch.toml` or `change.toml` with problems."""

    exit_code = 14


class SourceUnavailableError(ElpythonError):
    """No provider could give a source."""

    exit_code = 15


class DigestMismatchError(ElpythonError):
    """A file whose digest is not the pinned one; it was set aside, never used."""

    exit_code = 16


class BadArchiveError(ElpythonError):
    """An archive or patch with members that leave the tree, or that cannot be read."""

    exit_code = 17


class ChangeConflictError(ElpythonError):
    """A change that does not apply to the tree before it."""

    exit_code = 18


class BuildError(ElpythonError):
    """A build that failed: the first compiler error and the log's path."""

    exit_code = 19


class BadInterpreterError(ElpythonError):
    """A path that is no Python, or a Python that is broken or hangs."""

    exit_code = 20


class MissingProgramError(ElpythonError):
    """A program that has to be installed first."""

    exit_code = 21


class ProgramFailedError(ElpythonError):
    """A program that ended with an exit code other than 0."""

    exit_code = 22


class ProgramTimeoutError(ElpythonError):
    """A program that was stopped at its time limit."""

    exit_code = 23


class StoreError(ElpythonError):
    """The store cannot be read or written."""

    exit_code = 24


class DiskFullError(ElpythonError):
    """No space left: what was half made is removed, the next run goes on."""

    exit_code = 25


class FileAccessError(ElpythonError):
    """A file or folder that was named and cannot be read or written."""

    exit_code = 27


class InterruptedRunError(ElpythonError):
    """The user stopped the run; finished products are kept."""

    exit_code = 130
