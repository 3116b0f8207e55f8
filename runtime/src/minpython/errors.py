"""What can go wrong, in words for the person who has to act on it."""


class MinpythonError(Exception):
    """Base of all errors of this distribution."""

    exit_code = 70


class TableError(MinpythonError):
    """The behaviour table has wrong entries; the message lists all of them."""

    exit_code = 71


class RestoreError(MinpythonError):
    """A behaviour can't be restored on this interpreter; the message says why."""

    exit_code = 72


class InsecureError(MinpythonError, ValueError):
    """A behaviour that weakens security was asked for without ``allow_insecure``."""

    exit_code = 73


class ScopeError(MinpythonError, ValueError):
    """A behaviour that only exists for the whole program was asked for per package."""

    exit_code = 74


class ConfigError(MinpythonError, ValueError):
    """A request (``-X``, environment, ``minpython.cfg``) can't be read."""

    exit_code = 75
