"""Print what the standard library of this interpreter offers, as JSON. CPython 3.6 and later.

Names are import paths of public objects and of the members of public classes, with what their
methods set on `self`; parameters are those that a signature tells. Functions whose signature is
hidden or takes any keyword are `opaque`; what is called like a class and is none, like
`threading.Lock` before 3.13, is a factory: nobody sees the members of what it makes.
"""

import ast
import contextlib
import importlib
import inspect
import io
import json
import os
import pkgutil
import sys
import types
import warnings

LEFT_OUT = {
    "antigravity", "idlelib", "test", "tests", "this", "turtledemo", "lib2to3", "site-packages",
    "ensurepip", "pydoc_data", "__phello__", "__hello__",
}  # fmt: skip
SPECIAL = (
    "__or__", "__class_getitem__", "__reversed__", "__enter__", "__aenter__", "__replace__",
    "__getitem__", "__aiter__", "__ior__",
)  # fmt: skip
# Before 3.8 the parser answers these without telling them.
XML_PARSER = (
    "ErrorCode", "ErrorLineNumber", "ErrorColumnNumber", "ErrorByteIndex", "CurrentLineNumber",
    "CurrentColumnNumber", "CurrentByteIndex", "buffer_size", "buffer_text", "buffer_used",
    "namespace_prefixes", "ordered_attributes", "specified_attributes", "intern",
    "StartElementHandler", "EndElementHandler", "CharacterDataHandler", "CommentHandler",
    "ProcessingInstructionHandler", "UnparsedEntityDeclHandler", "NotationDeclHandler",
    "StartNamespaceDeclHandler", "EndNamespaceDeclHandler", "StartCdataSectionHandler",
    "EndCdataSectionHandler", "DefaultHandler", "DefaultHandlerExpand", "NotStandaloneHandler",
    "ExternalEntityRefHandler", "StartDoctypeDeclHandler", "EndDoctypeDeclHandler",
    "EntityDeclHandler", "XmlDeclHandler", "ElementDeclHandler", "AttlistDeclHandler",
    "SkippedEntityHandler",
)  # fmt: skip


def modules():
    """Return the names of all public modules."""
    names = {name for name in sys.builtin_module_names if not name.startswith("_")}
    folder = os.path.dirname(os.__file__)
    places = [folder, os.path.join(folder, "lib-dynload")]
    queue = [(name, ispkg) for _, name, ispkg in pkgutil.iter_modules(places)]
    while queue:
        name, ispkg = queue.pop()
        last = name.rpartition(".")[2]
        if last in LEFT_OUT or last.startswith("_"):
            continue
        names.add(name)
        if ispkg:
            try:
                package = importlib.import_module(name)
            except BaseException:
                continue
            found = pkgutil.iter_modules(package.__path__)
            queue += [(name + "." + item.name, item.ispkg) for item in found]
    return sorted(names | {"os.path"})


def parameters(thing):
    """Return the parameters that can be passed by keyword; None when nobody tells them."""
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError, AttributeError, RecursionError):
        return None
    found = []
    for item in signature.parameters.values():
        if item.kind == item.VAR_KEYWORD:
            return None
        if item.kind in (item.POSITIONAL_OR_KEYWORD, item.KEYWORD_ONLY):
            found.append(item.name)
    return found


def set_on_self(module, cache={}):  # noqa: B006 - one table for the whole run
    """Return class name -> names that the methods of a module set on `self`."""
    if module not in cache:
        cache[module] = found = {}
        try:
            tree = ast.parse(inspect.getsource(sys.modules[module]))
        except (OSError, TypeError, KeyError, SyntaxError):
            return found
        for kind in ast.walk(tree):
            if isinstance(kind, ast.ClassDef):
                found[kind.name] = {
                    node.attr
                    for node in ast.walk(kind)
                    if isinstance(node, ast.Attribute)
                    and isinstance(node.ctx, ast.Store)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == "self"
                }
    return cache[module]


def members(kind):
    """Return the names of what the instances of a class have."""
    found = set(dir(kind))
    for base in kind.__mro__:
        found |= set(vars(base))  # `dir` of an enumeration leaves its mixed-in class out
        found |= set_on_self(getattr(base, "__module__", "")).get(base.__name__, set())
    if kind.__name__ == "xmlparser":
        import pyexpat

        parser = pyexpat.ParserCreate()
        found |= {name for name in XML_PARSER if hasattr(parser, name)}
    return sorted(found)


def main():
    """Print the JSON."""
    names, told, opaque, factories = set(), {}, set(), set()

    def add(path, thing):
        names.add(path)
        if callable(thing):
            found = parameters(thing)
            if found is None:
                opaque.add(path)
            else:
                told[path] = [name for name in found if name not in ("self", "cls")]

    def add_class(path, kind):
        add(path, kind)
        for name in members(kind):
            if name.startswith("_") and name not in SPECIAL:
                continue
            try:
                member = getattr(kind, name)
            except BaseException:
                names.add(path + "." + name)
                continue
            if name in SPECIAL:
                names.add(path + "." + name)
            else:
                add(path + "." + name, member)
        if hasattr(type(kind), "__getitem__"):
            names.add(path + ".__class_getitem__")

    for name in ["builtins", *modules()]:
        try:
            module = importlib.import_module(name)
        except BaseException:
            continue
        prefix = "" if name == "builtins" else name + "."
        names.add(name)
        for key in dir(module):
            if key.startswith("_"):
                continue
            try:
                thing = getattr(module, key)
            except BaseException:
                continue
            if isinstance(thing, types.ModuleType):
                continue
            if isinstance(thing, type):
                add_class(prefix + key, thing)
            else:
                add(prefix + key, thing)
                if callable(thing):
                    factories.add(prefix + key)
    return {
        "version": list(sys.version_info[:3]),
        "names": sorted(names),
        "parameters": told,
        "opaque": sorted(opaque),
        "factories": sorted(factories),
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        answer = main()
    json.dump(answer, sys.stdout)
