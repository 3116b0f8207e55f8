"""What came and went in modules of the standard library with one or two behaviours each."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def zipfile_path_joinpath_add(patch: Patch, module: ModuleType) -> None:
    """A keyword for the only part."""

    def make(original: Any) -> Any:
        def joinpath(self: Any, *other: Any, add: Any = None) -> Any:
            return original(self, *other) if add is None else original(self, add)

        return joinpath

    patch.replace(module.Path, "joinpath", make)


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
    from minpython.engine.adapters import ignore

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

    def getitem(self: Any, key: object) -> Any:
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
        return name if self.mode not in (2, "wb") or name[-3:] == ".gz" else name + ".gz"

    patch.attribute(module.GzipFile, "filename", property(filename))


def os_stat_float_times(patch: Patch, module: ModuleType) -> None:
    """Times are floats: nothing else can be asked for."""
    state = [True]

    def stat_float_times(newval: bool | None = None) -> bool | None:
        """Return whether ``os.stat`` gives times as floats; a wish for integers has no effect."""
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
        from minpython.restorers.impl import hashlib as _hashlib

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

    def get_mark(_self: Any, id: Any) -> None:  # noqa: A002
        """Raise the module's error: there are no marks."""
        raise module.Error("no marks")

    def set_mark(_self: Any, id: Any, pos: Any, name: Any) -> None:  # noqa: A002
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
                if "suspended" not in str(error):
                    raise
                import gc

                for owner in gc.get_referrers(self):
                    if type(owner) is module.GeneratorType and owner.gi_frame is self:
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


def bytestring(patch: Patch, module: ModuleType) -> None:
    """The class, made anew where it is gone, and its name in ``__all__``."""

    def made() -> type:
        import collections.abc

        found = getattr(collections.abc, "ByteString", None)
        if found is None:
            doc = "Bytes and bytearrays."
            found = type(collections.abc.Sequence)(  # type: ignore[misc]
                "ByteString", (collections.abc.Sequence,), {"__slots__": (), "__doc__": doc}
            )
            found.register(bytes)
            found.register(bytearray)
        return found  # type: ignore[no-any-return]

    patch.lazy(module, "ByteString", made)
    if "ByteString" not in module.__all__:
        module.__all__.append("ByteString")
        patch.undo(lambda: module.__all__.remove("ByteString"))
