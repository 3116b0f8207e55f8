"""The state that a program finds when it starts: `python state.py OUTPUT [ANY...]`.

Stand-alone, because it has to be started in every way that Python starts programs. What it imports
itself is imported after the looking.
"""

import sys

FIRST = sorted(sys.modules)


def hooks(values):
    """Types and names of import hooks, by what they are called."""
    return [
        "{}.{}".format(
            getattr(item, "__module__", type(item).__module__),
            getattr(item, "__qualname__", type(item).__qualname__),
        )
        for item in values
    ]


def flags():
    """Everything in `sys.flags`, by name."""
    names = [name for name in dir(sys.flags) if not name.startswith(("_", "n_"))]
    return {name: getattr(sys.flags, name) for name in names if name not in ("count", "index")}


def streams():
    """Encoding, error handler and buffering of the standard streams."""
    made = {}
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        for part in ("encoding", "errors", "line_buffering", "write_through", "newlines"):
            made["{}.{}".format(name, part)] = getattr(stream, part, None)
        made[name + ".type"] = type(stream).__name__
    return made


def early():
    """What can be asked without importing anything."""
    table = {
        "recursion_limit": sys.getrecursionlimit(),
        "switch_interval": sys.getswitchinterval(),
        "default_encoding": sys.getdefaultencoding(),
        "file_system_encoding": sys.getfilesystemencoding(),
        "file_system_errors": getattr(sys, "getfilesystemencodeerrors", lambda: None)(),
        "int_max_str_digits": getattr(sys, "get_int_max_str_digits", lambda: None)(),
        "dont_write_bytecode": sys.dont_write_bytecode,
        "pycache_prefix": getattr(sys, "pycache_prefix", None),
        "platlibdir": getattr(sys, "platlibdir", None),
        "meta_path": hooks(sys.meta_path),
        "path_hooks": hooks(sys.path_hooks),
        "warnoptions": sys.warnoptions,
        "xoptions": {key: str(value) for key, value in sorted(sys._xoptions.items())},
        "excepthook": sys.excepthook is sys.__excepthook__,
        "displayhook": sys.displayhook is sys.__displayhook__,
        "breakpointhook": sys.breakpointhook is sys.__breakpointhook__,
        "unraisablehook": getattr(sys, "unraisablehook", None)
        is getattr(sys, "__unraisablehook__", None),
        "traced": sys.gettrace() is not None,
        "profiled": sys.getprofile() is not None,
        "async_hooks": [bool(item) for item in sys.get_asyncgen_hooks()],
        "coroutine_origin": sys.get_coroutine_origin_tracking_depth(),
        "path_entries": len(sys.path),
        "path_names": [entry.rpartition("/")[2] for entry in sys.path[1:]],
        "importer_cache": sorted(
            {type(item).__name__ for item in sys.path_importer_cache.values()}
        ),
        "last_error": hasattr(sys, "last_type"),
    }
    for name, value in flags().items():
        table["flags." + name] = value
    for name, value in streams().items():
        table["stream." + name] = value
    builtins = sys.modules["builtins"]
    for name in (
        "__import__",
        "__build_class__",
        "open",
        "print",
        "input",
        "exec",
        "compile",
        "eval",
    ):
        kind = type(getattr(builtins, name)).__name__
        table["builtin." + name] = "{} of {}".format(kind, getattr(builtins, name).__module__)
    table["builtin_names"] = sorted(vars(builtins))
    return table


