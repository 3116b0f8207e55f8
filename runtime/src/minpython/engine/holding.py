"""Modules that were imported while something else was being changed, and wait for that to end."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Callable

waiting: "list[tuple[ModuleType, str] | None]" = []
"""The modules that wait with their targets; a None for each context that is open."""
apply: "Callable[[ModuleType, str], None]" = NotImplemented
"""What restores things in a module, set by `minpython.engine.state`."""


class held:  # noqa: N801 - reads as a function
    """A context in which imported modules wait for their behaviours until its end."""

    def __enter__(self) -> None:
        """Let them wait."""
        waiting.append(None)

    def __exit__(self, *error: object) -> None:
        """Restore in those that were imported meanwhile."""
        waiting.remove(None)
        if None not in waiting:
            waited = [each for each in waiting if each is not None]
            waiting.clear()
            for module, target in waited:
                apply(module, target)
