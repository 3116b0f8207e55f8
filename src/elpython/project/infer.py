"""What expressions are: their import path, and the class of their value where it is plain."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elpython.project.bodies import inlined
from elpython.project.conditions import ALL, Guard, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from elpython.project.rules import Rules

__all__ = ["BUILTINS", "TYPES", "Names", "Scope"]

BUILTINS = frozenset(dir(builtins)) | {"anext", "aiter", "ExceptionGroup", "BaseExceptionGroup",
                                       "EncodingWarning", "PythonFinalizationError", "frozendict",
                                       "sentinel"}  # fmt: skip
TYPES = frozenset(
    {"bool", "bytes", "bytearray", "complex", "dict", "float", "frozenset", "int", "list", "object",
     "memoryview", "range", "set", "slice", "str", "tuple", "type"}
)  # fmt: skip
_DISPLAYS: dict[type[ast.expr], str] = {
    ast.JoinedStr: "str", ast.List: "list", ast.ListComp: "list", ast.Dict: "dict",
    ast.DictComp: "dict", ast.Set: "set", ast.SetComp: "set", ast.Tuple: "tuple",
}  # fmt: skip
_LITERALS = {
    str: "str",
    bytes: "bytes",
    int: "int",
    float: "float",
    bool: "bool",
    complex: "complex",
}
_TEXT = {"text", "universal_newlines", "encoding", "errors"}
_STREAMS = {"stdout", "stderr"}
_TEXTUAL = {
    "subprocess.CompletedProcess": "subprocess.CompletedProcess[str]",
    "subprocess.check_output": "str",
}
# Which argument tells how a file is opened.
_OPENS = {"open": 1, "io.open": 1, "pathlib.Path.open": 0}
_OF_VALUES = {"dict.values", "dict.get", "dict.pop", "dict.setdefault"}
_ITEMS = {"str": "str", "bytes": "int", "bytearray": "int", "range": "int",
          "io.TextIOWrapper": "str", "io.BufferedReader": "bytes"}  # fmt: skip
_OF_ITEMS = {"list", "List", "Iterable", "Iterator", "Sequence", "set"}
_LOOKED_AT = 50  # a table of thousands of items is not worth the time
_SAME_KIND = {"str", "bytes", "int", "float", "list", "dict", "tuple", "set", "frozenset"}


@dataclass(slots=True)
class Scope:
    """What holds at the place that is read.

    Attributes:
        runs: series on which the place is reached, one bit a minor number.
        platform: whether it is reached on other platforms only.
        there: names that a condition has found.
        survives: kinds of missing things that a `try` around survives.
        types: variable -> class of what it holds; empty for a variable of unknown class.
    """

    runs: int = ALL
    platform: bool = False
    there: frozenset[str] = frozenset()
    survives: frozenset[str] = frozenset()
    types: dict[str, str] = field(default_factory=dict)

    def under(self, guard: Guard) -> Scope:
        """Return the scope of what runs where a condition is true."""
        runs = self.runs & guard.true
        return Scope(
            runs,
            self.platform or (runs == 0 and self.runs != 0 and guard.platform),
            self.there | guard.names,
            self.survives,
            self.types,
        )


@dataclass(frozen=True, slots=True)
class Local:
    """A class of the source.

    Attributes:
        base: the class from elsewhere that it inherits from first; empty for none.
        members: its own members.
        enum: whether its members are its instances.
        results: method -> class of what it returns, where that is annotated.
        properties: property -> class of its value, where that is annotated.
    """

    base: str
    members: frozenset[str]
    enum: bool = False
    results: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)


class Names:
    """Resolves the expressions of one source."""

    def __init__(self, rules: Rules, own: frozenset[str], known: Mapping[str, Value]) -> None:
        self.rules = rules
        self.own = own
        self.known = known
        self.imports: dict[str, str] = {}
        self.stars: list[str] = []
        self.values: dict[str, Value] = {}
        self.flags: dict[str, Guard] = {}
        self.classes: dict[str, Local] = {}
        self.results: dict[str, str] = {}
        self.bodies: dict[str, tuple[ast.arguments, ast.expr]] = {}
        self.keys: dict[str, tuple[str, ...]] = {}
        self.handed: dict[str, tuple[str, frozenset[str]]] = {}
        self.dispatchers: set[str] = set()
        self.scope = Scope()
        self._answers: dict[tuple[int, bool], tuple[ast.AST, str]] = {}
        self._asking = 0

    def value_of(self, name: str) -> Value | None:
        """Return what a name holds, by this source or by another of the project."""
        found = self.values.get(name) or self.known.get(name)
        return found if found is not None and found.by_minor else None

    def flag(self, name: str) -> Guard | None:
        """Return what a name that holds the outcome of a condition says."""
        known = self.known.get(name)
        told = Guard(names=known.names, absent=known.absent) if known else None
        return self.flags.get(name) or told

    def inlined(self, call: ast.Call) -> ast.expr | None:
        """Return what a call of a function of the source returns; None where that isn't plain."""
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        function = self.bodies.get(name)
        return inlined(function, call) if function else None

    def _once(self, node: ast.expr, find: Callable[[Any], str], *, kind: bool) -> str:
        """Return an answer about an expression, found once in a question about what holds it.

        Both questions about an attribute ask both about what is before its dot: without this a
        chain of thirty calls would never end.
        """
        known = self._answers.get((id(node), kind))
        if known is not None:
            return known[1]
        self._asking += 1
        try:
            found = find(node)
            # The node stays with its answer: another one could get its id.
            self._answers[id(node), kind] = (node, found)
        finally:
            self._asking -= 1
            if not self._asking:
                self._answers.clear()
        return found

    def resolve(self, node: ast.expr | None) -> str:
        """Return the import path of an expression; empty where it has none."""
        if isinstance(node, ast.Name):
            name = node.id
            if name in self.scope.types:
                return ""
            if name in self.imports:
                return self.imports[name]
            for module in self.stars:
                if f"{module}.{name}" in self.rules.names:
                    return f"{module}.{name}"
            return name if name in BUILTINS and name not in self.own else ""
        if isinstance(node, ast.Attribute):
            return self._once(node, self._path_of, kind=False)
        return ""

    def _path_of(self, node: ast.Attribute) -> str:
        kind = self.class_of(node.value)
        if kind:
            return self.member(kind, node.attr)
        before = self.resolve(node.value)
        if before == "builtins":
            return node.attr
        return self.inherited(f"{before}.{node.attr}") if before else ""

    def member(self, kind: str, name: str) -> str:
        """Return the import path of a member of a class; empty for a member of the source's own."""
        if kind.startswith("@"):
            local = self.classes.get(kind[1:])
            if local is None or name in local.members or not local.base:
                return ""
            kind = local.base
        return self.inherited(f"{kind.partition('[')[0]}.{name}")

    def inherited(self, path: str) -> str:
        """Return where a member is first told of: `pathlib.PurePath.is_relative_to`."""
        owner, _, name = path.rpartition(".")
        if owner in self.rules.bases and path not in self.rules.names:
            for base in self.rules.lineage(owner):
                found = f"{base}.{name}"
                if found in self.rules.names:
                    return found
        return path

    def _looked_up(self, table: Mapping[str, str], path: str) -> str:
        """Return what a table says of a member, of its class or a base."""
        owner, _, name = path.rpartition(".")
        found = table.get(path, "")
        if not found and owner in self.rules.bases:
            for base in self.rules.lineage(owner):
                found = found or table.get(f"{base}.{name}", "")
        return found

    def class_of(self, node: ast.expr | None) -> str:
        """Return the import path of the class of an expression's value; empty when not known.

        `list[str]` tells the class of the items too; `@Name` is a class of the source itself.
        """
        if isinstance(node, ast.Name):
            return self.scope.types.get(node.id, "")
        if isinstance(node, ast.Constant):
            return _LITERALS.get(type(node.value), "")
        return "" if node is None else self._once(node, self._class_of, kind=True)

    def _class_of(self, node: ast.expr) -> str:  # noqa: PLR0911 - one return a kind
        if isinstance(node, ast.Call):
            return self._result(node)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if type(node) in _DISPLAYS:
            return self._display(node)
        if isinstance(node, ast.BinOp):
            return self._operated(node)
        if isinstance(node, ast.Subscript):
            return self._taken_from(self.class_of(node.value), node)
        if isinstance(node, ast.NamedExpr | ast.Await):
            return self.class_of(node.value)
        if isinstance(node, ast.IfExp):
            return self.class_of(node.body) or self.class_of(node.orelse)
        if isinstance(node, ast.BoolOp):
            return next(filter(None, map(self.class_of, node.values)), "")
        return ""

    @staticmethod
    def _taken_from(kind: str, node: ast.Subscript) -> str:
        """Return the class of an item or a slice of an object of a class."""
        if kind.startswith("dict"):
            return value_of_item(kind)
        if kind == "re.Match":
            return "str"
        return kind if isinstance(node.slice, ast.Slice) or kind == "str" else item_of(kind)

    def _display(self, node: ast.expr) -> str:
        """Return `list[str]` for a list of texts, `dict[str]` for a dictionary with such keys."""
        kind = _DISPLAYS[type(node)]
        parts = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
        kinds = {self.class_of(part).partition("[")[0] for part in parts[:_LOOKED_AT]}
        inner = kinds.pop() if len(kinds) == 1 and len(parts) <= _LOOKED_AT else ""
        if isinstance(node, ast.Dict):
            held = {self.class_of(part).partition("[")[0] for part in node.values[:_LOOKED_AT]}
            inner += f",{held.pop()}" if len(held) == 1 and inner else ""
        return f"{kind}[{inner}]" if inner else kind

    def _operated(self, node: ast.BinOp) -> str:
        left = self.class_of(node.left)
        if isinstance(node.op, ast.Div):
            return left if left.startswith("pathlib.") else ""
        right = self.class_of(node.right)
        same = left == right or (left == "str" and isinstance(node.op, ast.Mod))
        kept = left.partition("[")[0] in _SAME_KIND or "enum.Flag" in self._lineage(left)
        return left if same and kept else ""

    def _lineage(self, kind: str) -> Sequence[str]:
        local = self.classes.get(kind[1:]) if kind.startswith("@") else None
        return self.rules.lineage(local.base if local else kind)

    def _result(self, node: ast.Call) -> str:
        function = node.func
        own = self._own_result(node)
        if own is not None:
            return own
        owner = self.class_of(function.value) if isinstance(function, ast.Attribute) else ""
        path = self.resolve(function)
        if not path:
            return ""
        found = self._special(path, node, owner) or self._looked_up(self.rules.returns, path)
        if "Self" in found:
            head = owner or path.rpartition(".")[0]
            found = found.replace("Self", head.partition("[")[0])
        if _TEXT & {word.arg for word in node.keywords}:
            found = _TEXTUAL.get(path if path in _TEXTUAL else found, found)
        if found:
            return found
        last = path.rpartition(".")[2]
        return path if last[:1].isupper() or path in TYPES or path in self.rules.bases else ""

    def _own_result(self, node: ast.Call) -> str | None:
        """Return what a function, class or method of the source gives; None for none of these."""
        function = node.func
        if isinstance(function, ast.Name) and function.id not in self.imports:
            if function.id in self.classes:
                return f"@{function.id}"
            if function.id in self.results:
                return self.results[function.id]
        if isinstance(function, ast.Name) and function.id == "super" and not node.args:
            return self._own_base()
        local = self._local(function.value) if isinstance(function, ast.Attribute) else None
        if local is not None and isinstance(function, ast.Attribute):
            return local.results.get(function.attr, "") if function.attr in local.members else None
        return None

    @staticmethod
    def _special(path: str, node: ast.Call, owner: str) -> str:
        """Return what depends on the object or on what is passed; empty where nothing does."""
        if path in _OF_VALUES and owner.startswith("dict["):
            value = value_of_item(owner)
            return f"dict_values[{value}]" if path == "dict.values" else value
        binary = path in _OPENS and "b" in _mode(node, _OPENS[path])
        return "io.BufferedReader" if binary else ""

    def _local(self, node: ast.expr) -> Local | None:
        """Return the class of the source that an expression is, or is an instance of."""
        kind = self.class_of(node)
        if kind.startswith("@"):
            return self.classes.get(kind[1:])
        named = isinstance(node, ast.Name) and node.id not in self.scope.types
        return self.classes.get(node.id) if named and isinstance(node, ast.Name) else None

    def _own_base(self) -> str:
        local = self.classes.get(self.scope.types.get("self", "")[1:])
        return local.base if local else ""

    def _attribute(self, node: ast.Attribute) -> str:
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            found = self.scope.types.get(f"self.{node.attr}", "")
            if found:
                return found
        kind = self.class_of(node.value)
        own = self.classes.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if own is not None and own.enum and node.attr in own.members:
            return f"@{node.value.id}"  # type: ignore[attr-defined]
        if kind.startswith("@") and kind[1:] in self.classes:
            told = self.classes[kind[1:]].properties.get(node.attr, "")
            if told:
                return told
        if kind.partition("[")[0] == "subprocess.CompletedProcess" and node.attr in _STREAMS:
            return item_of(kind)
        path = self.member(kind, node.attr) if kind else self.resolve(node.value) + f".{node.attr}"
        found = self._looked_up(self.rules.attributes, path)
        if not found and kind:
            found = self._looked_up(self.rules.attributes, f"{kind.partition('[')[0]}.{node.attr}")
        return kind if found == "Self" else found

    def annotated(self, node: ast.expr | None) -> str:  # noqa: PLR0911 - one return a kind
        """Return the class that an annotation names; without None, of any spelling."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                return self.annotated(ast.parse(node.value, mode="eval").body)
            except SyntaxError:
                return ""
        if isinstance(node, ast.BinOp):
            if isinstance(node.right, ast.Constant) and node.right.value is None:
                return self.annotated(node.left)
            return ""
        if isinstance(node, ast.Subscript):
            head = self.resolve(node.value)
            inner = (
                node.slice.elts[0]
                if isinstance(node.slice, ast.Tuple) and node.slice.elts
                else node.slice
            )
            if head.rpartition(".")[2] in {"Optional", "Annotated", "Final", "ClassVar"}:
                return self.annotated(inner)
            if head.rpartition(".")[2] in _OF_ITEMS:
                return f"list[{self.annotated(inner)}]"
            if head.rpartition(".")[2] in {"dict", "Dict"} and isinstance(node.slice, ast.Tuple):
                kinds = [self.annotated(item).partition("[")[0] for item in node.slice.elts]
                return f"dict[{kinds[0]},{kinds[-1]}]" if all(kinds) else "dict"
            return "dict" if head == "typing.Dict" else head
        if isinstance(node, ast.Name) and node.id in self.classes:
            return f"@{node.id}"
        return self.resolve(node)


def item_of(kind: str) -> str:
    """Return the class of the items of `list[str]`."""
    return kind.partition("[")[2].rstrip("]").partition(",")[0] or _ITEMS.get(kind, "")


def value_of_item(kind: str) -> str:
    """Return the class of the values of `dict[str,int]`."""
    return kind.partition("[")[2].rstrip("]").partition(",")[2]


def _mode(node: ast.Call, place: int) -> str:
    """Return how a file is opened; `r` where that is not written as a text."""
    words = [word.value for word in node.keywords if word.arg == "mode"]
    found = words[0] if words else node.args[place] if len(node.args) > place else None
    return str(found.value) if isinstance(found, ast.Constant) else "r"
