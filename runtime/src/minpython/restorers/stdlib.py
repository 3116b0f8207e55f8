"""What came and went in modules of the standard library with one or two behaviours each."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.patch import Patch


def tarfile_add_exclude(patch: Patch, module: ModuleType) -> None:
    """A filter that drops what the function names."""

    def make(original: Any) -> Any:
        def add(
            self: Any,
            name: Any,
            arcname: Any = None,
            recursive: bool = True,
            exclude: Any = None,
            *,
            filter: Any = None,  # noqa: A002
        ) -> None:
            if exclude is None:
                original(self, name, arcname, recursive, filter=filter)
            elif not exclude(name):
                _add_some(original, self, (name, arcname, recursive), exclude, filter)

        return add

    patch.replace(module.TarFile, "add", make)


def _add_some(original: Any, archive: Any, what: Any, exclude: Any, keep: Any) -> None:
    import os

    name, arcname, recursive = what
    original(archive, name, arcname, recursive=False, filter=keep)
    if recursive and os.path.isdir(name) and not os.path.islink(name):
        for entry in sorted(os.listdir(name)):
            inner = os.path.join(name if arcname is None else arcname, entry)
            archive.add(os.path.join(name, entry), inner, recursive, exclude, filter=keep)


def webbrowser_update_tryorder(patch: Patch, module: ModuleType) -> None:
    """1 put the browser last, -1 first."""

    def make(original: Any) -> Any:
        def register(
            name: str,
            klass: Any,
            instance: Any = None,
            update_tryorder: int = 1,
            *,
            preferred: bool = False,
        ) -> None:
            original(name, klass, instance, preferred=preferred or update_tryorder < 0)

        return register

    patch.replace(module, "register", make)


def zipfile_path_joinpath_add(patch: Patch, module: ModuleType) -> None:
    """A keyword for the only part."""

    def make(original: Any) -> Any:
        def joinpath(self: Any, *other: Any, add: Any = None) -> Any:
            return original(self, *other) if add is None else original(self, add)

        return joinpath

    patch.replace(module.Path, "joinpath", make)


def multiprocessing_pool_cache(patch: Patch, module: ModuleType) -> None:
    """The pool's dictionary of results took the place of the pool itself."""

    class Holder:
        """Stands for the pool: results look for nothing but its cache."""

        def __init__(self, cache: Any) -> None:
            self._cache = cache

    def make(original: Any) -> Any:
        def init(self: Any, pool: Any = None, *args: Any, **kwargs: Any) -> None:
            if "cache" in kwargs:
                pool = kwargs.pop("cache")
            original(self, Holder(pool) if isinstance(pool, dict) else pool, *args, **kwargs)

        return init

    for name in ("ApplyResult", "MapResult", "IMapIterator"):
        patch.replace(getattr(module, name), "__init__", make)


def sre_parse_parameters(patch: Patch, module: ModuleType) -> None:
    """What is the state now was called the pattern."""
    from minpython.adapters import rename

    patch.replace(module.SubPattern, "__init__", rename(pattern="state"))
    patch.replace(module, "parse", rename(pattern="state"))


def sre_parse_template_state(patch: Patch, module: ModuleType) -> None:
    """The pattern was called the state for a while."""
    from minpython.adapters import rename

    patch.replace(module, "parse_template", rename(state="pattern"))


def sre_parse_template_pattern(patch: Patch, module: ModuleType) -> None:
    """What is the state was called the pattern before."""
    import sys

    from minpython.adapters import rename

    if sys.version_info < (3, 12):
        patch.replace(module, "parse_template", rename(pattern="state"))


def sre_parse_checkgroupname(patch: Patch, module: ModuleType) -> None:
    """A third argument."""

    def make(original: Any) -> Any:
        def checkgroupname(self: Any, name: Any, offset: Any, nested: Any = None) -> Any:  # noqa: ARG001
            return original(self, name, offset)

        return checkgroupname

    patch.replace(module.Tokenizer, "checkgroupname", make)


