"""A layout as plain data: what modules compiled against some headers hold of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from elpython.interpreter.layout.headers import LayoutError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMAT", "Body", "Field", "Layout", "Signature", "Struct"]

FORMAT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A field of a struct or union; nested ones by path, `state.interned`.

    Attributes:
        path: its name, from the outermost struct.
        type: its type as declared; scalar typedefs keep their names.
        offset: in bits.
        size: in bits; None for a flexible array.
    """

    path: str
    type: str
    offset: int
    size: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Struct:
    """A struct or union.

    Attributes:
        kind: `struct` or `union`.
        size, alignment: in bytes; None when the headers name it without saying what is inside.
        fields: in the order of the headers.
        file, line: where it is defined or, when it is opaque, named.
    """

    kind: str
    size: int | None
    alignment: int | None
    fields: tuple[Field, ...]
    file: str
    line: int

    @property
    def is_opaque(self) -> bool:
        """Whether public headers hide what is inside."""
        return self.size is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """A macro or an inline function.

    Attributes:
        head: the parameters of a macro (empty for a constant), or the function's type.
        body: its text, blanks normalized; an inline function's with all macros expanded.
        file: the header.
    """

    head: str
    body: str
    file: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """An exported function or variable: its type without parameter names, and the header."""

    type: str
    file: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """What public headers fix, for one platform and variant.

    Attributes:
        version: `PY_VERSION`.
        variant: `default`, `debug` or `free-threaded`.
        machine: what the compiler compiles for, `x86_64-linux-gnu`.
        compiler: its first line of `--version`.
        abi_flags: `d` and `t` as the headers' configuration says.
        magic: `PYC_MAGIC_NUMBER`; None when the headers don't tell it.
        structs: by the name that programmers use: the typedef, else `struct tag`.
        enumerators: name to value.
        typedefs: name to type.
        scalars: typedef to the built-in type that it stands for.
        constants: macros without parameters that stand for a whole number, and the number.
        macros, inlines: bodies by name.
        functions, variables: exported ones by name.
        not_looked_at: what could not be measured, each with its reason.
    """

    version: str
    variant: str
    machine: str
    compiler: str
    abi_flags: str
    magic: int | None
    structs: Mapping[str, Struct]
    enumerators: Mapping[str, int]
    typedefs: Mapping[str, str]
    scalars: Mapping[str, str]
    constants: Mapping[str, int]
    macros: Mapping[str, Body]
    inlines: Mapping[str, Body]
    functions: Mapping[str, Signature]
    variables: Mapping[str, Signature]
    not_looked_at: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the layout as JSON data (docs/reference/schemas/stream-layout.schema.json)."""
        return {"format": FORMAT, **asdict(self), "not_looked_at": list(self.not_looked_at)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], where: str = "") -> Layout:
        """Read what `as_json` returns.

        Raises:
            LayoutError: another format, or a missing key.
        """
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise LayoutError(f"this is no layout of format {FORMAT}", where=where,
                              todo="measure it again")  # fmt: skip
        plain = {field.name for field in fields(cls)}
        try:
            values = {name: data[name] for name in plain}
            values["structs"] = {
                name: Struct(**{**item, "fields": tuple(Field(**one) for one in item["fields"])})
                for name, item in data["structs"].items()
            }
            for name in ("macros", "inlines"):
                values[name] = {key: Body(**item) for key, item in data[name].items()}
            for name in ("functions", "variables"):
                values[name] = {key: Signature(**item) for key, item in data[name].items()}
            values["not_looked_at"] = tuple(data["not_looked_at"])
            return cls(**values)
        except (KeyError, TypeError, AttributeError) as error:
            raise LayoutError(f"this layout is damaged: {error!r}", where=where,
                              todo="measure it again") from error  # fmt: skip
