"""Behaviours that changed while the names stayed: numbers, enumerations and the rest."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def decimal_as_index(patch: Patch, module: ModuleType) -> None:
    """What takes an integer takes them, cutting the fraction off."""
    from minpython.restorers.impl import slots as _slots

    owner = module.Decimal if module.__name__ == "decimal" else module.Fraction
    if hasattr(owner, "__index__"):
        return

    def index(self: Any) -> int:
        """Return the integer part."""
        return int(self)

    if module.__name__ == "decimal":
        _slots.slot(patch, owner, "__index__", index)
    else:
        patch.attribute(owner, "__index__", index)


def dataclasses_unhashable_defaults(patch: Patch, module: ModuleType) -> None:
    """Only lists, dictionaries and sets are refused."""

    def make(original: Any) -> Any:
        def get_field(cls: Any, name: str, *args: Any) -> Any:
            try:
                return original(cls, name, *args)
            except ValueError:
                given = getattr(cls, name, None)
                default = given.default if isinstance(given, module.Field) else given
                if isinstance(default, (list, dict, set)) or "__hash__" not in dir(default):
                    raise
            # A stand-in passes the check, and the field gets the real default afterwards.
            stand_in = object()
            if isinstance(given, module.Field):
                given.default = stand_in
            else:
                setattr(cls, name, stand_in)
            try:
                field = original(cls, name, *args)
            finally:
                if not isinstance(given, module.Field):
                    setattr(cls, name, given)
            field.default = default
            return field

        return get_field

    patch.replace(module, "_get_field", make)


def enum_old_text(patch: Patch, module: ModuleType) -> None:
    """``str`` names the member, ``format`` writes what is mixed in."""

    def text(self: Any) -> str:
        return f"{type(self).__name__}.{self._name_}"

    def formatted(self: Any, format_spec: str) -> str:
        kind = type(self)._member_type_
        own = type(self).__str__ not in (text, module.Enum.__str__, module.Flag.__str__)
        if kind is object or own:
            return str.__format__(str(self), format_spec)
        return kind.__format__(self._value_, format_spec)  # type: ignore[no-any-return]

    patch.value(module.Enum, "__format__", formatted)
    patch.value(module.IntEnum, "__str__", text)
    patch.value(module.IntEnum, "__format__", formatted)
    for owner in (module.IntFlag,):
        patch.value(owner, "__str__", module.Flag.__str__)
        patch.value(owner, "__format__", formatted)


def enum_contains_others(patch: Patch, module: ModuleType) -> None:
    """Nothing else is in an enumeration or a flag, and that is no error."""
    original = module.Flag.__contains__

    def contains(cls: Any, value: Any) -> bool:
        return isinstance(value, cls) and value._name_ in cls._member_map_

    def flag_contains(self: Any, other: Any) -> Any:
        return isinstance(other, type(self)) and original(self, other)

    if sys.version_info < (3, 12):
        # From 3.12 on `enum_contains_values` says it too.
        patch.value(module.EnumMeta, "__contains__", contains)
    patch.value(module.Flag, "__contains__", flag_contains)


def enum_contains_values(patch: Patch, module: ModuleType) -> None:
    """Only members are looked for."""
    from minpython.engine import state

    def contains(cls: Any, value: Any) -> bool:
        if isinstance(value, module.Enum):
            return isinstance(value, cls) and value._name_ in cls._member_map_
        if state.used_version() < (3, 8):
            return False
        kinds = f"{type(value).__qualname__!r} and {type(cls).__qualname__!r}"
        raise TypeError(f"unsupported operand type(s) for 'in': {kinds}")

    patch.value(module.EnumMeta, "__contains__", contains)


def enum_flag_text(patch: Patch, module: ModuleType) -> None:
    """The largest member comes first, and the class stands once."""

    def parts(self: Any) -> str:
        kind = type(self)
        if self._name_ is not None and "|" not in self._name_ and self._name_ in kind._member_map_:
            return self._name_  # type: ignore[no-any-return]
        found = {each._value_: str(each._name_) for each in kind if each._value_ & self._value_}
        unnamed = max(self._value_, 0)
        for value in found:
            unnamed &= ~value
        bits = (1 << at for at in range(unnamed.bit_length()))
        found.update((bit, str(bit)) for bit in bits if bit & unnamed)
        return "|".join(found[value] for value in sorted(found, reverse=True)) or repr(self._value_)

    def text(self: Any) -> str:
        return f"{type(self).__name__}.{parts(self)}"

    def representation(self: Any) -> str:
        return f"<{type(self).__name__}.{parts(self)}: {self._value_!r}>"

    for name, value in (("__str__", text), ("__repr__", representation)):
        before = vars(module.Flag)[name]
        patch.value(module.Flag, name, value)
        # Each class of flags has a copy of its own.
        below = list(module.Flag.__subclasses__())
        for owner in below:
            below += owner.__subclasses__()
            if vars(owner).get(name) is before:
                patch.value(owner, name, value)


def fileinput_universal(patch: Patch, module: ModuleType) -> None:
    """The same as ``r``."""

    def make(original: Any) -> Any:
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            if kwargs.get("mode") in ("U", "rU"):
                kwargs["mode"] = "r"
            original(self, *args, **kwargs)

        return init

    patch.replace(module.FileInput, "__init__", make)


def getpass_getuser_keyerror(patch: Patch, module: ModuleType) -> None:
    """The error that the look-up in the password file raised."""

    def make(original: Any) -> Any:
        def getuser() -> Any:
            try:
                return original()
            except OSError as error:
                cause = error.__cause__ or error.__context__
                if isinstance(cause, (ImportError, KeyError)):
                    raise cause from None
                raise

        return getuser

    patch.replace(module, "getuser", make)


def pathlib_glob_folders(patch: Patch, module: ModuleType) -> None:
    """Folders only."""

    def make(original: Any) -> Any:
        def glob(self: Any, pattern: Any, *args: Any, **kwargs: Any) -> Any:
            if str(pattern).endswith("**"):
                pattern = str(pattern) + "/"
            return original(self, pattern, *args, **kwargs)

        return glob

    patch.replace(module.Path, "glob", make)
    patch.replace(module.Path, "rglob", make)


def shlex_split_none(patch: Patch, module: ModuleType) -> None:
    """Standard input is read."""

    def make(original: Any) -> Any:
        def split(s: Any, *args: Any, **kwargs: Any) -> Any:
            if s is None:
                import sys

                s = sys.stdin.read()
            return original(s, *args, **kwargs)

        return split

    patch.replace(module, "split", make)


def socket_htons_overflow(patch: Patch, module: ModuleType) -> None:
    """The lower sixteen bits are taken."""

    def make(original: Any) -> Any:
        def wrapper(x: int, /) -> int:
            return original(x & 0xFFFF if x > 0xFFFF else x)  # type: ignore[no-any-return]

        return wrapper

    for name in ("htons", "ntohs"):
        patch.replace(module, name, make)


def sqlite3_silent_adapters(patch: Patch, module: ModuleType) -> None:
    """The same adapters, registered anew."""
    import datetime as dt

    def isoformat(value: Any) -> str:
        return value.isoformat()  # type: ignore[no-any-return]

    def with_space(value: Any) -> str:
        return value.isoformat(" ")  # type: ignore[no-any-return]

    kept = dict(module.adapters)
    module.register_adapter(dt.date, isoformat)
    module.register_adapter(dt.datetime, with_space)

    def undo() -> None:
        module.adapters.clear()
        module.adapters.update(kept)

    patch.undo(undo)


def typing_literal_unordered_types(patch: Patch, module: ModuleType) -> None:
    """Parameters that are equal make equal types."""
    owner = module._LiteralGenericAlias

    def equal(self: Any, other: Any) -> Any:
        if not isinstance(other, owner):
            return NotImplemented
        return self.__args__ == other.__args__

    def hashed(self: Any) -> int:
        return hash((module.Literal, self.__args__))

    patch.value(owner, "__eq__", equal)
    patch.value(owner, "__hash__", hashed)


def pathlib_division_error(patch: Patch, module: ModuleType) -> None:
    """The error comes from the method itself."""

    def make(original: Any) -> Any:
        def divide(self: Any, key: Any) -> Any:
            result = original(self, key)
            if result is NotImplemented:
                raise TypeError(f"expected str or os.PathLike object, not {type(key).__name__}")
            return result

        return divide

    for name in ("__truediv__", "__rtruediv__"):
        patch.replace(module.PurePath, name, make)


def tarfile_gnu_default(patch: Patch, module: ModuleType) -> None:
    """The constant and the default of the class."""
    patch.value(module, "DEFAULT_FORMAT", module.GNU_FORMAT)
    patch.value(module.TarFile, "format", module.GNU_FORMAT)


def distutils_pypirc(patch: Patch, module: ModuleType) -> None:
    """The reader of ``.pypirc``, which setuptools' ``distutils`` no longer imports."""

    def make() -> Any:
        from distutils.config import PyPIRCCommand  # type: ignore[import-not-found, unused-ignore]

        return PyPIRCCommand

    patch.lazy(module, "PyPIRCCommand", make)


def tkapp_split(patch: Patch, module: ModuleType) -> None:
    """From ``splitlist``."""

    def split(self: Any, arg: Any, /) -> Any:
        """Return the elements of a Tcl list, themselves split where they are lists."""
        if isinstance(arg, (tuple, list)):
            return tuple(split(self, each) for each in arg)
        if not isinstance(arg, str):
            return arg
        parts = self.splitlist(arg)
        if len(parts) == 1 and parts[0] == arg:
            return arg
        return tuple(split(self, each) for each in parts)

    patch.attribute(module.TkappType, "split", split)


def mailbox_dot_files(patch: Patch, module: ModuleType) -> None:
    """They are messages."""

    def make(original: Any) -> Any:
        def refresh(self: Any) -> None:
            import os

            original(self)
            for folder in ("new", "cur"):
                for entry in os.listdir(self._paths[folder]):
                    if entry.startswith(".") and os.path.isfile(
                        os.path.join(self._paths[folder], entry)
                    ):
                        self._toc[entry.split(self.colon)[0]] = os.path.join(folder, entry)

        return refresh

    patch.replace(module.Maildir, "_refresh", make)
