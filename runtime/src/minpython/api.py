"""The functions that programs call; all are safe to call from several threads, and again."""

import sys

from minpython import versions
from minpython._index import BEHAVIOURS, INSECURE, PER_PACKAGE
from minpython.engine import journal, state
from minpython.engine.requests import Requests, is_package, unknown
from minpython.engine.scope import asker
from minpython.errors import InsecureError, ScopeError
from minpython.source import hooks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType, TracebackType

WHOLE_PROGRAM = "*"


def set_min_python_version(
    version: "tuple[int, ...]",
    packages: "Iterable[str] | None" = None,
) -> None:
    """Make Python act as the older ``version`` for what was removed or changed since.

    Args:
        version: a tuple of 2 or 3 non-negative ints, ``(3, 8)``.
        packages: the packages whose code sees it. Without: the whole program, when the main program
            asks; its own package, when an installed library asks. ``["*"]``: the whole program,
            whoever asks.

    Calls add up, the oldest version wins.

    Raises:
        TypeError: wrong type of an argument.
        ValueError: the version is newer than the running Python, or older than the oldest supported
            one; a package's name isn't one.
    """
    wanted = versions.checked(version)
    only = _packages(packages) if packages is not None else _own_package(asker(0))
    with state.lock:
        state.requests.ask(wanted, only)
    hooks.install()
    state.refresh()


def _packages(packages: "Iterable[str]") -> "frozenset[str] | None":
    """Return the names, or None for the whole program."""
    if isinstance(packages, (str, bytes)):
        raise TypeError(f"packages must be a list of names, not {type(packages).__name__}")
    try:
        names = frozenset(packages)
    except TypeError:
        kind = type(packages).__name__
        raise TypeError(f"packages must be a list of names, not {kind}") from None
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"packages must hold names only, not {type(name).__name__}: {name!r}")
        if name != WHOLE_PROGRAM and not is_package(name):
            raise ValueError(f"{name!r} is no package name")
    if not names:
        raise ValueError("packages names no package; leave it out for the whole program")
    return None if WHOLE_PROGRAM in names else names


def _own_package(frame: "FrameType | None") -> "frozenset[str] | None":
    """Return the package of the library that runs in ``frame``; None for the main program."""
    if frame is None:
        return None
    name = frame.f_globals.get("__name__")
    top = name.partition(".")[0] if isinstance(name, str) else ""
    path = frame.f_code.co_filename.replace("\\", "/")
    installed = "/site-packages/" in path or "/dist-packages/" in path
    if not installed or not top or top in ("__main__", "__mp_main__"):
        return None
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    main = getattr(spec, "parent", None) or ""
    return None if top == main.partition(".")[0] else frozenset({top})


def enable(
    name: str,
    packages: "Iterable[str] | None" = None,
    *,
    allow_insecure: bool = False,
) -> None:
    """Switch one behaviour on, whatever version is asked for.

    Args:
        name: the behaviour's name in the table.
        packages: the packages whose code sees it; without, the whole program.
        allow_insecure: needed for a behaviour that weakens security; a warning names it even so.

    Raises:
        ValueError: there is no such behaviour.
        ScopeError: it can't be restored for some packages only.
        InsecureError: it weakens security, and ``allow_insecure`` wasn't given.
    """
    only = None if packages is None else _packages(packages)
    check(name, only, allow_insecure=allow_insecure)
    with state.lock:
        state.requests.enable(name, only, insecure=BEHAVIOURS[name][INSECURE])
    if BEHAVIOURS[name][INSECURE]:
        warn_insecure([name], stacklevel=3)
    hooks.install()
    state.refresh()


def check(name: str, packages: "frozenset[str] | None", *, allow_insecure: bool) -> None:
    """Raise what `enable` raises when this behaviour can't be had in this way."""
    if name not in BEHAVIOURS:
        raise ValueError(unknown(name, BEHAVIOURS))
    if packages is not None and not BEHAVIOURS[name][PER_PACKAGE]:
        raise ScopeError(
            f"{name} can't be restored for some packages only: {_entry_text(name, 'scope_reason')}",
        )
    if BEHAVIOURS[name][INSECURE] and not allow_insecure:
        raise InsecureError(
            f"{name} weakens security: {_entry_text(name, 'security')} "
            "Pass allow_insecure=True to have it all the same.",
        )


def _entry_text(name: str, field: str) -> str:
    from minpython import table

    return next(str(getattr(entry, field)) for entry in table.load() if entry.name == name)


def warn_insecure(names: "Iterable[str]", stacklevel: int = 2) -> None:
    """Warn that these behaviours, which weaken security, are on."""
    import warnings

    told = ", ".join(sorted(names))
    warnings.warn(
        f"minpython restored what weakens security: {told}; see `minpython explain`",
        RuntimeWarning,
        stacklevel=stacklevel,
    )


def disable(name: str) -> None:
    """Switch one behaviour off for everyone, and take back what it had changed.

    Raises:
        ValueError: there is no such behaviour.
    """
    if name not in BEHAVIOURS:
        raise ValueError(unknown(name, BEHAVIOURS))
    with state.lock:
        state.requests.disable(name)
    state.refresh()
    journal.undo_behaviour(name)


class min_version:  # noqa: N801 - reads as a function
    """A context in which a version is asked for; at its end everything is as before.

    Meant for tests. What was changed is taken back in reverse order; the contexts of several
    threads have to end in reverse order too.
    """

    def __init__(
        self,
        version: "tuple[int, ...]",
        packages: "Iterable[str] | None" = None,
    ) -> None:
        """Check the arguments, see `set_min_python_version`."""
        self._version = versions.checked(version)
        self._packages = None if packages is None else _packages(packages)
        self._before: list[tuple[Requests, int]] = []

    def __enter__(self) -> "min_version":  # noqa: PYI034 - typing.Self is too new
        """Ask for the version."""
        with state.lock:
            self._before.append((state.requests.copy(), journal.mark()))
            state.requests.ask(self._version, self._packages)
        hooks.install()
        state.refresh()
        return self

    def __exit__(
        self,
        kind: "type[BaseException] | None",
        error: "BaseException | None",
        traceback: "TracebackType | None",
    ) -> None:
        """Take everything back, last change first."""
        requests, mark = self._before.pop()
        with state.lock:
            state.requests = requests
            failures = journal.undo_to(mark)
        state.refresh()
        hooks.tell_version()
        if failures and error is None:
            raise failures[0]
