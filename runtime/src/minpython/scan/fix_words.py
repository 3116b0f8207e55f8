"""Fix ``async`` and ``await`` where they are names: an underscore follows them, as PEP 8 says.

A name that other files may use is renamed in all files of a run or in none.
"""

from __future__ import annotations

import ast
import re

from minpython.scan.concrete import Edit, NotFixableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minpython.scan.bindings import Site

WORDS = ("async", "await")
_QUOTED = re.compile(rb"(['\"])(?:async|await)\1")
_TAKEN = re.compile(rb"\b(?:async|await)_\b")


class Words:
    """What the files of one run say about the two words."""

    def __init__(self) -> None:
        self.against = ""
        self.defined: set[tuple[str, str]] = set()

    def note_bytes(self, path: str, source: bytes) -> None:
        """Note what speaks against new names in any file of the run."""
        if self.against:
            return
        quoted = _QUOTED.search(source)
        if quoted:
            line = source.count(b"\n", 0, quoted.start()) + 1
            self.against = f"the text {quoted[0].decode()} at {path}:{line} may name it"

    def note(self, path: str, source: bytes, tree: ast.Module | None) -> None:
        """Note what a file that uses the words as names defines."""
        if tree is None:
            self.against = self.against or f"{path} can't be parsed"
            return
        if _TAKEN.search(source):
            self.against = self.against or f"{path} has names that end in an underscore already"
        for node in ast.walk(tree):
            if isinstance(node, ast.arg):
                self.defined.add(("parameter", node.arg))
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                self.defined.add(("attribute", node.attr))
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self.defined.add(("attribute", node.name))
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.defined.add(("attribute", node.id))
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                self._imports(path, node)

    def _imports(self, path: str, node: ast.Import | ast.ImportFrom) -> None:
        dotted = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
        for word in WORDS:
            if any(word in each.split(".") for each in dotted):
                self.against = self.against or f"{path} imports {word}"


def word(site: Site, words: Words) -> list[Edit]:
    """Return the edit that gives one such name its underscore.

    Raises:
        NotFixableError: files of this run speak against it, or the name is foreign.
    """
    source, place = site.source, site.place
    if words.against:
        raise NotFixableError(words.against)
    name = source.text[place : place + 5]
    for node in ast.walk(site.names.tree):
        if isinstance(node, ast.keyword) and node.arg == name and source.start(node) == place:
            _own(words, "parameter", name)
        named = isinstance(node, ast.Attribute) and node.attr == name
        if named and source.end(node) - len(name) == place:
            _own(words, "attribute", name)
    return [Edit(place + 5, place + 5, "_")]


def _own(words: Words, kind: str, name: str) -> None:
    """Raise unless the files of the run define a parameter or attribute of the name."""
    if (kind, name) not in words.defined:
        raise NotFixableError(f"no file that was scanned defines the {kind}")
