"""Behaviours that changed while the names stayed: values, defaults and types of results."""

from __future__ import annotations

from minpython.engine import journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    from minpython.engine.patch import Patch

# By behaviour, module and attribute (or Class.attribute): the value.
_VALUES: dict[str, dict[str, dict[str, Any]]] = {
    "gzip-mode-numbers": {"gzip": {"READ": 1, "WRITE": 2}},
    "multiprocessing-pool-states": {
        "multiprocessing.pool": {"RUN": 0, "CLOSE": 1, "TERMINATE": 2},
    },
    "os-defpath": {"os": {"defpath": ":/bin:/usr/bin"}, "posixpath": {"defpath": ":/bin:/usr/bin"}},
    "shutil-fast-copy": {
        "shutil": {"_USE_CP_SENDFILE": False, "_USE_CP_COPY_FILE_RANGE": False},
    },
    "socketserver-forking-close": {"socketserver": {"ForkingMixIn.block_on_close": False}},
    "socketserver-threading-close": {"socketserver": {"ThreadingMixIn.block_on_close": False}},
    "sqlite3-threadsafety": {"sqlite3": {"threadsafety": 1, "dbapi2.threadsafety": 1}},
    "timeit-repeat": {"timeit": {"default_repeat": 3}},
    "urllib-url-newlines": {"urllib.parse": {"_UNSAFE_URL_BYTES_TO_REMOVE": []}},
    "zipfile-mode": {},
}
# By behaviour, module and function: the defaults of parameters.
_DEFAULTS: dict[str, dict[str, dict[str, dict[str, Any]]]] = {
    "codecs-open-buffering": {"codecs": {"open": {"buffering": 1}}},
    "compileall-maxlevels": {"compileall": {"compile_dir": {"maxlevels": 10}}},
    "email-lenient-addresses": {
        "email.utils": {"getaddresses": {"strict": False}, "parseaddr": {"strict": False}},
    },
    "ftplib-latin-1": {
        "ftplib": {
            "FTP.__init__": {"encoding": "latin-1"},
            "FTP_TLS.__init__": {"encoding": "latin-1"},
        },
    },
    "hmac-md5": {"hmac": {"new": {"digestmod": "md5"}}},
    "timeit-repeat": {"timeit": {"Timer.repeat": {"repeat": 3}, "repeat": {"repeat": 3}}},
}


def _owner(module: ModuleType, path: str) -> tuple[Any, str]:
    owner_name, _, name = path.rpartition(".")
    return (getattr(module, owner_name) if owner_name else module), name


def values(patch: Patch, module: ModuleType) -> None:
    """Set what was other values, and the defaults of parameters."""
    for path, value in _VALUES.get(patch.name, {}).get(module.__name__, {}).items():
        owner, name = _owner(module, path)
        if hasattr(owner, name):
            patch.value(owner, name, value)
    for path, changes in _DEFAULTS.get(patch.name, {}).get(module.__name__, {}).items():
        owner, name = _owner(module, path)
        _set_defaults(patch, getattr(owner, name), changes)
        journal.at(patch.name, owner, name)


def _set_defaults(patch: Patch, function: Any, changes: dict[str, Any]) -> None:
    """Change the defaults of a function's parameters, for the whole program."""
    if not patch.scope.everyone:
        from minpython.errors import RestoreError

        raise RestoreError(f"{patch.name}: a default is one for the whole program")
    function = getattr(function, "__wrapped__", function)
    before = function.__defaults__, function.__kwdefaults__
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    by_position = dict(zip(reversed(names), reversed(before[0] or ())))
    only_keyword = dict(before[1] or {})
    for name, value in changes.items():
        (by_position if name in by_position else only_keyword)[name] = value
    function.__defaults__ = (
        tuple(by_position[name] for name in names if name in by_position) or None
    )
    function.__kwdefaults__ = only_keyword or None

    def undo() -> None:
        function.__defaults__, function.__kwdefaults__ = before

    patch.undo(undo)


