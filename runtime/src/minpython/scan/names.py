"""What names stand for: imports, their aliases, objects of known classes."""

from __future__ import annotations

import ast

CALLED = "()"
"""Ends the dotted name of an object made by calling what stands before it."""


class Names:
    """The names of one file, as far as its own text tells."""

    def __init__(self) -> None:
        self._bound: dict[str, str] = {}
        self._hidden: list[frozenset[str]] = []
        # What was bound outside of each function and class around, and whether it is a class.
        self._outside: list[tuple[dict[str, str], bool]] = []
        self.bases: list[tuple[str, ...]] = []

    def imported(self, alias: ast.alias) -> None:
        """Note ``import a.b`` or ``import a.b as c``."""
        if alias.asname:
            self._bound[alias.asname] = alias.name
        else:
            first = alias.name.partition(".")[0]
            self._bound[first] = first

    def imported_from(self, module: str, alias: ast.alias) -> None:
        """Note ``from module import a as b``."""
        self._bound[alias.asname or alias.name] = f"{module}.{alias.name}"

    def enter(self, function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        """Hide what the parameters of a function hide; names of a class are none of its own."""
        arguments = function.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += filter(None, (arguments.vararg, arguments.kwarg))
        self._hidden.append(frozenset(argument.arg for argument in every))
        self._outside.append((self._bound, False))
        above = self._outside[-2:-1]
        if above and above[0][1]:
            self._bound = {**self._bound, **above[0][0]}
        else:
            self._bound = dict(self._bound)

    def leave(self) -> None:
        """Show again what the innermost function hid, and what its own names hid."""
        self._hidden.pop()
        self._restore()

    def enter_class(self, bases: tuple[str, ...]) -> None:
        """Enter the body of a class whose bases are known."""
        self.bases.append(bases)
        self._outside.append((self._bound, True))
        self._bound = dict(self._bound)

    def leave_class(self) -> None:
        """Show again what the names of the innermost class hid."""
        self.bases.pop()
        self._restore()

    def _restore(self) -> None:
        outside, _ = self._outside.pop()
        inside, self._bound = self._bound, outside
        for key, value in inside.items():
            if key.startswith("self.") or key not in outside:
                outside[key] = value

    def assigned(self, target: ast.expr, value: ast.expr | None) -> None:
        """Note an assignment: of a known thing, or of something that hides one."""
        key = _key(target)
        if not key:
            return
        made = self.resolve(value) if value is not None else None
        if made and (made.endswith(CALLED) or "." in made):
            self._bound[key] = made
        elif key in self._bound:
            del self._bound[key]

    def resolve(self, node: ast.expr) -> str | None:
        """Return the dotted name of what an expression stands for, if it is known."""
        key = _key(node)
        if key and key in self._bound and not self._is_hidden(key):
            return self._bound[key]
        if isinstance(node, ast.Attribute):
            owner = self.resolve(node.value)
            if owner:
                return f"{owner}.{node.attr}"
            return self._of_self(node)
        if isinstance(node, ast.Call):
            called = self.resolve(node.func)
            return called + CALLED if called else None
        return None

    def _of_self(self, node: ast.Attribute) -> str | None:
        """Return what ``self.x`` is, by the first base class of the class around that is known."""
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls") and self.bases:
            for base in self.bases[-1]:
                return f"{base}{CALLED}.{node.attr}"
        return None

    def _is_hidden(self, key: str) -> bool:
        first = key.partition(".")[0]
        return any(first in names for names in self._hidden) and not key.startswith("self.")


def _key(node: ast.expr) -> str:
    """Return ``x`` or ``self.x``, the targets that are followed."""
    if isinstance(node, ast.Name):
        return node.id
    if (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    ):
        return f"self.{node.attr}"
    return ""
