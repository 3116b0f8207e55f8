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


def listeners():
    """Functions in lists that no Python object holds: what runs at forks, searches for codecs."""
    import gc

    found = []
    for item in gc.get_objects():
        if type(item) is list and item and all(callable(thing) for thing in item):
            holders = gc.get_referrers(item)
            # This loop's frame and the list of all objects hold each of them.
            if all(type(one).__name__ in ("frame", "list", "list_iterator") for one in holders):
                found += hooks(item)
    return sorted(found)


def audited():
    """Whether somebody hears audit events: only then is an event's name looked at."""
    try:
        sys.audit(0)
    except AttributeError:
        return None
    except TypeError:
        return True
    return False


def watchers():
    """Tools that watch the program by `sys.monitoring`, and how many context variables are set."""
    monitoring = getattr(sys, "monitoring", None)
    try:
        import _contextvars

        variables = len(_contextvars.copy_context())
    except ImportError:
        variables = None
    tools = [monitoring.get_tool(number) for number in range(6)] if monitoring else None
    return {"monitoring": tools, "context_variables": variables}


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
        "breakpointhook": getattr(sys, "breakpointhook", None)
        is getattr(sys, "__breakpointhook__", None),
        "unraisablehook": getattr(sys, "unraisablehook", None)
        is getattr(sys, "__unraisablehook__", None),
        "traced": sys.gettrace() is not None,
        "profiled": sys.getprofile() is not None,
        "async_hooks": [bool(item) for item in sys.get_asyncgen_hooks()],
        "coroutine_origin": getattr(sys, "get_coroutine_origin_tracking_depth", lambda: None)(),
        "path_entries": len(sys.path),
        "path_names": [entry.rpartition("/")[2] for entry in sys.path[1:]],
        "importer_cache": sorted(
            {type(item).__name__ for item in sys.path_importer_cache.values()}
        ),
        "last_error": hasattr(sys, "last_type"),
        "dlopen_flags": getattr(sys, "getdlopenflags", lambda: None)(),
        "float_repr": sys.float_repr_style,
        "traceback_limit": getattr(sys, "tracebacklimit", None),
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

    plain_hook = getattr(threading, "__excepthook__", None)
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
        "thread.stack_size": threading.stack_size(),
        "thread.excepthook": getattr(threading, "excepthook", None) is plain_hook,
        "thread.traced": [getattr(threading, name, None) is not None
                          for name in ("_trace_hook", "_profile_hook")],
        "timers": [signal.getitimer(which) == (0.0, 0.0)
                   for which in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)],
        "priority": os.getpriority(os.PRIO_PROCESS, 0),
        "leads": [os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid()],
        "rights": [os.getuid() == os.geteuid(), os.getgid() == os.getegid()],
    }  # fmt: skip
    if hasattr(os, "sched_getaffinity"):
        table["processors"] = len(os.sched_getaffinity(0))
    table.update(of_kernel())
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
    for name in (item for item in dir(resource) if item.startswith("RLIMIT_")):
        table["limit." + name] = [str(item) for item in resource.getrlimit(getattr(resource, name))]
    folder = os.path.dirname(os.path.abspath(sys.argv[1])) if sys.argv[1:] else None
    table["working_folder"] = os.path.realpath(os.getcwd()) == os.path.realpath(str(folder))
    return table


def of_kernel():
    """What Linux keeps of the process: its name, and what was given up or forbidden."""
    import os

    table = {}
    try:
        with open("/proc/self/status") as stream:
            parts = [line.partition(":") for line in stream]
    except OSError:
        return table
    lines = {name: value.strip() for name, _, value in parts}
    programs = (sys.executable, os.path.realpath(sys.executable))
    table["name"] = lines.get("Name") in [os.path.basename(path)[:15] for path in programs]
    # Signals too: what a library in C asked for, `signal.getsignal` does not tell.
    for name in ("NoNewPrivs", "Seccomp", "CapEff", "CapBnd", "CapInh", "CapAmb", "THP_enabled",
                 "SigIgn", "SigCgt", "SigBlk", "VmLck"):  # fmt: skip
        table["kernel." + name] = lines.get(name)
    if hasattr(os, "sched_getscheduler"):
        table["kernel.scheduler"] = os.sched_getscheduler(0)
    table.update(of_calls())
    for name in ("oom_score_adj", "coredump_filter", "personality", "timerslack_ns"):
        try:
            with open("/proc/self/" + name) as stream:
                table["kernel." + name] = stream.read().strip()
        except OSError:
            continue
    return table


