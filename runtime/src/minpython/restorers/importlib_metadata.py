"""What came and went in ``importlib.metadata``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def _key(self: Any) -> tuple[str, str, str]:
    return (self.name, self.value, self.group)


def _getitem(self: Any, item: Any) -> Any:
    """Return name, value or group by index."""
    return _key(self)[item]


def _iter(self: Any) -> Iterator[Any]:
    """Go over the name and the entry point, as ``dict`` takes pairs."""
    return iter((self.name, self))


def importlib_metadata_entry_point_getitem(patch: Patch, module: ModuleType) -> None:
    """On the class."""
    patch.attribute(module.EntryPoint, "__getitem__", _getitem)


def importlib_metadata_entry_point_iter(patch: Patch, module: ModuleType) -> None:
    """On the class."""
    patch.attribute(module.EntryPoint, "__iter__", _iter)


def importlib_metadata_selectable_groups(patch: Patch, module: ModuleType) -> None:
    """What ``entry_points()`` returns without arguments is a dictionary of groups again."""

    def groups() -> type:
        class SelectableGroups(dict):  # type: ignore[type-arg]
            """Entry points by group, which can be selected from too."""

            @classmethod
            def load(cls, eps: Any) -> Any:
                """Sort entry points into groups."""
                found: dict[str, Any] = {}
                for entry in sorted(eps, key=lambda entry: entry.group):
                    found.setdefault(entry.group, []).append(entry)
                return cls((group, module.EntryPoints(each)) for group, each in found.items())

            @property
            def groups(self) -> set[str]:
                """The names of the groups."""
                return set(self)

            @property
            def names(self) -> set[str]:
                """The names of all entry points."""
                return {entry.name for each in self.values() for entry in each}

            def select(self, **params: Any) -> Any:
                """Return the entry points that fit; itself without conditions."""
                if not params:
                    return self
                every = [entry for each in self.values() for entry in each]
                return module.EntryPoints(every).select(**params)

        SelectableGroups.__module__ = module.__name__
        SelectableGroups.__qualname__ = "SelectableGroups"
        return SelectableGroups

    def make(original: Any) -> Any:
        def entry_points(**params: Any) -> Any:
            found = original(**params)
            return found if params else module.SelectableGroups.load(found)

        return entry_points

    patch.lazy(module, "SelectableGroups", groups)
    patch.replace(module, "entry_points", make)


def importlib_resources_parameters(patch: Patch, module: ModuleType) -> None:
    """A package and the name of one resource."""

    def one(extra: tuple[str, ...] = (), name: str = "resource") -> Any:
        def make(original: Any) -> Any:
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                given = list(args)
                for word, place in (("package", 0), (name, 1)):
                    if word in kwargs:
                        given.insert(place, kwargs.pop(word))
                if extra and 2 < len(given) <= 2 + len(extra):
                    kwargs.update(zip(extra, given[2:]))
                    del given[2:]
                return original(*given, **kwargs)

            return wrapper

        return make

    for name, make in (
        ("contents", one()),
        ("is_resource", one(name="name")),
        ("open_binary", one()),
        ("open_text", one(("encoding", "errors"))),
        ("path", one()),
        ("read_binary", one()),
        ("read_text", one(("encoding", "errors"))),
    ):
        patch.replace(module, name, make)


def importlib_resources_resource(patch: Patch, module: ModuleType) -> None:
    """The type of a resource's name."""
    patch.lazy(module, "Resource", lambda: str)
