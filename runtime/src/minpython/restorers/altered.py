"""Behaviours that changed while the names stayed: what functions do."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def ast_literal_eval_sums(patch: Patch, module: ModuleType) -> None:
    """Sums and differences of numbers, wherever they stand."""

    def make(original: Any) -> Any:
        def literal_eval(node_or_string: Any) -> Any:
            try:
                return original(node_or_string)
            except ValueError:
                from minpython.restorers.impl import ast as _ast

                tree = node_or_string
                if isinstance(tree, str):
                    tree = module.parse(tree.lstrip(" \t"), mode="eval")
                return original(_ast.folded(tree))

        return literal_eval

    patch.replace(module, "literal_eval", make)


def asyncio_server_sockets(patch: Patch, module: ModuleType) -> None:
    """The list itself."""

    def sockets(self: Any) -> Any:
        """The sockets that the server listens on."""
        return self._sockets

    patch.value(module.Server, "sockets", property(sockets))


def asyncio_any_executor(patch: Patch, module: ModuleType) -> None:
    """Executors of any kind."""

    def make(_original: Any) -> Any:
        def set_default_executor(self: Any, executor: Any) -> None:
            self._default_executor = executor

        return set_default_executor

    patch.replace(module.BaseEventLoop, "set_default_executor", make)


def asyncio_policy_makes_loop(patch: Patch, module: ModuleType) -> None:
    """Without a warning."""

    def make(original: Any) -> Any:
        def get_event_loop(self: Any) -> Any:
            local = self._local
            if local._loop is None and not local._set_called:
                import threading

                if threading.current_thread() is threading.main_thread():
                    self.set_event_loop(self.new_event_loop())
            return original(self)

        return get_event_loop

    patch.replace(module.BaseDefaultEventLoopPolicy, "get_event_loop", make)


def asyncio_cancelled_is_exception(patch: Patch, module: ModuleType) -> None:
    """The class of ``concurrent.futures``, put there before anything takes the new one."""
    import sys

    from minpython.errors import RestoreError

    if "asyncio.futures" in sys.modules:
        raise RestoreError("asyncio was imported before")
    from concurrent.futures import CancelledError

    patch.value(module, "CancelledError", CancelledError)


def calendar_itermonthdates(patch: Patch, module: ModuleType) -> None:
    """Stop where the years of ``datetime`` end."""

    def make(original: Any) -> Any:
        def itermonthdates(self: Any, year: int, month: int) -> Iterator[Any]:
            try:
                yield from original(self, year, month)
            except (OverflowError, ValueError):
                if not (year == 9999 and month == 12):
                    raise

        return itermonthdates

    patch.replace(module.Calendar, "itermonthdates", make)


def calendar_default_locale(patch: Patch, module: ModuleType) -> None:
    """The locale that the environment names."""

    def make(original: Any) -> Any:
        def init(self: Any, firstweekday: int = 0, locale: Any = None) -> None:
            if locale is None:
                import locale as locales

                locale = locales.getdefaultlocale()
            original(self, firstweekday, locale)

        return init

    for name in ("LocaleTextCalendar", "LocaleHTMLCalendar"):
        patch.replace(getattr(module, name), "__init__", make)


def http_cookies_morsel_assignment(patch: Patch, module: ModuleType) -> None:
    """The three can be set."""

    def settable(name: str) -> Any:
        def get(self: Any) -> Any:
            return getattr(self, name)

        def put(self: Any, value: Any) -> None:
            setattr(self, name, value)

        return property(get, put)

    for name in ("key", "value", "coded_value"):
        patch.value(module.Morsel, name, settable("_" + name))


def os_makedirs_mode(patch: Patch, module: ModuleType) -> None:
    """Each folder on the way is made with the mode."""

    def make(original: Any) -> Any:
        def makedirs(name: Any, mode: int = 0o777, exist_ok: bool = False) -> None:
            head, tail = module.path.split(name)
            if not tail:
                head, tail = module.path.split(head)
            if head and tail and not module.path.exists(head):
                makedirs(head, mode, exist_ok=True)
            original(name, mode, exist_ok)

        return makedirs

    patch.replace(module, "makedirs", make)


def pkgutil_path_string(patch: Patch, module: ModuleType) -> None:
    """Nothing is found in it."""

    def make(original: Any) -> Any:
        def wrapper(path: Any = None, *args: Any, **kwargs: Any) -> Any:
            return iter(()) if isinstance(path, str) else original(path, *args, **kwargs)

        return wrapper

    patch.replace(module, "walk_packages", make)
    patch.replace(module, "iter_modules", make)


def urllib_parse_semicolons(patch: Patch, module: ModuleType) -> None:
    """Both separators, unless one is named."""

    def make(original: Any) -> Any:
        def wrapper(qs: Any, *args: Any, **kwargs: Any) -> Any:
            if "separator" not in kwargs and len(args) < 6:
                both = (b";", b"&") if isinstance(qs, (bytes, bytearray)) else (";", "&")
                qs = qs.replace(*both)
            return original(qs, *args, **kwargs)

        return wrapper

    patch.replace(module, "parse_qsl", make)
    patch.replace(module, "parse_qs", make)


def dbm_dumb_flags(patch: Patch, module: ModuleType) -> None:
    """What is missing is made."""

    def make(original: Any) -> Any:
        def open(file: Any, flag: str = "c", mode: int = 0o666) -> Any:  # noqa: A001
            return original(file, "c" if flag in ("r", "w") else flag, mode)

        return open

    patch.replace(module, "open", make)


def dbm_read_only_delete(patch: Patch, module: ModuleType) -> None:
    """The same error as for a missing key."""

    def make(original: Any) -> Any:
        def delitem(self: Any, key: Any) -> None:
            if getattr(self, "_readonly", False):
                raise KeyError(key)
            original(self, key)

        return delitem

    patch.replace(module._Database, "__delitem__", make)


def imaplib_logout_quiet(patch: Patch, module: ModuleType) -> None:
    """An error is an answer."""

    def make(original: Any) -> Any:
        def logout(self: Any) -> Any:
            try:
                return original(self)
            except Exception as error:  # noqa: BLE001 - this is what it did
                self.shutdown()
                return "NO", [f"{type(error)}: {error}"]

        return logout

    patch.replace(module.IMAP4, "logout", make)


def ipaddress_leading_zeros(patch: Patch, module: ModuleType) -> None:
    """They are dropped."""

    def make(original: Any) -> Any:
        def parse_octet(cls: Any, octet_str: str) -> int:
            return original(cls, octet_str.lstrip("0") or "0")  # type: ignore[no-any-return]

        return parse_octet

    patch.replace(module._BaseV4, "_parse_octet", make)


def pickle_protocol_3(patch: Patch, module: ModuleType) -> None:
    """The constant, and what the functions take without a wish."""

    def make(at: int) -> Any:
        def maker(original: Any) -> Any:
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                if len(args) <= at and kwargs.get("protocol") is None:
                    kwargs["protocol"] = 3
                return original(*args, **kwargs)

            return wrapper

        return maker

    patch.value(module, "DEFAULT_PROTOCOL", 3)
    patch.replace(module, "dumps", make(1))
    patch.replace(module, "dump", make(2))


def shelve_protocol_3(patch: Patch, module: ModuleType) -> None:
    """Unless one is named."""

    def make(original: Any) -> Any:
        def init(self: Any, dict: Any, protocol: Any = None, *args: Any, **kwargs: Any) -> None:  # noqa: A002
            original(self, dict, 3 if protocol is None else protocol, *args, **kwargs)

        return init

    patch.replace(module.Shelf, "__init__", make)


def statistics_mode_unique(patch: Patch, module: ModuleType) -> None:
    """No mode is better than another."""

    def make(original: Any) -> Any:
        def mode(data: Any) -> Any:
            data = list(data)
            first = original(data)
            several = module.multimode(data)
            if len(several) > 1:
                raise module.StatisticsError(
                    f"no unique mode; found {len(several)} equally common values"
                )
            return first

        return mode

    patch.replace(module, "mode", make)


def xml_sorted_attributes(patch: Patch, module: ModuleType) -> None:
    """They are sorted in place before they are written."""
    if module.__name__ == "xml.dom.minidom":

        def writexml(original: Any) -> Any:
            def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
                if self._attrs:
                    self._attrs = dict(sorted(self._attrs.items()))
                return original(self, *args, **kwargs)

            return wrapper

        patch.replace(module.Element, "writexml", writexml)
        return

    def write(original: Any) -> Any:
        def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            for element in self._root.iter():
                found = element.attrib
                if len(found) > 1 and all(isinstance(name, str) for name in found):
                    ordered = sorted(found.items())
                    found.clear()
                    found.update(ordered)
            return original(self, *args, **kwargs)

        return wrapper

    patch.replace(module.ElementTree, "write", write)


def logging_root_child(patch: Patch, module: ModuleType) -> None:
    """A logger of that name, below the real root."""

    def make(original: Any) -> Any:
        def get_logger(name: Any = None) -> Any:
            if name != "root":
                return original(name)
            patch.used()
            return module.Logger.manager.getLogger(name)

        return get_logger

    patch.replace(module, "getLogger", make, counts=False)


def logging_formatter_unchecked(patch: Patch, module: ModuleType) -> None:
    """The format is used as it is."""

    def make(original: Any) -> Any:
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            if len(args) < 4:
                kwargs.setdefault("validate", False)
            original(self, *args, **kwargs)

        return init

    patch.replace(module.Formatter, "__init__", make)


def select_epoll_unregister(patch: Patch, module: ModuleType) -> None:
    """A descriptor that is closed already is no error."""

    def make(original: Any) -> Any:
        def unregister(self: Any, fd: Any) -> None:
            import errno

            try:
                original(self, fd)
            except OSError as error:
                if error.errno != errno.EBADF:
                    raise

        return unregister

    if hasattr(module, "epoll"):
        patch.replace(module.epoll, "unregister", make)
