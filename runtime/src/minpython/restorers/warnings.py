"""Warnings that came after the version asked for, kept quiet.

A filter of ours stands before all others, also before those that a program puts first, since these
turn what it knows into errors. It goes by fragments of the messages, so that ``re`` isn't needed.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch

_MESSAGES = {
    "3-8": (
        '"is" with ',
        '"is not" with ',
        "object is not callable; perhaps you missed a comma?",
        "object is not subscriptable; perhaps you missed a comma?",
        "indices must be integers or slices, not ",
        "The loop argument is deprecated since Python 3.8",
        "The explicit passing of coroutine objects to asyncio.wait()",
        "Implicit conversion to integers using __int__ is deprecated",
    ),
    "3-9": (
        "NotImplemented should not be used in a boolean context",
        "The *random* parameter to shuffle() has been deprecated",
        "Using or importing the ABCs from 'collections' instead of from 'collections.abc'",
    ),
    "3-10": (
        "in 3.12 __contains__ will no longer raise TypeError",
        "There is no current event loop",
        "The distutils package is deprecated",
        "The distutils.sysconfig module is deprecated",
        "activeCount() is deprecated",
        "currentThread() is deprecated",
        "notifyAll() is deprecated",
        "isDaemon() is deprecated",
        "setDaemon() is deprecated",
        "getName() is deprecated",
        "setName() is deprecated",
        "ssl.PROTOCOL_",
        "ssl.OP_NO_SSL*",
        "ssl.TLSVersion.",
        "ssl.match_hostname() is deprecated",
        "ssl.wrap_socket() is deprecated",
        "find_spec() not found; falling back to find_module()",
        "find_spec() not found; falling back to find_loader()",
        "exec_module() not found; falling back to load_module()",
        "load_module() is deprecated and slated for removal",
        "gettext() is deprecated",
    ),
    "3-11": (
        " is deprecated and slated for removal in Python 3.",
        " is deprecated and will be removed in Python 3.",
        "Use setlocale(), getencoding() and getlocale() instead",
        "It is deprecated to return a value that is not None from a test case",
        "The re.template() function is deprecated",
        "module 'sre_",
        "lib2to3 package is deprecated",
    ),
    "3-12": (
        "datetime.datetime.utcnow() is deprecated",
        "datetime.datetime.utcfromtimestamp() is deprecated",
        "invalid escape sequence",
        "invalid octal escape sequence",
        "Testing an element's truth value",
        "adapter is deprecated as of Python 3.12",
        "converter is deprecated as of Python 3.12",
        "is multi-threaded, use of fork",
        "Bitwise inversion '~' on bool is deprecated",
        "Attribute s is deprecated and will be removed",
        "Attribute n is deprecated and will be removed",
        "onerror argument is deprecated, use onexc instead",
        "co_lnotab is deprecated, use co_lines instead",
        "Python 3.14 will, by default, filter extracted tar archives",
        "signature of generator.throw() is deprecated",
        "signature of athrow() is deprecated",
        "signature of throw() is deprecated",
    ),
    "3-13": (
        "' is passed as positional argument",
        "Failing to pass a value to the 'fields' parameter of",
        ".__init__ missing 1 required positional argument: '",
        ".__init__ got an unexpected keyword argument '",
        "_field_types. This will become an error in Python 3.15",
        "Passing a file path instead of URL is deprecated",
        "Parsing dates involving a day of month without a year",
        "pathlib.PurePath.is_reserved() is deprecated",
        "has an effect only on Windows",
    ),
    "3-14": (
        "in a 'finally' block",
        "codecs.open() is deprecated",
        "'asyncio.iscoroutinefunction' is deprecated",
        "EventLoopPolicy' is deprecated",
        "event_loop_policy' is deprecated",
    ),
}


class _Text:
    """Stands where a filter has its pattern for the message."""

    __slots__ = ("messages", "patch")

    def __init__(self, patch: Patch) -> None:
        self.patch = patch
        self.messages = _MESSAGES[patch.name.partition("-in-")[2]]

    def match(self, text: str) -> bool:
        if not any(message in text for message in self.messages):
            return False
        self.patch.used()
        return True


class _Module:
    """Stands where a filter has its pattern for the module that the warning is about."""

    __slots__ = ("patch",)

    def __init__(self, patch: Patch) -> None:
        self.patch = patch

    def match(self, name: str) -> bool:
        return self.patch.scope.has_module(name or "")


class _Filters(list):  # type: ignore[type-arg]
    """A list of filters that keeps ours in front, and so do its copies."""

    def _ours(self) -> list[Any]:
        return [item for item in self if isinstance(item[1], _Text)]

    def insert(self, at: Any, item: Any) -> None:
        if at >= 0 and not isinstance(item[1], _Text):
            at += len(self._ours())
        list.insert(self, at, item)

    def __getitem__(self, key: Any) -> Any:
        found = list.__getitem__(self, key)
        return _Filters(found) if isinstance(key, slice) else found

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, slice) and key == slice(None):
            value = [*self._ours(), *(item for item in value if not isinstance(item[1], _Text))]
        list.__setitem__(self, key, value)

    def __delitem__(self, key: Any) -> None:
        ours = self._ours()
        list.__delitem__(self, key)
        list.__setitem__(self, slice(0, len(self._ours())), ours)

    def copy(self) -> Any:
        return _Filters(self)

    def clear(self) -> None:
        list.__setitem__(self, slice(None), self._ours())


def warnings_new(patch: Patch, module: ModuleType) -> None:
    """One filter; the list of filters, when it is the first."""
    item = ("ignore", _Text(patch), Warning, None if patch.scope.everyone else _Module(patch), 0)
    before = module.filters
    if patch.scope.everyone and not isinstance(before, _Filters):
        module.filters = _Filters(before)  # type: ignore[attr-defined]

        def stop() -> None:
            rest = [item for item in module.filters if not isinstance(item[1], _Text)]
            list.__setitem__(before, slice(None), rest)
            module.filters = before  # type: ignore[attr-defined]
            _changed(module)

        patch.undo(stop)
    module.filters.insert(0, item)
    patch.undo(lambda: _drop(module, item))
    _changed(module)


def _drop(module: ModuleType, item: object) -> None:
    if item in module.filters:
        list.remove(module.filters, item)
    _changed(module)


def _changed(module: ModuleType) -> None:
    """Let the interpreter look at the filters anew, past what it remembers of modules."""
    lock = getattr(module, "_lock", None)
    name = "_filters_mutated_lock_held"
    if lock is not None and hasattr(module, name):
        with lock:
            getattr(module, name)()
    else:
        module._filters_mutated()
