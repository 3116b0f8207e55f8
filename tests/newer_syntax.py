"""What tests of newer syntax share: digests of code, programs that must not change, byte code."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# A digest of all that a code object says; constants by their type too, sets in order.
DIGESTS = """
import hashlib, json, os, sys, types, warnings
warnings.simplefilter("ignore")
PARTS = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_name",
         "co_firstlineno", "co_lnotab", "co_linetable", "co_exceptiontable",
         "co_qualname", "co_flags", "co_argcount", "co_posonlyargcount", "co_kwonlyargcount",
         "co_nlocals", "co_stacksize")
def constant(value):
    if isinstance(value, types.CodeType):
        return told(value)
    if isinstance(value, (tuple, frozenset)):
        items = [constant(item) for item in value]
        return type(value).__name__, items if isinstance(value, tuple) else sorted(map(repr, items))
    return type(value).__name__, repr(value)
def told(code):
    parts = [getattr(code, name, None) for name in PARTS]
    return parts, [constant(value) for value in code.co_consts]
def digest(path):
    with open(path, "rb") as file:
        source = file.read()
    try:
        code = compile(source, "file", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return "does not compile"
    return hashlib.sha256(repr(told(code)).encode()).hexdigest()
found = {}
for folder, _, files in os.walk(sys.argv[1]):
    for name in files:
        if name.endswith(".py"):
            path = os.path.join(folder, name)
            found[path[len(sys.argv[1]):]] = digest(path)
json.dump(found, sys.stdout)
"""

# Names, calls and annotations that newer syntax could take for its own; errors that stay errors.
SAME = """
match = case = type = _ = lambda *a, **k: a
match(1, *[2]); match [1:2] if 0 else match; match * 1 if 0 else 0; match - 1 if 0 else 0
match: int = 3; case: "x"; match, case = 1, 2
print(match, case); match in [match]; match if match else case
class match: case = 1
def case(match, _=1, *, type=2): return match
for match in (1, 2): pass
with open(__file__) as match: pass
try: match
except (match, case) as _: type
except (match[(*_,)], [*_]): match[1:2, (*_, case)], match[(type := 1)], match[case,]
finally: type
def case(*match: case[1], _: type = (*match, 1)) -> match[case]: return *match, case
match.close(); lambda match: case; [match for match in () if match]
"""

# What type parameters, type statements and tuples after except could take for their own.
NAMES = """
type = type_ = lambda *a, **k: a
type (1); type [0:1] if 0 else 0; type - 1 if 0 else 0; type: int = 3; type, x = 1, 2
type.x if 0 else 0; type; print(type); type == type; type = type if type else type
def type(type, *, x=type): return type
class type: type = type; __classdict__ = 1
class Sees:
    __classdict__ = 1
    def method(self): return __classdict__, __class__, [type for type in ()]
try: pass
except (ValueError, KeyError): pass
def leaves():
    for type in ():
        try: pass
        finally:
            if type: continue
            for x in (): break
            return type
"""

# Calls `use`, which stands before, when the interpreter ends and its modules go, one by one.
AT_EXIT = """
import builtins, sys
class Last:
    def __del__(self, use=use): use()
last = Last()
builtins.last, sys.last = Last(), Last()
sys.modules["last"] = Last()
"""

PYC = """
import marshal, sys
source = open(sys.argv[1]).read()
marshal.dump(compile(source, "made", "exec"), open(sys.argv[2], "wb"))
"""

RUN = """
import marshal, sys
exec(marshal.load(open(sys.argv[1], "rb")))
"""


def ask(python: Path, code: str, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [str(python), "-I", "-c", code, *words]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def changed_code(pythons: tuple[Path, Path], folder: Path | str, least: int) -> list[str]:
    """Return the files of a folder that both interpreters compile to different code.

    Args:
        pythons: the bare base and the branch.
        folder: what is compiled, with all below.
        least: how many files it has at least.
    """
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(ask, python, DIGESTS, str(folder)) for python in pythons]
    base, branch = (json.loads(run.result().stdout) for run in runs)
    assert len(base) >= least
    return [name for name in base if branch[name] != base[name]]


def library(python: Path) -> str:
    """Return the folder of an interpreter's standard library."""
    return ask(python, "import sysconfig; print(sysconfig.get_path('stdlib'))").stdout.strip()