def of_calls():
    """What only system calls tell: core dumps, ends of parents and children, order of disk I/O."""
    import os

    try:
        import ctypes

        library = ctypes.CDLL(None)
        number = ctypes.c_int()
        table = {"kernel.dumpable": library.prctl(3, 0, 0, 0, 0)}
        for name, option in (("parent_death", 2), ("subreaper", 37)):
            library.prctl(option, ctypes.byref(number), 0, 0, 0)
            table["kernel." + name] = number.value
        call = {"x86_64": 252, "aarch64": 31}.get(os.uname()[4])
        if call:
            table["kernel.io_priority"] = library.syscall(call, 1, 0)
    except (ImportError, OSError, AttributeError):
        return {}
    return table


def replaced():
    """Functions of modules that are there at start and that a file elsewhere defined."""
    found = []
    for module in FIRST:
        own = getattr(sys.modules.get(module), "__file__", None)
        if not own or "-packages" in own or module == "__main__":
            continue
        for name, thing in list(vars(sys.modules[module]).items()):
            code = getattr(thing, "__code__", None)
            where = getattr(code, "co_filename", "")
            if not where.endswith("customize.py"):
                continue
            found.append("{}.{}".format(module, name))
    return sorted(found)


def of_library():
    """Defaults that library modules begin with."""
    import asyncio
    import atexit
    import calendar
    import codecs
    import copyreg
    import csv
    import decimal
    import faulthandler
    import locale
    import logging
    import multiprocessing
    import random
    import socket
    import tempfile
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
        "locale": [
            locale.setlocale(part)
            for part in (locale.LC_CTYPE, locale.LC_NUMERIC, locale.LC_TIME, locale.LC_COLLATE,
                         locale.LC_MONETARY, getattr(locale, "LC_MESSAGES", locale.LC_CTYPE))
        ],
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
        "random.first": random.random(),
        "calendar.first": calendar.firstweekday(),
        "csv.limit": csv.field_size_limit(),
        "csv.dialects": [dialect(csv, name) for name in sorted(csv.list_dialects())],
        "logging.levels": [logging.getLevelName(number) for number in range(0, 60, 5)],
        "tempfile.folder": tempfile.tempdir,
        "codecs.handlers": [name for name in ("strict", "surrogateescape", "namereplace")
                            if codecs.lookup_error(name) is None],
        "time.zone": list(time.tzname),
    }  # fmt: skip


def dialect(csv, name):
    """A registered CSV dialect, part by part."""
    found = csv.get_dialect(name)
    parts = ("delimiter", "quotechar", "doublequote", "escapechar", "lineterminator", "quoting",
             "skipinitialspace", "strict")  # fmt: skip
    return [name] + [getattr(found, part) for part in parts]


def of_machine():
    """Where the library looks for what the machine has, and what connections allow."""
    import mimetypes
    import tempfile

    table = {
        "mimetypes.files": list(mimetypes.knownfiles),
        "tempfile.prefix": tempfile.gettempprefix(),
    }
    try:
        from ctypes.util import find_library

        # How a library is looked for: by a program, or not at all.
        table["libraries"] = [bool(find_library(name)) for name in ("c", "no-such-library")]
    except ImportError:
        pass
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
    table = {"listeners": listeners(), "audited": audited()}
    table.update(early())
    table.update(watchers())
    table["modules"] = FIRST
    table["replaced"] = replaced()
    table.update(of_process())
    table.update(of_library())
    table.update(of_machine())
    return table


if __name__ == "__main__":
    import json

    # Told whole or not at all: what fails half-way is no state.
    text = json.dumps(answer(None))
    with open(sys.argv[1], "w") as stream:
        stream.write(text)