def tkinter_treeview_selection(patch: Patch, module: ModuleType) -> None:
    """One method for all of reading and changing."""

    def make(original: Any) -> Any:
        def selection(self: Any, selop: str | None = None, items: Any = None) -> Any:
            if selop is None:
                return original(self)
            return getattr(self, "selection_" + selop)(*(items or ()))

        return selection

    patch.replace(module.Treeview, "selection", make)


def json_encoding(patch: Patch, module: ModuleType) -> None:
    """Taken by ``load`` too, which passes everything on."""
    from minpython.adapters import ignore

    patch.replace(module, "loads", ignore("encoding"))


def platform_uname_processor(patch: Patch, module: ModuleType) -> None:
    """The field is worked out when it is asked for; the given one is what it answers."""

    def make(original: Any) -> Any:
        def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
            given = list(args)
            processor = given.pop() if len(given) == 6 else kwargs.pop("processor", None)
            made = original(cls, *given, **kwargs)
            if processor is not None:
                made.__dict__["processor"] = processor
            return made

        return new

    patch.replace(module.uname_result, "__new__", make)


def pydoc_html_colours(patch: Patch, module: ModuleType) -> None:
    """Style sheets have the colours now."""
    owner = module.HTMLDoc

    def heading(original: Any) -> Any:
        def wrapper(self: Any, title: str, *args: Any, **kwargs: Any) -> str:
            extras = kwargs.get(
                "extras", args[2] if len(args) > 2 else args[0] if len(args) == 1 else ""
            )
            return original(self, title, extras)  # type: ignore[no-any-return]

        return wrapper

    def section(original: Any) -> Any:
        def wrapper(self: Any, title: str, *args: Any, **kwargs: Any) -> str:
            given = list(args)
            for name in ("fgcol", "bgcol"):
                kwargs.pop(name, None)
            if len(given) > 1 and all(str(value).startswith("#") for value in given[:2]):
                given = ["section", *given[2:]]
            elif not given:
                given = ["section"]
            return original(self, title, *given, **kwargs)  # type: ignore[no-any-return]

        return wrapper

    def multicolumn(original: Any) -> Any:
        def wrapper(self: Any, list: Any, format: Any, cols: int = 4) -> str:  # noqa: A002, ARG001
            return original(self, list, format)  # type: ignore[no-any-return]

        return wrapper

    patch.replace(owner, "heading", heading)
    patch.replace(owner, "section", section)
    patch.replace(owner, "multicolumn", multicolumn)


def pydoc_docother_positional(patch: Patch, module: ModuleType) -> None:
    """Both were positional, and swapped at some time."""
    from minpython.adapters import positional

    patch.replace(module.TextDoc, "docother", positional(5, "maxlen", "doc"))


def dis_instruction_jump_target(patch: Patch, module: ModuleType) -> None:
    """A field is a property now: the given value is dropped, and the new fields are filled."""

    def make(original: Any) -> Any:
        def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
            target = kwargs.pop("is_jump_target", None)
            if target is not None or ("line_number" not in kwargs and "starts_line" in kwargs):
                line = kwargs.get("starts_line")
                offset = kwargs.get("offset", 0)
                kwargs.setdefault("start_offset", offset)
                kwargs.setdefault("line_number", line)
                kwargs["starts_line"] = line is not None
                kwargs.setdefault("label", 1 if target else None)
            return original(cls, *args, **kwargs)

        return new

    patch.replace(module.Instruction, "__new__", make)


def fractions_normalize(patch: Patch, module: ModuleType) -> None:
    """Without it, the numbers are taken as they are."""

    def make(original: Any) -> Any:
        def new(
            cls: Any, numerator: Any = 0, denominator: Any = None, *, _normalize: bool = True
        ) -> Any:
            made = original(cls, numerator, denominator)
            if not _normalize and type(numerator) is int is type(denominator):
                made._numerator, made._denominator = numerator, denominator
            return made

        return new

    patch.replace(module.Fraction, "__new__", make)


