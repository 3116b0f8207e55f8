"""What can go wrong in a mass rebuild as a whole; a package that fails is a result, no error."""

from __future__ import annotations

from elpython.core.errors import ElpythonError

__all__ = [
    "BadInputError",
    "BadOptionsError",
    "BadRulesError",
    "BadSourceError",
    "ContainmentError",
    "JournalError",
    "RunningError",
    "SchedulerError",
    "UnresolvedError",
]


class BadInputError(ElpythonError):
    """A requirements file, lock file or spec folder that cannot be planned from."""

    exit_code = 90


class UnresolvedError(ElpythonError):
    """Requirements that no index can satisfy, or that contradict each other."""

    exit_code = 91


class BadSourceError(ElpythonError):
    """A source archive that lies about itself, or that wants to leave its folder."""

    exit_code = 92


class BadOptionsError(ElpythonError):
    """A `rebuild.toml` with problems."""

    exit_code = 93


class BadRulesError(ElpythonError):
    """A file of triage rules or facts with problems."""

    exit_code = 94


class JournalError(ElpythonError):
    """A rebuild folder without a journal, or with one that cannot be read."""

    exit_code = 95


class RunningError(ElpythonError):
    """Another run is at work in this folder."""

    exit_code = 96


class SchedulerError(ElpythonError):
    """The Dask scheduler cannot be reached, or all workers are gone."""

    exit_code = 97


class ContainmentError(ElpythonError):
    """Containment was demanded and this machine cannot give it."""

    exit_code = 98
