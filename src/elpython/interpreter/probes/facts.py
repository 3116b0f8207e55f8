"""Tell the facts of the interpreter that runs this, as JSON on standard output.

Stand-alone: standard library only, CPython 3.6 to 3.15 (and what calls itself something else).
"""

import json
import os
import sys

# Started by path: this folder must not answer for the interpreter's own modules.
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != here]


def version_tuple(info):
    """Five plain fields of sys.version_info or what looks like it."""
    fields = ("major", "minor", "micro", "releaselevel", "serial")
    return [getattr(info, name, None) for name in fields]


def attempt(function):
    """The value of a call, or why it failed."""
    try:
        return function()
    except Exception as error:
        return {"error": "{}: {}".format(type(error).__name__, error)}


def implementation():
    """Everything that sys.implementation tells in plain values."""
    found = {}
    for name, value in sorted(vars(sys.implementation).items()):
        if name == "version":
            found[name] = version_tuple(value)
        elif isinstance(value, (str, int, float, bool, type(None))):
            found[name] = value
        else:
            found[name] = repr(value)
    return found


def markers():
    """The values of PEP 508's environment markers, by PEP 508's own definitions."""
    import platform

    def full_version(info):
        version = "{0.major}.{0.minor}.{0.micro}".format(info)
        if info.releaselevel != "final":
            version += info.releaselevel[0] + str(info.serial)
        return version

    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": full_version(sys.implementation.version),
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def platform_facts():
    """What the platform module reads out of sys.version."""
    import platform

    return {
        "python_version": attempt(platform.python_version),
        "python_version_tuple": attempt(lambda: list(platform.python_version_tuple())),
        "python_build": attempt(lambda: list(platform.python_build())),
        "python_compiler": attempt(platform.python_compiler),
        "python_implementation": attempt(platform.python_implementation),
    }


def build_facts():
    """What sysconfig tells of tags and paths."""
    import sysconfig

    names = ("EXT_SUFFIX", "SOABI", "MULTIARCH", "LDVERSION", "Py_DEBUG", "Py_ENABLE_SHARED")
    names += ("Py_GIL_DISABLED", "LIBDIR", "LDLIBRARY", "INSTSONAME", "py_version")
    values = sysconfig.get_config_vars()
    return {
        "vars": {name: values.get(name) for name in names},
        "paths": sysconfig.get_paths(),
        "platform": sysconfig.get_platform(),
    }


def magic():
    """The magic number of pyc files, in hex."""
    import importlib.util

    return "".join("{:02x}".format(byte) for byte in importlib.util.MAGIC_NUMBER)


def main():
    """Collect and print."""
    facts = {
        "format": 1,
        "executable": sys.executable,
        "prefix": sys.prefix,
        "base_prefix": getattr(sys, "base_prefix", sys.prefix),
        "version": sys.version,
        "version_info": version_tuple(sys.version_info),
        "hexversion": sys.hexversion,
        "abiflags": getattr(sys, "abiflags", ""),
        "maxsize": sys.maxsize,
        "byteorder": sys.byteorder,
        "implementation": attempt(implementation),
        "markers": attempt(markers),
        "platform": attempt(platform_facts),
        "sysconfig": attempt(build_facts),
        "magic": attempt(magic),
    }
    # A sitecustomize may have printed already: the facts begin behind a mark.
    sys.stdout.write("\n--elpython-facts--\n" + json.dumps(facts, sort_keys=True) + "\n")


main()