def calendar_plain_days(patch: Patch, module: ModuleType) -> None:
    """Plain numbers."""
    days = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
    for number, name in enumerate(days):
        patch.value(module, name, number)
    for number, name in enumerate(("January", "February"), 1):
        patch.value(module, name, number)


def hashlib_sha3_types(patch: Patch, module: ModuleType) -> None:
    """The types from the module written in C, which the functions hide."""
    import _sha3  # type: ignore[import-not-found]

    for name in ("sha3_224", "sha3_256", "sha3_384", "sha3_512", "shake_128", "shake_256"):
        patch.value(module, name, getattr(_sha3, name))


def http_status_names(patch: Patch, module: ModuleType) -> None:
    """On the members themselves, for the whole program."""
    for number, name in (
        (413, "REQUEST_ENTITY_TOO_LARGE"),
        (414, "REQUEST_URI_TOO_LONG"),
        (416, "REQUESTED_RANGE_NOT_SATISFIABLE"),
        (422, "UNPROCESSABLE_ENTITY"),
    ):
        member = module.HTTPStatus(number)
        before = member._name_
        member._name_ = name
        patch.undo(_resetter(member, "_name_", before))


def _resetter(owner: Any, name: str, before: Any) -> Callable[[], None]:
    return lambda: setattr(owner, name, before)


def threading_lock_function(patch: Patch, module: ModuleType) -> None:
    """The function that the type's name stood for."""
    patch.value(module, "Lock", module._allocate_lock)


def typing_newtype_function(patch: Patch, module: ModuleType) -> None:
    """Objects that pass for functions too, and go on being what code of today expects."""
    if not isinstance(module.NewType, type):
        return

    def make(original: Any) -> Any:
        function = type(make)

        def attribute(self: Any, name: str) -> Any:
            if name in ("__code__", "__defaults__", "__kwdefaults__", "__globals__", "__closure__"):
                return getattr(_same, name)
            raise AttributeError(name)

        body = {
            "__class__": property(lambda _self: function),
            "__getattr__": attribute,
            "__doc__": original.__doc__,
        }
        return type("NewType", (original,), body)

    patch.replace(module, "NewType", make)


def _same(x: Any) -> Any:
    return x


def typing_protocol_hasattr(patch: Patch, module: ModuleType) -> None:
    """Attributes are looked for in the ordinary way, ``__getattr__`` included."""
    patch.value(module, "_lazy_load_getattr_static", lambda: getattr)


def struct_format_bytes(patch: Patch, module: ModuleType) -> None:
    """On the type written in C."""
    from minpython.restorers.impl import slots as _slots

    original = vars(module.Struct)["format"]
    getter = property(
        lambda self: original.__get__(self).encode("ascii"), doc="The format, as bytes."
    )
    _slots.entry(patch, module.Struct, "format", getter)


def datetime_timedelta_repr(patch: Patch, module: ModuleType) -> None:
    """In the slot of the type written in C."""
    from minpython.restorers.impl import slots as _slots

    def represent(self: Any) -> str:
        """Return the days, seconds and microseconds, without their names."""
        parts = [self.days]
        if self.seconds or self.microseconds:
            parts.append(self.seconds)
        if self.microseconds:
            parts.append(self.microseconds)
        name = f"{type(self).__module__}.{type(self).__qualname__}"
        return f"{name}({', '.join(map(str, parts))})"

    _slots.slot(patch, module.timedelta, "__repr__", represent)


def _result(patch: Patch, owner: Any, name: str, change: Callable[[Any], Any]) -> None:
    """Pass what a function returns through ``change``."""

    def make(original: Any) -> Any:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return change(original(*args, **kwargs))

        return wrapper

    patch.replace(owner, name, make)


def datetime_isocalendar_tuple(patch: Patch, module: ModuleType) -> None:
    """A plain tuple."""
    _result(patch, module.date, "isocalendar", tuple)


def mmap_flush_zero(patch: Patch, module: ModuleType) -> None:
    """0 for success."""
    _result(patch, module.mmap, "flush", lambda _none: 0)


