"""The facts of an interpreter, told by itself."""

import importlib.machinery
import importlib.util
import os
import platform
import sys
import sysconfig
from typing import Any, Dict


def full(info: Any) -> str:
    """The full version that PEP 508 prescribes for `implementation_version`."""
    version = "{}.{}.{}".format(*info[:3])
    return version if info[3] == "final" else version + info[3][0] + str(info[4])


def markers() -> Dict[str, str]:
    """The environment markers of PEP 508, by its own recipe."""
    return {
        "os_name": os.name,
        "sys_platform": sys.platform,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_system": platform.system(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "python_full_version": platform.python_version(),
        "implementation_name": sys.implementation.name,
        "implementation_version": full(sys.implementation.version),
    }


def platform_facts() -> Dict[str, Any]:
    """What `platform` tells of the interpreter (not of the machine's kernel)."""
    names = [
        "python_version",
        "python_version_tuple",
        "python_implementation",
        "python_compiler",
        "python_branch",
        "python_revision",
        "python_build",
        "architecture",
        "machine",
        "system",
        "libc_ver",
    ]
    return {name: getattr(platform, name)() for name in names}


def cache_names() -> Dict[str, str]:
    """Where the byte code of a module goes, by optimisation level."""
    return {
        level or "0": importlib.util.cache_from_source("m.py", optimization=level)
        for level in ["", "1", "2"]
    }


def implementation() -> Dict[str, Any]:
    """Everything in `sys.implementation`; named tuples as lists."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in vars(sys.implementation).items()
        if isinstance(value, (str, int, tuple, type(None)))
    }


def places() -> Dict[str, str]:
    """The interpreter's own folders."""
    return {
        "executable": sys.executable,
        "base_executable": getattr(sys, "_base_executable", None) or sys.executable,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "exec_prefix": sys.exec_prefix,
        "base_exec_prefix": sys.base_exec_prefix,
        "stdlib": sysconfig.get_paths()["stdlib"],
        "platstdlib": sysconfig.get_paths()["platstdlib"],
        "include": sysconfig.get_paths()["include"],
        "dynload": next((p for p in sys.path if p.endswith("lib-dynload")), ""),
        "os": os.path.dirname(os.path.abspath(os.__file__)),
    }


def shared_library() -> str:
    """The libpython that is loaded right now; empty when it is linked into the executable."""
    try:
        with open("/proc/self/maps") as stream:
            lines = stream.read().splitlines()
    except OSError:
        return ""
    paths = [line.split(None, 5)[5] for line in lines if len(line.split(None, 5)) == 6]
    found = [path for path in paths if os.path.basename(path).startswith("libpython3.")]
    return os.path.realpath(found[0]) if found else ""


def infos() -> Dict[str, Any]:
    """How numbers and hashes are kept: `sys.hash_info` and its like, field by field."""
    found = {}
    for group in ["hash_info", "int_info", "float_info", "thread_info"]:
        value = getattr(sys, group, None)
        for name in dir(value):
            if not name.startswith(("_", "n_")) and name not in ("count", "index"):
                found[group + "." + name] = getattr(value, name)
    # The thread library's version is the machine's.
    found.pop("thread_info.version", None)
    return {k: v for k, v in found.items() if isinstance(v, (str, int, float, type(None)))}


def default_schemes() -> Dict[str, str]:
    """The install scheme that is taken where none is named, and those preferred for a purpose."""
    default = getattr(sysconfig, "get_default_scheme", None)
    default = default or getattr(sysconfig, "_get_default_scheme", None)
    found = {"default": default()} if default else {}
    preferred = getattr(sysconfig, "get_preferred_scheme", None)
    for name in ["prefix", "home", "user"] if preferred else []:
        found["preferred." + name] = preferred(name)
    return found


def answer(request: Any) -> Any:
    """Return all facts; the request is not read."""
    del request
    info = sys.version_info
    variables = {
        name: value
        for name, value in sysconfig.get_config_vars().items()
        if isinstance(value, (str, int, type(None)))
    }
    return {
        "version_info": list(info),
        "hexversion": sys.hexversion,
        "version": sys.version,
        "api_version": sys.api_version,
        "abiflags": getattr(sys, "abiflags", ""),
        "maxsize": sys.maxsize,
        "byteorder": sys.byteorder,
        "platform_name": sys.platform,
        "implementation": implementation(),
        "markers": markers(),
        "platform": platform_facts(),
        "magic": importlib.util.MAGIC_NUMBER.hex(),
        "cache_names": cache_names(),
        "suffixes": importlib.machinery.all_suffixes(),
        "extension_suffixes": importlib.machinery.EXTENSION_SUFFIXES,
        "places": places(),
        "schemes": {
            name: sysconfig.get_paths(name)
            for name in sysconfig.get_scheme_names()
            if not name.startswith("nt") and not name.startswith("osx")
        },
        "default_schemes": default_schemes(),
        "infos": infos(),
        "config_vars": variables,
        "shared_library": shared_library(),
        "packages": [path for path in sys.path if path.endswith("-packages")],
        "files": {
            "config_h": sysconfig.get_config_h_filename(),
            "makefile": sysconfig.get_makefile_filename(),
        },
        "config_h": os.path.exists(sysconfig.get_config_h_filename()),
        "platform_tag": sysconfig.get_platform(),
        "builtin_modules": list(sys.builtin_module_names),
        "stdlib_modules": sorted(getattr(sys, "stdlib_module_names", ())),
    }
