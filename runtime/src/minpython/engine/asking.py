"""What asks, at each use, whether the code that uses it sees the behaviour."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    # A patch, as far as this needs one: whether the caller sees it, and the count of its uses.
    Patch = Any


class Scoped:
    """A class attribute that only some code sees."""

    __slots__ = ("name", "patch", "value")

    def __init__(self, patch: "Patch", name: str, value: "Any") -> None:
        self.patch = patch
        self.name = name
        self.value = value

    def __get__(self, instance: "Any", owner: "type | None" = None) -> "Any":
        if not self.patch.seen():
            shown = getattr(owner or type(instance), "__name__", "?")
            kind = "object" if instance is not None else "type object"
            raise AttributeError(f"{kind} {shown!r} has no attribute {self.name!r}")
        self.patch.used()
        get = getattr(type(self.value), "__get__", None)
        return self.value if get is None else get(self.value, instance, owner)


def dispatcher(
    patch: "Patch", original: "Any", new: "Any", *, counts: bool
) -> "Callable[..., Any]":
    """Return a function that calls ``new`` for code that sees the patch, else ``original``."""

    def dispatch(*args: "Any", **kwargs: "Any") -> "Any":
        if patch.seen():
            if counts:
                patch.used()
            return new(*args, **kwargs)
        return original(*args, **kwargs)

    return dispatch