def fractions_gcd(patch: Patch, module: ModuleType) -> None:
    """Its sign was that of the second number."""

    def gcd(a: Any, b: Any) -> Any:
        """Return the greatest common divisor, with the sign of ``b``, or of ``a`` when b is 0."""
        while b:
            a, b = b, a % b
        return a

    patch.attribute(module, "gcd", gcd)


def typing_typeddict_keywords(patch: Patch, module: ModuleType) -> None:
    """Fields as keyword arguments."""

    def make(original: Any) -> Any:
        def typed_dict(
            typename: str, fields: Any = None, /, *, total: bool = True, **kwargs: Any
        ) -> Any:
            if fields is not None and kwargs:
                raise TypeError("TypedDict takes either a dict or keyword arguments, but not both")
            return original(typename, kwargs if fields is None else fields, total=total)

        typed_dict.__mro_entries__ = original.__mro_entries__  # type: ignore[attr-defined]
        return typed_dict

    patch.replace(module, "TypedDict", make)


def typing_namedtuple_keywords(patch: Patch, module: ModuleType) -> None:
    """Fields as keyword arguments."""

    def make(original: Any) -> Any:
        def named_tuple(typename: str, fields: Any = None, /, **kwargs: Any) -> Any:
            return original(typename, list(kwargs.items()) if fields is None else fields)

        named_tuple.__mro_entries__ = original.__mro_entries__  # type: ignore[attr-defined]
        return named_tuple

    if callable(getattr(module.NamedTuple, "__mro_entries__", None)):
        patch.replace(module, "NamedTuple", make)


def typing_io_re(patch: Patch, module: ModuleType) -> None:
    """Modules that were never files."""
    import sys
    import types

    parts = {
        "io": ("IO", "TextIO", "BinaryIO"),
        "re": ("Pattern", "Match"),
    }
    for name, members in parts.items():
        full = f"typing.{name}"
        made = types.ModuleType(full, f"Names of ``typing`` that have to do with ``{name}``.")
        made.__dict__.update({member: getattr(module, member) for member in members})
        made.__dict__["__all__"] = list(members)
        patch.attribute(module, name, made)
        if full not in sys.modules:
            sys.modules[full] = made
            patch.undo(lambda full=full: sys.modules.pop(full, None))  # type: ignore[misc]


def typing_field_types(patch: Patch, module: ModuleType) -> None:
    """On each class that is made from now on."""

    def make(original: Any) -> Any:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            made = original(*args, **kwargs)
            if not hasattr(made, "_field_types"):
                made._field_types = dict(made.__annotations__)
            return made

        return wrapper

    patch.replace(module, "_make_nmtuple", make)


def fileinput_getitem(patch: Patch, module: ModuleType) -> None:
    """Only the next line could be read."""

    def getitem(self: Any, i: int) -> str:
        """Return the next line.

        Raises:
            RuntimeError: ``i`` is not its number.
            IndexError: there is none.
        """
        if i != self.lineno():
            raise RuntimeError("accessing lines out of order")
        try:
            return next(self)  # type: ignore[no-any-return]
        except StopIteration:
            raise IndexError("end of input reached") from None

    patch.attribute(module.FileInput, "__getitem__", getitem)


def wsgiref_filewrapper_getitem(patch: Patch, module: ModuleType) -> None:
    """Only the next block could be read."""

    def getitem(self: Any, key: object) -> Any:  # noqa: ARG001
        """Return the next block, whatever ``key`` is.

        Raises:
            IndexError: there is none.
        """
        data = self.filelike.read(self.blksize)
        if data:
            return data
        raise IndexError

    patch.attribute(module.FileWrapper, "__getitem__", getitem)


