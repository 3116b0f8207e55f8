"""Shell sections cut into units: the smallest runs of lines that can be copied as a whole.

A unit is closed in its `%if`, its loops and blocks, its quotes, its here-documents and its
`pushd`/`popd`. This is no shell parser: it only has to know where a command ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Section, Spec

__all__ = ["Unit", "units"]

_OPENERS = {"for", "while", "until", "if", "case", "select", "{"}
_CLOSERS = {"done", "fi", "esac", "}"}
_LEAKING = re.compile(r"\s*(?:export\s|cd\s|umask\s|set\s|shopt\s|[A-Za-z_]\w*=\S*\s*(?:$|;))")
_DEFINITION = re.compile(r"\s*%(?:global|define|undefine|dnl)\b|\s*%\{lua:")
_HEREDOC = re.compile(r"(?<!<)<<(-?)\s*(['\"]?)(\w+)\2")


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A run of lines.

    Attributes:
        start, stop: indices of its lines, `stop` excluded.
        text: its lines.
        leaking: it changes folder or environment for the lines after it.
    """

    start: int
    stop: int
    text: str
    leaking: bool


@dataclass(slots=True)
class _State:
    """What is open while lines are read."""

    nest: int = 0
    cases: int = 0
    parens: int = 0
    quote: str = ""
    heredoc: str = ""
    folders: int = 0

    @property
    def closed(self) -> bool:
        return not (self.nest or self.parens or self.quote or self.heredoc or self.folders)


def _unquoted(text: str, state: _State) -> str:
    """Return a line without comments and quoted text; a quote that stays open is noted."""
    kept: list[str] = []
    index = 0
    while index < len(text):
        char = text[index]
        if state.quote:
            if char == "\\" and state.quote == '"':
                index += 1
            elif char == state.quote:
                state.quote = ""
                kept.append("q")
        elif char == "\\":
            index += 1
        elif char in "'\"":
            state.quote = char
        elif char == "#" and (index == 0 or text[index - 1] in " \t;&|("):
            break
        else:
            kept.append(char)
        index += 1
    return "".join(kept)


def _commands(text: str, state: _State) -> None:
    """Count what a line opens and closes."""
    plain = re.sub(r"%\{[^{}]*\}|\$\{[^{}]*\}", "m", text)
    heredoc = _HEREDOC.search(plain)
    for command in re.split(r";;|&&|\|\||[;&|]", plain):
        for word in command.replace("(", " ( ").split():
            if word in _OPENERS:
                state.nest += 1
                state.cases += word == "case"
                if word in {"for", "case", "select"}:
                    break
            elif word in _CLOSERS:
                state.nest = max(state.nest - 1, 0)
                state.cases -= word == "esac" and state.cases > 0
            elif word == "pushd":
                state.folders += 1
            elif word == "popd":
                state.folders = max(state.folders - 1, 0)
            elif word not in {"then", "do", "else", "elif", "!", "(", "time"}:
                break
    if not state.cases:
        state.parens = max(state.parens + plain.count("(") - plain.count(")"), 0)
    if heredoc:
        state.heredoc = ("-" if heredoc[1] else "") + heredoc[3]


def _without_macros(text: str) -> str:
    """Put a word in the place of each macro: what it stands for is closed in itself."""
    for _ in range(4):
        shorter = re.sub(r"%\{[^{}]*\}", "m", text)
        if shorter == text:
            break
        text = shorter
    return text


def _feed(text: str, state: _State) -> None:
    if state.heredoc:
        word = state.heredoc.lstrip("-")
        if (text.strip() if state.heredoc.startswith("-") else text.rstrip()) == word:
            state.heredoc = ""
        return
    raw = re.sub(r"(<<-?\s*)(['\"])(\w+)\2", r"\1\3", _without_macros(text))
    _commands(_unquoted(raw, state), state)


def _cut(spec: Spec, section: Section, stop: int, *, folders: bool) -> tuple[list[Unit], bool]:
    found: list[Unit] = []
    state = _State()
    start = section.body
    level = spec.lines[section.start].depth
    definition = False
    for index in range(section.body, stop):
        line = spec.lines[index]
        definition = (definition and (line.inside or line.continued)) or bool(
            _DEFINITION.match(line.text)
        )
        if not line.conditional and not definition:
            _feed(line.text, state)
            if not folders:
                state.folders = 0
        opened = line.depth + (line.conditional in {"if", "else"}) > level
        following = spec.lines[index + 1] if index + 1 < stop else None
        runs_on = following is not None and (following.inside or following.continued)
        if opened or runs_on or not state.closed:
            continue
        text = spec.slice(start, index + 1)
        leaking = any(_LEAKING.match(item.text) for item in spec.lines[start : index + 1])
        found.append(Unit(start=start, stop=index + 1, text=text, leaking=leaking))
        start = index + 1
    return found, start == stop


def units(spec: Spec, section: Section) -> tuple[Unit, ...] | int:
    """Cut a shell section into units.

    Returns:
        The units of the section's core, or the index of the line from which on it could not be
        cut (something opened there is never closed).
    """
    _, stop = spec.core(section)
    for folders in (True, False):
        found, whole = _cut(spec, section, stop, folders=folders)
        if whole:
            return tuple(found)
    return found[-1].stop if found else section.body
