"""A spec file as lines: nothing is lost, and what is not edited stays byte for byte.

Each line knows its section, how deep it stands in `%if` and whether it is the inside of a macro
that spans lines. Conditionals may span sections: depth is counted over the whole file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Edit", "Line", "Section", "Spec", "apply_edits", "read_spec"]

_SECTIONS = (
    "package|description|prep|generate_buildrequires|conf|build|install|check|clean|"
    "preun|postun|pretrans|posttrans|preuntrans|postuntrans|pre|post|"
    "triggerprein|triggerin|triggerun|triggerpostun|filetriggerin|filetriggerun|"
    "filetriggerpostun|transfiletriggerin|transfiletriggerun|transfiletriggerpostun|"
    "verifyscript|files|changelog|sepolicy|sourcelist|patchlist"
)
_HEADER = re.compile(rf"%({_SECTIONS})(?=\s|$)(.*)$", re.DOTALL)
_OPEN = re.compile(r"\s*%if(?:n?arch|n?os)?(?=\s|\(|\{|!|%|\d|$)")
_MIDDLE = re.compile(r"\s*%(?:else|elif(?:arch|os)?)(?=\s|$)")
_CLOSE = re.compile(r"\s*%endif(?=\s|#|$)")

SHELL_SECTIONS = frozenset({"prep", "generate_buildrequires", "conf", "build", "install", "check"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One physical line.

    Attributes:
        text: without its line end.
        end: its line end, empty for a last line without one.
        depth: how many `%if` are open around it; for `%if`, `%else` and `%endif` themselves the
            depth outside.
        inside: it continues a macro whose brace was opened on an earlier line.
        continued: the line before ended in a backslash.
        conditional: `if`, `else`, `endif` or empty.
        origin: its number in the file as first read, from 1; 0 for a line that a rule put in.
    """

    text: str
    end: str
    depth: int
    inside: bool
    continued: bool
    conditional: str = ""
    origin: int = 0

    @property
    def blank(self) -> bool:
        """Return whether there is nothing on it."""
        return not self.text.strip()

    @property
    def comment(self) -> bool:
        """Return whether it is a comment."""
        return not self.inside and self.text.lstrip().startswith("#")


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of a spec file.

    Attributes:
        kind: `preamble`, `package`, `files`, ...
        words: what follows on the header line.
        start: index of the header line (0 for the preamble).
        stop: index after the last line.
    """

    kind: str
    words: str
    start: int
    stop: int

    @property
    def body(self) -> int:
        """Index of the first line after the header."""
        return self.start if self.kind == "preamble" else self.start + 1

    @property
    def package(self) -> str:
        """Name that `-n` gives, as written; empty for the main package or a plain suffix."""
        match = re.search(r"(?:^|\s)-n\s+(\S+)", self.words)
        return match[1] if match else ""

    @property
    def suffix(self) -> str:
        """Plain suffix of a subpackage (`%files doc`), empty when there is none."""
        words = re.sub(r"(?:^|\s)-[nfp]\s+\S+|(?:^|\s)-[a-zA-Z]\b", " ", self.words).split()
        return words[0] if words and not words[0].startswith(("%{expand", "%", "#")) else ""

    @property
    def identity(self) -> str:
        """What tells its package from the others: the name that `-n` gives, else the suffix."""
        return self.package or self.suffix


@dataclass(frozen=True, kw_only=True, eq=False)
class Spec:
    """A spec file; `text` gives back exactly what was read.

    Two are the same only when they are one object, so that what is worked out about one can be
    kept beside it.
    """

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The whole file."""
        return "".join(line.text + line.end for line in self.lines)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Its sections in order; the preamble first."""
        heads: list[tuple[int, str, str]] = [(0, "preamble", "")]
        for index, line in enumerate(self.lines):
            if line.inside or line.continued:
                continue
            match = _HEADER.match(line.text)
            if match:
                heads.append((index, match[1], match[2].strip()))
        ends = [head[0] for head in heads[1:]] + [len(self.lines)]
        return tuple(
            Section(kind=kind, words=words, start=start, stop=stop)
            for (start, kind, words), stop in zip(heads, ends, strict=True)
        )

    def of(self, *kinds: str) -> tuple[Section, ...]:
        """Return the sections of some kinds."""
        return tuple(section for section in self.sections if section.kind in kinds)

    def section_text(self, section: Section) -> str:
        """Return a section as text, its header included."""
        return self.slice(section.start, section.stop)

    def slice(self, start: int, stop: int) -> str:
        """Return lines as text."""
        return "".join(line.text + line.end for line in self.lines[start:stop])

    def core(self, section: Section) -> tuple[int, int]:
        """Return the part of a section (header included) that is whole in its conditionals.

        It ends before an `%else` or `%endif` that belongs to an `%if` above the section, and
        before an `%if` that is closed below it; blank lines and comments at its end are left out.
        """
        if section.start >= len(self.lines):
            return section.start, section.stop
        level = self.lines[section.start].depth
        stop = section.stop
        for index in range(section.body, section.stop):
            line = self.lines[index]
            if line.conditional in {"else", "endif"} and line.depth < level:
                stop = index
                break
        opened = [
            index
            for index in range(section.body, stop)
            if self.lines[index].conditional == "if"
            and self.lines[index].depth == level
            and not self._closed(index, stop)
        ]
        if opened:
            stop = opened[0]
        while stop > section.body and (self.lines[stop - 1].blank or self.lines[stop - 1].comment):
            stop -= 1
        return section.start, stop

    def _closed(self, opening: int, stop: int) -> bool:
        depth = self.lines[opening].depth
        return any(
            line.conditional == "endif" and line.depth == depth
            for line in self.lines[opening + 1 : stop]
        )

    def origin(self, index: int) -> int:
        """Return the number, in the file as first read, of the line at an index or before it."""
        for line in reversed(self.lines[: index + 1]):
            if line.origin:
                return line.origin
        return 1

    @cached_property
    def globals(self) -> dict[str, tuple[int, str]]:
        """Every macro that the file sets: name to (index of its line, its body as written).

        Of several definitions (in the branches of an `%if`) the first.
        """
        return {name: found[0] for name, found in self.definitions.items()}

    @cached_property
    def definitions(self) -> dict[str, tuple[tuple[int, str], ...]]:
        """Every macro that the file sets, with all its definitions in order."""
        found: dict[str, tuple[tuple[int, str], ...]] = {}
        for index, line in enumerate(self.lines):
            if "%" not in line.text or line.comment:
                continue
            match = re.search(r"%(?:global|define)\s+(\w+)(?:\([^)]*\))?\s+(.*)$", line.text)
            if match:
                stop = self.logical_stop(index)
                body = _without_guard(match[2], line.text[: match.start()])
                body += "".join(f"\n{item.text}" for item in self.lines[index + 1 : stop])
                found[match[1]] = (*found.get(match[1], ()), (index, body))
        return found

    def logical_stop(self, index: int) -> int:
        """Return the index after the logical line that begins at `index`."""
        stop = index + 1
        while stop < len(self.lines) and (self.lines[stop].inside or self.lines[stop].continued):
            stop += 1
        return stop

    def expand(self, text: str) -> str:
        """Put the file's own simple macros into a text, as far as they are known."""
        known = self._simple
        for _ in range(8):
            new = re.sub(r"%\{\??(\w+)\}|%(\w+)", lambda m: known.get(m[1] or m[2], m[0]), text)
            if new == text:
                break
            text = new
        return text

    @cached_property
    def _simple(self) -> dict[str, str]:
        known = {name: body.strip() for name, (_, body) in self.globals.items() if "\n" not in body}
        known.pop("python3_pkgversion", None)  # a fallback: the state says which stack it is
        for line in self.lines[: self.sections[0].stop]:
            match = re.match(r"(Name|Version|Summary)\s*:\s*(\S.*)$", line.text, re.IGNORECASE)
            if match:
                known.setdefault(match[1].lower(), match[2].strip())
        return known


