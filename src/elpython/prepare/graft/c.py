"""Find the top-level things of a C file: functions, tables, types, macros, `#if` blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["Item", "items"]

_TOKEN = re.compile(
    r"(?P<comment>/\*.*?\*/|//[^\n]*)"
    r"|(?P<directive>^[ \t]*\#(?:\\\n|/\*.*?\*/|[^\n])*)"
    r'|(?P<string>"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\')'
    r"|(?P<word>\w+)"
    r"|(?P<mark>[^\s\w])",
    re.DOTALL | re.MULTILINE,
)
_CLINIC_END = "/*[clinic end generated code"
_CLINIC = "/*[clinic input]"
# What stands before a function's name and looks like the call of a macro.
_RETURNS = re.compile(r"Py_LOCAL|PyAPI_|Py_EXPORTED|Py_GCC_|Py_NO_|_Py_NO_|Py_DEPRECATED")
_OPEN, _CLOSE = "([{", ")]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One thing at a C file's top level.

    Attributes:
        names: how it is called: a function also by its clinic name (`int.bit_count`), a block by
            its directive (`#ifdef HAVE_X`).
        start: index of its first line; the comment and the clinic input above it belong to it.
        end: index behind its last line.
        defines: false for a prototype or a tentative definition.
    """

    names: tuple[str, ...]
    start: int
    end: int
    defines: bool = True


@dataclass(kw_only=True, slots=True)
class _Scan:
    """Where a scan stands: comments waiting for an item, an open item, open `#if` blocks."""

    found: list[Item] = field(default_factory=list)
    comments: list[tuple[int, int, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    inner: dict[int, str] = field(default_factory=dict)
    depth: int = 0
    start: int = 0
    blocks: list[tuple[str, int, int]] = field(default_factory=list)

    def above(self, line: int) -> int:
        """Return the line at which the comments that belong to an item at `line` begin."""
        start = line
        for first, last, text in reversed(self.comments):
            if last + 1 < start and not text.startswith(_CLINIC):
                break
            start = first
        return start

    def clinic_name(self) -> list[str]:
        """Return the dotted name of the clinic input above the item."""
        for _first, _last, text in self.comments:
            found = re.match(r"/\*\[clinic input\]\n(?:@.*\n)*(\w+(?:\.\w+)+)", text)
            if found:
                return [found[1]]
        return []

    def close(self, last: int) -> None:
        """End the open item with the line `last`."""
        names, defines = _named(self.words, self.inner)
        names += self.clinic_name()
        if names:
            start = self.above(self.start)
            item = Item(names=tuple(names), start=start, end=last + 1, defines=defines)
            self.found.append(item)
        self.reset()

    def reset(self) -> None:
        """Forget the open item and the comments."""
        self.words, self.inner, self.comments = [], {}, []


def _named(words: list[str], inner: dict[int, str]) -> tuple[list[str], bool]:
    """Return an item's names, its groups folded to `()`, `[]`, `{}`; and if it defines."""
    plain = [word for word in words if word != "[]"]
    if plain[-1:] == ["{}"] or plain[:1] == ["{}"]:
        calls = [index for index, word in enumerate(words) if word == "()"]
        if not calls:
            return [], True
        name = words[calls[-1] - 1]
        return [inner[calls[-1] - 1] if name == "()" else name], True
    plain = [word for word in plain if word != ";"]
    if len(plain) == 2 and plain[1] == "()":
        return [inner[words.index("()")]], True
    if "=" in plain:
        return [plain[plain.index("=") - 1]], True
    tags = [
        plain[index - 1]
        for index, word in enumerate(plain)
        if word == "{}" and index > 1 and plain[index - 2] in {"struct", "union", "enum"}
    ]
    if plain[:1] == ["typedef"]:
        pointer = plain[-1] == "()"
        return [inner[words.index("()")] if pointer else plain[-1], *tags], True
    if tags:
        return tags, True
    if "()" in plain:
        last = len(plain) - 1 - plain[::-1].index("()")
        return [plain[last - 1]] if last else [], False
    return [word for word in plain[-1:] if word.isidentifier()], False


def _directive(scan: _Scan, text: str, first: int, last: int) -> None:
    words = re.sub(r"/\*.*?\*/|//.*", "", text.replace("\\\n", " "), flags=re.DOTALL)
    words = " ".join(words.split()).replace("# ", "#", 1)
    if re.match(r"#if", words):
        start = -1 if scan.words else scan.above(first)
        scan.blocks.append((words, start, scan.depth))
    elif scan.blocks and re.match(r"#el", words):
        # Each arm begins where the first one did: braces are opened in more than one of them.
        scan.depth = scan.blocks[-1][2]
    elif scan.blocks and words.startswith("#endif"):
        name, start, _depth = scan.blocks.pop()
        if start >= 0 and not scan.words:
            scan.found.append(Item(names=(name,), start=start, end=last + 1))
    if scan.words:
        return
    macro = re.match(r"#define (\w+)", words)
    names = [macro[1]] if macro else [words] if words.startswith("#include") else []
    if names:
        scan.found.append(Item(names=tuple(names), start=scan.above(first), end=last + 1))
    scan.reset()


def _comment(scan: _Scan, text: str, first: int, last: int) -> None:
    if scan.words:
        return
    if text.startswith(_CLINIC_END):
        scan.comments = []
        return
    gap = scan.comments and first > scan.comments[-1][1] + 1
    if gap and not scan.comments[-1][2].startswith(_CLINIC):
        scan.comments = []
    scan.comments.append((first, last, text))


def _ends_call(scan: _Scan, following: re.Match[str] | None) -> bool:
    """Return whether the item is a macro's call that ends without a semicolon."""
    if len(scan.words) != 2 or scan.words[1] != "()" or _RETURNS.match(scan.words[0]):
        return False
    if following is None or following.lastgroup in {"comment", "directive"}:
        return True
    return following.lastgroup == "word"


def _close_group(scan: _Scan, text: str) -> None:
    scan.depth -= 1
    if scan.depth == 0:
        scan.words[-1] += text


def _token(scan: _Scan, text: str, kind: str, line: int) -> None:
    """Take a word, string or mark into the open item."""
    if scan.depth:
        if text in _OPEN:
            scan.depth += 1
        elif text in _CLOSE:
            _close_group(scan, text)
        elif kind == "word":
            scan.inner.setdefault(len(scan.words) - 1, text)
        return
    if not scan.words:
        scan.start = line
    if text in _OPEN:
        scan.depth += 1
    scan.words.append(text)


def items(source: str) -> list[Item]:
    """Return the things at a C file's top level, in the order in which they end.

    Things inside an `#if` block are given as well as the block.

    Args:
        source: text of a `.c` or `.h` file.
    """
    scan = _Scan()
    tokens = list(_TOKEN.finditer(source))
    line = position = 0
    for index, token in enumerate(tokens):
        line += source.count("\n", position, token.start())
        position = token.start()
        text, kind = token[0], str(token.lastgroup)
        last = line + text.count("\n")
        if kind == "comment":
            _comment(scan, text, line, last)
        elif kind == "directive":
            _directive(scan, text, line, last)
        elif (text == "{" and scan.words[:1] == ["extern"] and len(scan.words) == 2) or (
            text == "}" and not scan.depth
        ):
            scan.reset()
        else:
            _token(scan, text, kind, line)
            if scan.depth:
                continue
            body = scan.words[-2:] == ["()", "{}"]
            following = tokens[index + 1] if index + 1 < len(tokens) else None
            if text == ";" or body or (text == ")" and _ends_call(scan, following)):
                scan.close(last)
    return scan.found