def sys_current_exceptions(patch: Patch, module: ModuleType) -> None:
    """Triples, as ``sys.exc_info()`` returns them."""

    def triple(error: Any) -> Any:
        if error is None:
            return (None, None, None)
        return (type(error), error, error.__traceback__)

    _result(
        patch,
        module,
        "_current_exceptions",
        lambda found: {thread: triple(error) for thread, error in found.items()},
    )


def asyncio_transport_real_socket(patch: Patch, module: ModuleType) -> None:
    """The socket itself, not the wrapper that refuses most methods."""
    _result(
        patch,
        module.BaseTransport,
        "get_extra_info",
        lambda value: value._sock if type(value).__name__ == "TransportSocket" else value,
    )


def inspect_ordered_arguments(patch: Patch, module: ModuleType) -> None:
    """An ordered dictionary."""

    def ordered(bound: Any) -> Any:
        from collections import OrderedDict

        bound.arguments = OrderedDict(bound.arguments)
        return bound

    _result(patch, module.Signature, "_bind", ordered)


def cgi_parse_multipart_bytes(patch: Patch, module: ModuleType) -> None:
    """Bytes for what isn't a file."""

    def encoded(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return {
            name: [each.encode() if isinstance(each, str) else each for each in parts]
            for name, parts in found.items()
        }

    _result(patch, module, "parse_multipart", encoded)


def ssl_lenient_context(patch: Patch, module: ModuleType) -> None:
    """Without the two flags that 3.13 sets."""

    def lenient(context: Any) -> Any:
        context.verify_flags &= ~(module.VERIFY_X509_STRICT | module.VERIFY_X509_PARTIAL_CHAIN)
        return context

    _result(patch, module, "create_default_context", lenient)


def traceback_no_colour(patch: Patch, module: ModuleType) -> None:
    """No terminal is taken for one that shows colours."""
    _result(patch, module, "can_colorize", lambda _able: False)


def xml_external_entities(patch: Patch, module: ModuleType) -> None:
    """The feature is on in each new parser."""

    def including(parser: Any) -> Any:
        from xml.sax.handler import feature_external_ges

        parser.setFeature(feature_external_ges, True)
        return parser

    _result(patch, module, "make_parser", including)


def zipfile_mode(patch: Patch, module: ModuleType) -> None:
    """What ``open`` was asked for."""

    def reading(made: Any) -> Any:
        made.mode = "r"
        return made

    def make(original: Any) -> Any:
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            reading(self)

        return init

    patch.replace(module.ZipExtFile, "__init__", make)
    patch.value(module._ZipWriteFile, "mode", "w")


def argparse_optional_arguments(patch: Patch, module: ModuleType) -> None:
    """The heading in the help."""

    def make(original: Any) -> Any:
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            if self._optionals.title == "options":
                self._optionals.title = "optional arguments"

        return init

    patch.replace(module.ArgumentParser, "__init__", make)


def functools_cached_property_lock(patch: Patch, module: ModuleType) -> None:
    """Values are computed under the lock, one thread at a time."""

    def lock(self: Any) -> Any:
        """The lock under which the value is computed."""
        return self.__dict__.setdefault("_old_lock", module.RLock())

    def make(original: Any) -> Any:
        def get(self: Any, instance: Any, owner: Any = None) -> Any:
            if instance is None:
                return self
            with self.lock:
                known = getattr(instance, "__dict__", {})
                if self.attrname in known:
                    return known[self.attrname]
                return original(self, instance, owner)

        return get

    patch.attribute(module.cached_property, "lock", property(lock))
    patch.replace(module.cached_property, "__get__", make)


def sys_int_digits(patch: Patch, module: ModuleType) -> None:
    """No limit, for the whole program."""
    before = module.get_int_max_str_digits()
    module.set_int_max_str_digits(0)
    patch.undo(lambda: module.set_int_max_str_digits(before))


def tarfile_silent_default(patch: Patch, module: ModuleType) -> None:
    """What 3.12 and 3.13 do anyway is asked for, and so not warned of."""
    patch.value(module.TarFile, "extraction_filter", staticmethod(module.fully_trusted_filter))
