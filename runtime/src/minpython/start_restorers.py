"""What every start restores, since its modules are there already: one small module for all.

Old finders, ``open``, ``sum`` and numbers; what they take is imported when it is needed.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def importlib_old_finders(patch: "Patch", module: "ModuleType") -> None:
    """One more finder, at the end, asks the others in the old way."""
    from minpython.restorers import finders

    finder = finders.OldFinders(patch)

    def put() -> None:
        if not any(type(other).__name__ == "OldFinders" for other in sys.meta_path):
            sys.meta_path.append(finder)
            patch.undo(lambda: sys.meta_path.remove(finder) if finder in sys.meta_path else None)

    # A package that puts finders of its own somewhere reads these first.
    for name in ("meta_path",) if patch.scope.everyone else ("meta_path", "path_hooks"):
        patch.when_read(sys, name, put)


def importlib_parent_without_spec(patch: "Patch", module: "ModuleType") -> None:
    """It gets an empty one before its first submodule is looked for."""
    import _frozen_importlib as bootstrap

    from minpython import as_import_system

    plain = type(sys)

    def make(original: "Any") -> "Any":
        # 3.15 says by keyword whether the import is a lazy one.
        def _find_and_load_unlocked(name: str, import_: "Any", **options: "Any") -> "Any":
            above = name.rpartition(".")[0]
            if above:
                if above not in sys.modules:
                    import_(above)
                parent = sys.modules.get(above)
                if type(parent) is not plain and not hasattr(parent, "__spec__"):
                    try:
                        parent.__spec__ = None  # type: ignore[union-attr]
                        patch.used()
                    except (AttributeError, TypeError):
                        pass
            return original(name, import_, **options)

        return as_import_system(_find_and_load_unlocked)

    def put() -> None:
        if not hasattr(bootstrap._find_and_load_unlocked, "__wrapped__"):
            _for_everyone(patch).replace(bootstrap, "_find_and_load_unlocked", make, counts=False)

    # A package that replaces itself by an object reads this first.
    patch.when_read(sys, "modules", put)


def _for_everyone(patch: "Patch") -> "Patch":
    """Return a patch for the whole program, whoever sees the behaviour."""
    if patch.scope.everyone:
        return patch
    from minpython.engine.patch import Patch
    from minpython.engine.scope import Scope

    return Patch(patch.name, Scope(everyone=True))


def builtins_class_namespaces(patch: "Patch", module: "ModuleType") -> None:
    """The code of modules that see it is read without what Python 3.13 added to class bodies.

    For single packages and files `minpython.source.sources` does it, which reads their code anyway.
    """
    if not patch.scope.everyone:
        return
    from os import __file__ as library

    from minpython import as_import_system

    folder = library.rpartition("os.py")[0]

    def make(original: "Any") -> "Any":
        def get_code(self: "Any", fullname: str) -> "Any":
            code = original(self, fullname)
            if code is None or not patch.scope.has_module(fullname):
                return code
            file = code.co_filename
            if fullname.startswith("minpython"):
                return code
            if file.startswith(folder) and "site-packages" not in file:
                return code
            from minpython.source import namespaces

            found = namespaces.stripped(code)
            if found is not code:
                patch.used()
            return found

        return as_import_system(get_code)

    for loader in (module.SourceLoader, module.SourcelessFileLoader):
        _for_everyone(patch).replace(loader, "get_code", make, counts=False)


def importlib_zipimporter_methods(patch: "Patch", module: "ModuleType") -> None:
    """Each finds the spec and takes the loader out of it."""

    def find_module(self: "Any", fullname: str, path: "Any" = None) -> "Any":
        """Return the loader of a module; None when there is none."""
        spec = self.find_spec(fullname, path)
        return None if spec is None else spec.loader

    def find_loader(self: "Any", fullname: str, path: "Any" = None) -> "tuple[Any, list[str]]":
        """Return the loader of a module, or None, and the folders of its package."""
        from minpython.restorers import importlib

        return importlib.zip_find_loader(self, fullname, path)

    patch.attribute(module.zipimporter, "find_module", find_module)
    patch.attribute(module.zipimporter, "find_loader", find_loader)


def builtins_open_universal(patch: "Patch", module: "ModuleType") -> None:
    """The mode asked for what has long been the default."""

    def make(original: "Any") -> "Any":
        def open(file: "Any", mode: "Any" = "r", *args: "Any", **kwargs: "Any") -> "Any":  # noqa: A001
            if isinstance(mode, str) and "U" in mode:
                mode = without_u(mode)
                patch.used()
            return original(file, mode, *args, **kwargs)

        return open

    patch.replace(module, "open", make, counts=False)


def without_u(mode: str) -> str:
    """Return a mode of ``open`` without its ``U``.

    Raises:
        ValueError: the mode writes.
    """
    if set(mode) & set("wax+"):
        raise ValueError("mode U cannot be combined with 'x', 'w', 'a', or '+'")
    rest = mode.replace("U", "")
    return rest if "r" in rest else "r" + rest


def builtins_sum_floats(patch: "Patch", module: "ModuleType") -> None:
    """Adding one after the other, in C."""

    def make(original: "Any") -> "Any":
        def sum(iterable: "Any", /, start: "Any" = 0) -> "Any":  # noqa: A001
            import functools
            import operator

            items = list(iterable)
            if not any(type(item) is float for item in items):
                return original(items, start)
            patch.used()
            return functools.reduce(operator.add, items, start)

        return sum

    patch.replace(module, "sum", make, counts=False)


def builtins_number_str(patch: "Patch", module: "ModuleType") -> None:
    """For subclasses: the types themselves write the same either way."""
    from minpython import typedict

    numbers = {owner: typedict.real_dict(owner) for owner in (int, float, complex, bool)}
    numbers = {owner: entries for owner, entries in numbers.items() if "__str__" not in entries}
    for entries in numbers.values():
        entries["__str__"] = entries["__repr__"]
    typedict.forget(int)
    named = _name_members(numbers) if "enum" in sys.modules else []

    def undo() -> None:
        for owner in named:
            if "__str__" in owner.__dict__:
                type.__delattr__(owner, "__str__")
        for owner, entries in numbers.items():
            entries.pop("__str__", None)
            typedict.forget(owner, replaced=True)

    patch.undo(undo)


def _name_members(numbers: "Any") -> "list[Any]":
    """Let the classes of `enum` that exist already name their members, as new ones do.

    A class that mixes in a number would find the number's ``__str__`` before the enumeration's.

    Returns:
        The classes that were given a ``__str__``.
    """
    found: list[Any] = []
    waiting: list[Any] = [sys.modules["enum"].Enum]
    while waiting:
        owner = waiting.pop()
        waiting += type.__subclasses__(owner)
        homes = [each for each in owner.__mro__ if "__str__" in each.__dict__]
        if homes[0] in numbers:
            text = next(each for each in homes if each not in numbers).__dict__["__str__"]
            type.__setattr__(owner, "__str__", text)
            found.append(owner)
    return found
