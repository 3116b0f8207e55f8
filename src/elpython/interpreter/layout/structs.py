"""What differs between the structs of two layouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.interpreter.layout.types import Types, same_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elpython.interpreter.layout.model import Field, Layout, Struct

__all__ = ["Leaves", "StructChange", "compare_structs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StructChange:
    """A difference in one struct; `members` are the last names of the fields concerned."""

    kind: str
    name: str
    what: str
    meaning: str
    why: str
    file: str
    members: tuple[str, ...] = ()


class Leaves:
    """The structs of a layout, with fields of unnamed or private helper structs opened up."""

    def __init__(self, layout: Layout, types: Types) -> None:
        self.structs = layout.structs
        self.types = types

    def of(self, struct: Struct) -> dict[str, Field]:
        """Return the fields by path."""
        return {field.path: field for field in self._fields(struct)}

    def inside(self, text: str) -> Struct | None:
        """Return the struct that a field holds by value; None for other types."""
        text = text.partition("[")[0].strip()
        return self.structs.get(text) or self.structs.get(self.types.known_as(text))

    def _fields(self, struct: Struct) -> Iterator[Field]:
        for field in struct.fields:
            yield field
            helper = self.inside(field.type)
            if helper is not None and not field.type.startswith("Py") and "[" not in field.type:
                for one in self._fields(helper):
                    yield type(field)(path=f"{field.path}.{one.path}", type=one.type,
                                      offset=field.offset + one.offset, size=one.size)  # fmt: skip


def compare_structs(
    old: Leaves, new: Leaves, interpreter_only: Mapping[str, str]
) -> Iterator[StructChange]:
    """Yield the differences of every struct that modules compiled before can know."""
    for name, struct in old.structs.items():
        if struct.is_opaque:
            continue
        now = new.structs.get(name)
        if now is None or now.is_opaque:
            # A typedef may have got another tag, or a tag a typedef.
            now = now or new.inside(name)
        if now is None or now.is_opaque:
            state = "is opaque" if now is not None else "is gone"
            yield StructChange(
                kind="opaque" if now is not None else "struct", name=name, file=struct.file,
                what=f"{name} {state}: its fields were public",
                meaning="break", why="compiled modules hold offsets of its fields",
                members=_members(struct.fields),
            )  # fmt: skip
            continue
        yield from _compare(name, struct, now, old, new, interpreter_only)


def _members(fields: tuple[Field, ...]) -> tuple[str, ...]:
    return tuple(field.path.rpartition(".")[2] for field in fields)


def _compare(
    name: str,
    before: Struct,
    after: Struct,
    old: Leaves,
    new: Leaves,
    interpreter_only: Mapping[str, str],
) -> Iterator[StructChange]:
    was, now = old.of(before), new.of(after)
    changes: list[tuple[str, str, str]] = []  # path, what, meaning
    for path, field in was.items():
        there = now.get(path)
        if there is None:
            changes.append((path, *_gone(path, field, now, old, new)))
        elif (field.offset, field.size) != (there.offset, there.size):
            changes.append((path, _moved(field, there), "break"))
        else:
            meaning = same_value(old.types.full(field.type), new.types.full(there.type))
            if meaning != "same" and not (_opened(path, was) and _opened(path, now)):
                what = f"field {path} was {field.type}, is {there.type}"
                changes.append((path, what, meaning))
    for path, what, meaning in _outermost(changes):
        yield StructChange(
            kind="field", name=name, what=what, meaning=meaning, file=after.file,
            why="compiled modules hold offset, size and type of the field" if meaning == "break"
            else "same place and size; what it holds may mean something else",
            members=(path.rpartition(".")[2],),
        )  # fmt: skip
    fresh = [path for path in now if path not in was and path.partition(".")[0] not in was]
    if before.size != after.size:
        yield from _size(name, before, after, fresh, interpreter_only, broken=bool(changes))
    elif fresh and not changes:
        yield StructChange(
            kind="added", name=name, what=f"new in padding or a union: {', '.join(fresh)}",
            meaning="none", why="no field moves and the size stays", file=after.file,
        )  # fmt: skip


def _outermost(changes: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Leave out a field whose parts tell the same."""
    paths = [path for path, _, _ in changes]
    return [
        one
        for one in changes
        if not any(other.startswith((one[0] + ".", one[0] + "[0].")) for other in paths)
    ]


def _opened(path: str, fields: Mapping[str, Field]) -> bool:
    """Whether a field's own fields are compared one by one."""
    return any(other.startswith(path + ".") for other in fields)


def _gone(
    path: str, field: Field, now: Mapping[str, Field], old: Leaves, new: Leaves
) -> tuple[str, str]:
    """Return what became of a field that has no namesake."""
    full = old.types.full(field.type)
    for other in now.values():
        if (other.offset, other.size) == (field.offset, field.size) and (
            new.types.full(other.type) == full
        ):
            return f"field {path} is called {other.path}", "possible"
    return f"field {path} ({field.type}) is gone", "break"


def _moved(field: Field, there: Field) -> str:
    parts = []
    if field.offset != there.offset:
        parts.append(f"moved from {_place(field.offset)} to {_place(there.offset)}")
    if field.size != there.size:
        parts.append(f"had {_bits(field.size)}, has {_bits(there.size)}")
    return f"field {field.path} {' and '.join(parts)}"


def _place(offset: int) -> str:
    return f"byte {offset // 8}" + (f" bit {offset % 8}" if offset % 8 else "")


def _bits(size: int | None) -> str:
    if size is None:
        return "no fixed size"
    return f"{size // 8} bytes" if size % 8 == 0 else f"{size} bits"


def _size(
    name: str,
    before: Struct,
    after: Struct,
    fresh: list[str],
    interpreter_only: Mapping[str, str],
    *,
    broken: bool,
) -> Iterator[StructChange]:
    what = f"size was {before.size}, is {after.size}"
    if fresh:
        what += f"; new: {', '.join(fresh)}"
    tail = not broken and (after.size or 0) > (before.size or 0)
    reason = interpreter_only.get(name, "")
    if tail and reason:
        yield StructChange(kind="tail", name=name, what=what, meaning="none", why=reason,
                           file=after.file)  # fmt: skip
        return
    why = "subclasses embed it, and modules allocate it statically or on the stack"
    yield StructChange(kind="tail" if tail else "size", name=name, what=what, meaning="break",
                       why=why, file=after.file)  # fmt: skip