def of_process():
    """What the process has: signals, descriptors, environment, threads, limits, rights."""
    import gc
    import os
    import resource
    import signal
    import stat
    import threading

    table = {
        "gc.threshold": list(gc.get_threshold()),
        "gc.enabled": gc.isenabled(),
        "gc.debug": gc.get_debug(),
        "gc.callbacks": len(gc.callbacks),
        "gc.frozen": gc.get_freeze_count() if hasattr(gc, "get_freeze_count") else None,
        "threads": [type(item).__name__ for item in threading.enumerate()],
        "tasks": len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else None,
        "thread_hooks": [getattr(threading, "_trace_hook", None) is not None],
        "environment": sorted(os.environ.items()),
        "wakeup_fd": signal.set_wakeup_fd(-1),
    }
    mask = os.umask(0)
    os.umask(mask)
    table["umask"] = mask
    for number in range(1, signal.NSIG):
        try:
            handler = signal.getsignal(number)
        except ValueError:
            continue
        if handler is not None:
            table["signal.{}".format(number)] = getattr(handler, "__name__", str(handler))
    blocked = getattr(signal, "pthread_sigmask", None)
    if blocked:
        table["signal.blocked"] = sorted(int(n) for n in blocked(signal.SIG_BLOCK, []))
    descriptors = {}
    for number in range(64):
        try:
            descriptors[str(number)] = [
                stat.S_IFMT(os.fstat(number).st_mode),
                os.get_inheritable(number),
                os.get_blocking(number),
            ]
        except OSError:
            continue
    table["descriptors"] = descriptors
    for name in ("RLIMIT_STACK", "RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_DATA", "RLIMIT_AS"):
        table["limit." + name] = [str(item) for item in resource.getrlimit(getattr(resource, name))]
    table["working_folder"] = os.path.basename(os.getcwd()) != ""
    return table


def of_library():
    """Defaults that library modules begin with."""
    import asyncio
    import atexit
    import codecs
    import copyreg
    import decimal
    import faulthandler
    import locale
    import logging
    import multiprocessing
    import random
    import socket
    import time
    import tracemalloc
    import warnings

    def shown(item):
        action, message, category, module, line = item
        texts = [getattr(text, "pattern", text) for text in (message, module)]
        return [action, texts[0], category.__name__, texts[1], line]

    context = decimal.getcontext()
    return {
        "warnings.filters": [shown(item) for item in warnings.filters],
        "warnings.showwarning": warnings.showwarning.__module__,
        "warnings.default_action": getattr(warnings, "defaultaction", None),
        "locale": [locale.setlocale(part) for part in (locale.LC_CTYPE, locale.LC_NUMERIC)],
        "locale.preferred": locale.getpreferredencoding(do_setlocale=False),
        "copyreg": sorted(str(item) for item in copyreg.dispatch_table),
        "copyreg.extensions": len(getattr(copyreg, "_extension_registry", ())),
        "decimal": [context.prec, context.rounding, str(context)],
        "faulthandler": faulthandler.is_enabled(),
        "tracemalloc": tracemalloc.is_tracing(),
        "logging": [logging.root.level, len(logging.root.handlers), logging.lastResort.level],
        "logging.raise": logging.raiseExceptions,
        "socket.timeout": socket.getdefaulttimeout(),
        "multiprocessing": multiprocessing.get_start_method(allow_none=True),
        "multiprocessing.methods": multiprocessing.get_all_start_methods(),
        "asyncio.policy": type(asyncio.get_event_loop_policy()).__name__,
        "atexit": getattr(atexit, "_ncallbacks", lambda: 0)() <= 3,
        "random.seeded": random.getstate() == random.getstate(),
        "codecs.handlers": [name for name in ("strict", "surrogateescape", "namereplace")
                            if codecs.lookup_error(name) is None],
        "time.zone": list(time.tzname),
    }  # fmt: skip


def of_machine():
    """Where the library looks for what the machine has, and what connections allow."""
    import mimetypes
    import tempfile

    table = {
        "mimetypes.files": list(mimetypes.knownfiles),
        "tempfile.prefix": tempfile.gettempprefix(),
    }
    try:
        import zoneinfo

        table["zoneinfo.path"] = list(zoneinfo.TZPATH)
    except ImportError:
        pass
    try:
        import ssl
    except ImportError:
        return table
    table["ssl.paths"] = list(ssl.get_default_verify_paths()[2:])
    for name, context in (
        ("client", ssl.create_default_context()),
        ("server", ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)),
        ("bare", ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)),
    ):
        for part in (
            "options",
            "verify_flags",
            "verify_mode",
            "minimum_version",
            "maximum_version",
            "check_hostname",
        ):
            table["ssl.{}.{}".format(name, part)] = str(getattr(context, part, None))
        table["ssl.{}.ciphers".format(name)] = [item["name"] for item in context.get_ciphers()]
    return table


def answer(request):
    """Tell everything; the request is not read."""
    del request
    table = early()
    table["modules"] = FIRST
    table.update(of_process())
    table.update(of_library())
    table.update(of_machine())
    return table


if __name__ == "__main__":
    import json

    with open(sys.argv[1], "w") as stream:
        json.dump(answer(None), stream)