def gzip_filename(patch: Patch, module: ModuleType) -> None:
    """The name that ends with ``.gz``."""

    def filename(self: Any) -> str:
        """The file's name, ending with ``.gz``; the old name of ``name``."""
        name: str = self.name
        return name if self.mode != 2 or name[-3:] == ".gz" else name + ".gz"

    patch.attribute(module.GzipFile, "filename", property(filename))


def os_stat_float_times(patch: Patch, module: ModuleType) -> None:
    """Times are floats: nothing else can be asked for."""
    state = [True]

    def stat_float_times(newval: bool | None = None) -> bool | None:
        """Tell whether ``os.stat`` gives times as floats; a wish for integers has no effect."""
        if newval is None:
            return state[0]
        state[0] = bool(newval)
        return None

    patch.attribute(module, "stat_float_times", stat_float_times)


def enum_meta_getattr(patch: Patch, module: ModuleType) -> None:
    """Members are found without it; asked for by hand, it looks them up."""

    def getattr_(cls: Any, name: str) -> Any:
        """Return the member of this name.

        Raises:
            AttributeError: there is none.
        """
        members = cls.__dict__.get("_member_map_", {})
        if name.startswith("__") or name not in members:
            raise AttributeError(name)
        return members[name]

    getattr_.__name__ = "__getattr__"
    patch.attribute(module.EnumMeta, "__getattr__", getattr_)


def hashlib_pbkdf2_pure(patch: Patch, module: ModuleType) -> None:
    """Where OpenSSL is missing, and with it the function."""

    def make() -> Any:
        from minpython.restorers import _hashlib

        return _hashlib.pbkdf2_hmac

    patch.lazy(module, "pbkdf2_hmac", make)


def xml_element_copy(patch: Patch, module: ModuleType) -> None:
    """On the class written in Python, which the one in C hides where there is one."""

    def copied(self: Any) -> Any:
        """Return a copy that shares the children."""
        return self.__copy__()

    if hasattr(module, "_Element_Py"):
        patch.attribute(module._Element_Py, "copy", copied)


def distutils_install_misc(patch: Patch, module: ModuleType) -> None:
    """A base for commands that copy files."""

    def made() -> type:
        class install_misc(module.Command):  # type: ignore[misc, name-defined]  # noqa: N801
            """Base of commands that copy files into one folder."""

            user_options = [("install-dir=", "d", "directory to install the files to")]  # noqa: RUF012

            def initialize_options(self) -> None:
                self.install_dir = None
                self.outfiles: list[str] = []

            def _install_dir_from(self, dirname: str) -> None:
                self.set_undefined_options("install", (dirname, "install_dir"))

            def _copy_files(self, filelist: list[str]) -> None:
                self.outfiles = []
                if filelist:
                    self.mkpath(self.install_dir)
                    for name in filelist:
                        self.copy_file(name, self.install_dir)
                        self.outfiles.append(f"{self.install_dir}/{name}")

            def get_outputs(self) -> list[str]:
                return self.outfiles

        return install_misc

    patch.lazy(module, "install_misc", made)


def wave_marks(patch: Patch, module: ModuleType) -> None:
    """There never were any marks."""

    def get_mark_markers(_self: Any) -> None:
        """Return None: there are no marks."""

    def get_mark(_self: Any, id: Any) -> None:  # noqa: A002, ARG001
        """Raise the module's error: there are no marks."""
        raise module.Error("no marks")

    def set_mark(_self: Any, id: Any, pos: Any, name: Any) -> None:  # noqa: A002, ARG001
        """Raise the module's error: marks can't be set."""
        raise module.Error("setmark() not supported")

    for owner in (module.Wave_read, module.Wave_write):
        patch.attribute(owner, "getmark", get_mark)
        patch.attribute(owner, "getmarkers", get_mark_markers)
    patch.attribute(module.Wave_write, "setmark", set_mark)


