"""Toggles as the standard library reads them: resolved at the first use, then an attribute.

A module keeps what :func:`toggle` gives and reads its ``legacy``; where only a rare case asks, it
calls :func:`legacy`. :func:`reset` makes every toggle be resolved anew, in place.
"""

from __future__ import annotations

import sys

from _elpython import _config, _table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

__all__ = ["Toggle", "everything", "legacy", "reset", "toggle", "value"]


class Toggle:
    """One toggle with its present value.

    Attributes:
        name: as in ``branches/toggles.toml``.
        value: the value in force.
        source: where it comes from, for people: a variable, an option, file and line, the branch.
        legacy: whether the value is the legacy one.
        chosen: whether somebody set it, be it to the default.
        counting: whether uses of legacy behaviour are counted (``ELPYTHON_TOGGLES_REPORT``).
    """

    __slots__ = ("chosen", "counting", "legacy", "name", "source", "value")

    legacy: bool

    def __init__(self, name: str) -> None:
        self.name = name
        self.resolve()

    def resolve(self) -> None:
        """Find the value anew.

        Raises:
            _config.ToggleError: something that cannot be taken is set (with ``-S``, where no
                start-up has told it).
        """
        spec = _table.TOGGLES[self.name]
        self.chosen = True
        own = _config.cpythons_own(spec)
        setting = _asked().get(self.name) or _config.elsewhere(spec)
        if own is not None:
            setting = str(sys.get_int_max_str_digits()), own
        elif setting is None:
            self.chosen = False
            setting = _config.default(spec)
        self.value, self.source = setting
        self.legacy = self.value == spec["legacy"]
        self.counting = _state.counter is not None

    def used(self) -> None:
        """Count one use of the legacy behaviour that the new one would have answered otherwise."""
        if _state.counter is not None:
            _state.counter(self.name)

    def compare(self, new: Callable[[], object], old: Callable[[], object]) -> None:
        """Count a use when two ways of doing the same give different results.

        For ``counting`` only: it does the work twice.
        """
        try:
            same = new() == old()
        except Exception:  # noqa: BLE001 - whatever the new behaviour raises is a difference
            same = False
        if not same:
            self.used()


class _State:
    """All that lasts: the toggles that were read, what was asked, and who counts."""

    __slots__ = ("asked", "counter", "known")

    def __init__(self) -> None:
        self.known: dict[str, Toggle] = {}
        self.asked: dict[str, tuple[str, str]] | None = None
        self.counter: Callable[[str], None] | None = None


_state = _State()


def _asked() -> dict[str, tuple[str, str]]:
    if _state.asked is None:
        problems: list[str] = []
        settings = _config.asked(problems)
        if problems:
            raise _config.ToggleError("\n".join(problems))
        _state.asked = settings
    return _state.asked


def toggle(name: str) -> Toggle:
    """Return a toggle; always the same object.

    Raises:
        KeyError: this interpreter has no such toggle.
        _config.ToggleError: see :meth:`Toggle.resolve`.
    """
    found = _state.known.get(name)
    if found is None:
        found = _state.known.setdefault(name, Toggle(name))
    return found


def value(name: str) -> str:
    """Return a toggle's value."""
    return toggle(name).value


def legacy(name: str) -> bool:
    """Return whether the legacy behaviour is in force, and count a use of it when it is."""
    item = toggle(name)
    if item.legacy:
        item.used()
    return item.legacy


def everything() -> list[Toggle]:
    """Return every toggle that this branch reads, by name."""
    return [toggle(name) for name in sorted(_table.TOGGLES) if _table.TOGGLES[name]["here"]]


def count_with(counter: Callable[[str], None] | None) -> None:
    """Let a function count every use of legacy behaviour; None ends it."""
    _state.counter = counter
    for item in _state.known.values():
        item.counting = counter is not None


def start_up() -> None:
    """Put into force what the interpreter's core keeps itself."""
    if "int-str-digits" in _table.TOGGLES:
        digits = toggle("int-str-digits")
        if digits.chosen and _config.cpythons_own(_table.TOGGLES[digits.name]) is None:
            sys.set_int_max_str_digits(int(digits.value))


def reset() -> None:
    """Resolve every toggle anew from what is set now; for tests."""
    _state.asked = None
    for item in _state.known.values():
        item.resolve()