def _without_guard(body: str, before: str) -> str:
    """Take the brace off a value that closes what stands before it: `%{!?a: %global a 3}`."""
    text = body.rstrip()
    if "%{" in before and text.endswith("}") and text.count("}") > text.count("{"):
        return text[:-1].rstrip()
    return body


def _braces(text: str, counts: list[int]) -> None:
    """Count the open braces of macros over a line, the way rpm's own reader does."""
    pairs = {"{": 0, "(": 1, "[": 2}
    closing = {"}": 0, ")": 1, "]": 2}
    index = 0
    while index < len(text):
        char = text[index]
        following = text[index + 1 : index + 2]
        if char == "\\" and following:
            index += 1
        elif char == "%" and following in pairs:
            counts[pairs[following]] += 1
            index += 1
        elif char == "%" and following == "%":
            index += 1
        elif char in pairs and counts[pairs[char]] > 0:
            counts[pairs[char]] += 1
        elif char in closing and counts[closing[char]] > 0:
            counts[closing[char]] -= 1
        index += 1


def read_spec(text: str, origins: Sequence[int] | None = None) -> Spec:
    """Read a spec file's text; any text can be read.

    Args:
        text: the whole file.
        origins: what `Line.origin` is for each line; counted from 1 when None.
    """
    lines: list[Line] = []
    counts = [0, 0, 0]
    depth = 0
    continued = False
    for number, raw in enumerate(re.findall(r"[^\n]*\n|[^\n]+", text)):
        body, end = (raw[:-1], "\n") if raw.endswith("\n") else (raw, "")
        if body.endswith("\r"):
            body, end = body[:-1], "\r" + end
        inside = any(counts)
        kind, at = "", depth
        if not inside:
            if _OPEN.match(body):
                kind, depth = "if", depth + 1
            elif _MIDDLE.match(body):
                kind, at = "else", max(depth - 1, 0)
            elif _CLOSE.match(body):
                kind = "endif"
                depth = at = max(depth - 1, 0)
        lines.append(
            Line(
                text=body,
                end=end,
                depth=at,
                inside=inside,
                continued=continued,
                conditional=kind,
                origin=number + 1 if origins is None else origins[number],
            )
        )
        if inside or "%" in body:
            _braces(body, counts)
        continued = body.endswith("\\")
        if kind:
            counts = [0, 0, 0]
    return Spec(lines=tuple(lines))


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """A change of lines.

    Attributes:
        at: index of the line that is replaced, or before which lines are put.
        lines: the new lines, without line ends.
        replace: how many lines from `at` on they replace; 0 puts them before `at`.
    """

    at: int
    lines: tuple[str, ...]
    replace: int = 0


def apply_edits(spec: Spec, edits: Iterable[Edit]) -> Spec:
    """Return the file with edits made; all other lines stay as they are.

    Edits at one place are made in the order given; line ends follow the file's first line.
    """
    end = spec.lines[0].end if spec.lines and spec.lines[0].end else "\n"
    parts: list[tuple[str, int]] = []

    def keep(start: int, stop: int) -> None:
        parts.extend((line.text + line.end, line.origin) for line in spec.lines[start:stop])

    done = 0
    for edit in sorted(edits, key=lambda edit: edit.at):
        keep(done, edit.at)
        done = max(done, edit.at)
        if parts and not parts[-1][0].endswith("\n"):
            parts[-1] = (parts[-1][0] + end, parts[-1][1])
        for offset, line in enumerate(edit.lines):
            replaced = offset < edit.replace and edit.at + offset < len(spec.lines)
            old = spec.lines[edit.at + offset] if replaced else None
            parts.append((line + (old.end if old else end), old.origin if old else 0))
        done = max(done, edit.at + edit.replace)
    keep(done, len(spec.lines))
    return read_spec("".join(part for part, _ in parts), [origin for _, origin in parts])