def ctypes_setpointertype(patch: Patch, module: ModuleType) -> None:
    """Fill a pointer type that was made before what it points to."""

    def SetPointerType(pointer: Any, cls: Any) -> None:  # noqa: N802
        """Let ``pointer`` point to ``cls``."""
        pointer.set_type(cls)
        module._pointer_type_cache[cls] = pointer

    patch.attribute(module, "SetPointerType", SetPointerType)


def frame_clear_suspended(patch: Patch, module: ModuleType) -> None:
    """The generator is closed, as it was."""

    def make(original: Any) -> Any:
        def clear(self: Any) -> None:
            try:
                original(self)
            except RuntimeError as error:
                import gc

                for owner in gc.get_referrers(self):
                    if getattr(owner, "gi_frame", None) is self and "suspended" in str(error):
                        owner.close()
                        return
                raise

        return clear

    patch.replace(module.FrameType, "clear", make)


def threading_rlock_arguments(patch: Patch, module: ModuleType) -> None:
    """Taken and forgotten."""

    def make(original: Any) -> Any:
        def rlock(*_args: Any, **_kwargs: Any) -> Any:
            return original()

        return rlock

    patch.replace(module, "RLock", make)


def random_randrange_int(patch: Patch, module: ModuleType) -> None:
    """A trick to make a name local."""
    from minpython.adapters import ignore

    patch.replace(module.Random, "randrange", ignore("_int"))
    patch.replace(module, "randrange", ignore("_int"))


def random_sample_set(patch: Patch, module: ModuleType) -> None:
    """A set is turned into a tuple first, as it was."""

    def make(original: Any) -> Any:
        def sample(*args: Any, **kwargs: Any) -> Any:
            from collections.abc import Set as AbstractSet

            given = list(args)
            for at, value in enumerate(given):
                if isinstance(value, AbstractSet):
                    given[at] = tuple(value)
            if isinstance(kwargs.get("population"), AbstractSet):
                kwargs["population"] = tuple(kwargs["population"])
            return original(*given, **kwargs)

        return sample

    patch.replace(module.Random, "sample", make)
    patch.replace(module, "sample", make)


def random_seed_types(patch: Patch, module: ModuleType) -> None:
    """Other objects are seeded with their hash."""

    def make(original: Any) -> Any:
        def seed(*args: Any, **kwargs: Any) -> Any:
            given = list(args)
            known = (type(None), int, float, str, bytes, bytearray, module.Random)
            for at, value in enumerate(given[:2]):
                if not isinstance(value, known):
                    given[at] = hash(value)
            if "a" in kwargs and not isinstance(kwargs["a"], known):
                kwargs["a"] = hash(kwargs["a"])
            return original(*given, **kwargs)

        return seed

    patch.replace(module.Random, "seed", make)
    patch.replace(module, "seed", make)


def random_randrange_float(patch: Patch, module: ModuleType) -> None:
    """Floats that are whole numbers."""

    def whole(value: Any) -> Any:
        if isinstance(value, float):
            if value != int(value):
                raise ValueError("non-integer arg for randrange()")
            return int(value)
        return value

    def make(original: Any) -> Any:
        def randrange(*args: Any, **kwargs: Any) -> Any:
            return original(*map(whole, args), **{key: whole(kwargs[key]) for key in kwargs})

        return randrange

    patch.replace(module.Random, "randrange", make)
    patch.replace(module, "randrange", make)


def bytestring(patch: Patch, module: ModuleType) -> None:
    """The class, made anew where it is gone, and its name in ``__all__``."""

    def made() -> type:
        import collections.abc

        found = getattr(collections.abc, "ByteString", None)
        if found is None:
            doc = "Bytes and bytearrays."
            found = type(collections.abc.Sequence)(
                "ByteString", (collections.abc.Sequence,), {"__slots__": (), "__doc__": doc}
            )
            found.register(bytes)
            found.register(bytearray)
        return found

    patch.lazy(module, "ByteString", made)
    if "ByteString" not in module.__all__:
        module.__all__.append("ByteString")
        patch.undo(lambda: module.__all__.remove("ByteString"))
