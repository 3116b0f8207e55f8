"""Parameters that came and went in small modules: takers of old arguments, one line each."""

from __future__ import annotations

from minpython.engine.adapters import ignore, keywords, positional, rename

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch

_DOCOTHER = ("name", "mod", "parent", "maxlen", "doc")
_PARAMETERS: dict[str, dict[str, tuple[tuple[str, Any], ...]]] = {
    "argparse-boolean-optional": {
        "argparse": (("BooleanOptionalAction.__init__", ignore("choices", "metavar", "type")),),
    },
    "binascii-b2a-base64-data": {"binascii": (("b2a_base64", keywords("data")),)},
    "bz2-bz2file-buffering": {
        "bz2": (
            ("BZ2File.__init__", ignore("buffering")),
            ("BZ2File.__init__", positional(3, "buffering", "compresslevel")),
        ),
    },
    "collections-chainmap-iterable": {
        "collections": (("ChainMap.fromkeys", keywords("cls", "iterable")),),
    },
    "email-localtime-isdst": {"email.utils": (("localtime", ignore("isdst")),)},
    "fileinput-bufsize": {
        "fileinput": (
            ("FileInput.__init__", ignore("bufsize")),
            ("FileInput.__init__", positional(4, "bufsize", "mode", "openhook")),
            ("input", ignore("bufsize")),
            ("input", positional(3, "bufsize", "mode", "openhook")),
        ),
    },
    "http-cookies-legalchars": {"http.cookies": (("Morsel.set", ignore("LegalChars")),)},
    "importlib-abc-parameters": {
        "importlib.abc": (("Traversable.joinpath", keywords("self", "child")),),
    },
    "importlib-abc-resource-name": {
        "importlib.abc": (("ResourceReader.is_resource", rename(name="path")),),
    },
    "importlib-resources-files-package": {
        "importlib.resources": (("files", rename(package="anchor")),),
    },
    "inspect-object-parameter": {
        "inspect": tuple(
            (name, rename(object="obj"))
            for name in ("isasyncgenfunction", "iscoroutinefunction", "isgeneratorfunction")
        ),
    },
    "pdb-interaction-traceback": {
        "pdb": (("Pdb.interaction", rename(traceback="tb_or_exc")),),
    },
    "pickle-loads-data": {
        "multiprocessing.reduction": (("ForkingPickler.loads", keywords("data")),),
        "pickle": (("loads", keywords("data")),),
    },
    "plistlib-use-builtin-types": {
        "plistlib": (
            ("load", ignore("use_builtin_types")),
            ("loads", ignore("use_builtin_types")),
        ),
    },
    "posixpath-parameters": {
        "posixpath": (
            *(
                (name, keywords("p"))
                for name in ("basename", "dirname", "split", "splitdrive", "splitext", "splitroot")
            ),
            ("isabs", keywords("s")),
            ("normcase", keywords("s")),
            ("realpath", keywords("filename")),
        ),
    },
    "posixpath-splitroot-p": {"posixpath": (("splitroot", rename(p="path")),)},
    "pyclbr-super": {
        "pyclbr": (
            ("Class.__init__", rename(super="super_")),
            ("Class.__init__", positional(3, "super_", "file", "lineno", "parent")),
        ),
    },
    "string-formatter-format-string": {
        "string": (("Formatter.format", keywords("self", "format_string")),),
    },
    "subprocess-wait-endtime": {"subprocess": (("Popen.wait", ignore("endtime")),)},
    "sysconfig-check-home": {"sysconfig": (("is_python_build", ignore("check_home")),)},
    "traceback-etype": {
        "pydoc": (("format_exception_only", keywords("etype")),),
        "traceback": tuple(
            (name, keywords("etype"))
            for name in ("format_exception", "format_exception_only", "print_exception")
        ),
    },
    "weakref-update-dict": {
        "weakref": (("WeakKeyDictionary.update", keywords("self", "dict")),),
    },
    "zipfile-zipextfile-decrypter": {"zipfile": (("ZipExtFile.__init__", ignore("decrypter")),)},
}


def parameters(patch: Patch, module: ModuleType) -> None:
    """Let each function take what it took once."""
    for path, make in _PARAMETERS[patch.name][module.__name__]:
        owner_name, _, name = path.rpartition(".")
        owner = getattr(module, owner_name, None) if owner_name else module
        if owner is not None and hasattr(owner, name):
            patch.replace(owner, name, make)
