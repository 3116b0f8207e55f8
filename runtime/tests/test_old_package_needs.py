"""What only old packages need: private names, code objects put together by hand."""

from __future__ import annotations

import asyncio
import dis
import gettext
import inspect
import os
import stat
import tempfile
import types
import unittest
import uuid
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

import minpython

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


def test_uuid_generate_time() -> None:
    """The private name is there for 3.6, and gone again afterwards."""
    with minpython.min_version((3, 6)):
        assert uuid.__dict__.get("_uuid_generate_time", uuid._uuid_generate_time) is None  # type: ignore[attr-defined]
    assert not hasattr(uuid, "_uuid_generate_time")


@pytest.mark.parametrize("names", [("a",), ("a", "b", "c")])
def test_code_with_variables(names: tuple[str, ...]) -> None:
    """A code object made with the arguments of 3.7 has as many locals as names."""
    code = (lambda a: a).__code__
    with minpython.min_version((3, 7)):
        make: Any = types.CodeType
        made = make(
            1, 0, len(names), code.co_stacksize, code.co_flags, code.co_code, code.co_consts,
            code.co_names, names, "f", "f", 1, b"", (), (),
        )  # fmt: skip
    assert (made.co_nlocals, made.co_varnames) == (len(names), names)


def test_cells_given_to_code() -> None:
    """The trick of old picklers to fill a cell: cell variables, named as free ones."""

    def outer(value: object) -> object:
        def inner() -> object:
            return cell

        cell = value
        return inner

    code = outer.__code__
    with minpython.min_version((3, 7)):
        make: Any = types.CodeType
        arguments = [
            code.co_argcount, code.co_kwonlyargcount, code.co_nlocals, code.co_stacksize,
            code.co_flags, code.co_code, code.co_consts, code.co_names, code.co_varnames,
            "f", "f", 1, b"", code.co_cellvars, (),
        ]  # fmt: skip
        made = make(*arguments)
    cell = types.CellType()
    types.FunctionType(made, {}, "f", (), (cell,))("content")
    assert cell.cell_contents == "content"


def test_a_tear_down_that_asks_whether_the_test_failed() -> None:
    """The much copied way to ask: feed the errors so far to a result of one's own."""
    failed: dict[str, bool] = {}

    class Case(unittest.TestCase):
        def test_good(self) -> None:
            """Pass."""

        def test_bad(self) -> None:
            self.fail("on purpose")

        def tearDown(self) -> None:
            result = self.defaultTestResult()
            self._feedErrorsToResult(result, self._outcome.errors)  # type: ignore[attr-defined]
            failed[self._testMethodName] = bool(result.failures or result.errors)

    with minpython.min_version((3, 8)):
        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert failed == {"test_good": False, "test_bad": True}
    assert (len(result.failures), result.errors) == (1, [])


def test_generators_are_coroutines() -> None:
    """A task takes the generator of an old coroutine."""

    @types.coroutine
    def nothing() -> Any:
        yield

    def work() -> Any:
        yield from nothing()
        return "done"

    with minpython.min_version((3, 8)):
        loop = asyncio.new_event_loop()
        try:
            assert loop.run_until_complete(work()) == "done"
        finally:
            loop.close()


def test_arguments_of_instructions_are_indexes() -> None:
    """Old disassemblers take the argument for an index into the names."""

    def function() -> object:
        return len, print, sorted

    with minpython.min_version((3, 8)):
        found = [i for i in dis.get_instructions(function) if i.opname == "LOAD_GLOBAL"]
        names = [function.__code__.co_names[i.arg or 0] for i in found]
    assert names == ["len", "print", "sorted"]


def test_private_helpers_of_mock() -> None:
    """``patch`` is asked whether it has started, and stops without arguments."""
    with minpython.min_version((3, 7)):
        helpers: Any = mock
        assert helpers._importer("os.path") is os.path
        patcher = mock.patch("os.getcwd")
        assert not helpers._is_started(patcher)
        patcher.start()
        assert helpers._is_started(patcher)
        patcher.__exit__()  # type: ignore[call-arg]
    assert not isinstance(os.getcwd, mock.Mock)


def test_helpers_of_test_support() -> None:
    """They are where they were, for ``import *`` too."""
    space: dict[str, Any] = {}
    with minpython.min_version((3, 8)):
        exec("from test.support import *", space)
    assert {"TESTFN", "check_warnings", "EnvironmentVarGuard"} <= space.keys()


def test_restored_methods_have_their_parameters() -> None:
    """Programs compare them with those of their own."""
    with minpython.min_version((3, 8)):
        method: Any = gettext.NullTranslations.lngettext  # type: ignore[attr-defined]
        assert list(inspect.signature(method).parameters) == ["self", "msgid1", "msgid2", "n"]
        assert method.__annotations__ == {}


def test_a_function_restored_at_its_first_call() -> None:
    """``os.makedirs`` gives each folder the mode, wherever the function was taken from."""
    taken = os.makedirs
    with tempfile.TemporaryDirectory() as folder:
        with minpython.min_version((3, 6)):
            from os import makedirs

            for number, make in enumerate((makedirs, makedirs, os.makedirs)):
                make(os.path.join(folder, str(number), "inner"), 0o700)
                outer = os.stat(os.path.join(folder, str(number))).st_mode
                assert stat.S_IMODE(outer) == 0o700
        assert os.makedirs is taken


BODIES = """
class Meta(type):
    def __new__(cls, name, bases, space):
        seen[name] = sorted(space)
        return super().__new__(cls, name, bases, space)
def meta(name, bases, space):
    seen[name] = sorted(space)
    return space
seen = {}
class First(metaclass=Meta):
    "Text."
    def method(self):
        self.value = 1
        class Inner(metaclass=meta):
            y = 2
        return Inner
class Second(metaclass=meta):
    x = 1
class Named(metaclass=meta):
    __firstlineno__ = "mine"
class Long(metaclass=Meta):
    %s
First().method()
plain = type("Plain", (), {})
class Usual:
    def __init__(self):
        self.a = 1
"""
SHOW = """
import sys, bodies
two = {"__firstlineno__", "__static_attributes__"}
for name, names in bodies.seen.items():
    print(name, *[each for each in names if each in two], *[len(names)] * (name == "Long"))
print(*[each for each in vars(bodies.Usual) if each in two], bodies.Usual().a)
"""


@pytest.mark.parametrize(
    ("asked", "seen"),
    [("3.8", False), ("3.6", False), ("3.8:bodies", False), ("3.8:others", True), ("", True)],
)
def test_class_bodies_hold_what_stands_in_them(
    run: Run, tmp_path: Path, asked: str, *, seen: bool
) -> None:
    """Metaclasses of old, whatever package they are from, meet no name that they don't know."""
    long = "; ".join(f"name{number} = {number}" for number in range(300))
    (tmp_path / "bodies.py").write_text(BODIES % long)
    (tmp_path / "show.py").write_text(SHOW)
    for _ in range(2):  # from the source, and from its byte code
        done = run("show.py", env={"PYTHONMINVERSION": asked} if asked else {})
        if run("-c", "import sys; print(sys.version_info >= (3, 13))").stdout == "True\n":
            assert ("__static_attributes__" in done.stdout) is seen, done.stdout
            assert done.stdout.count("__firstlineno__") == (6 if seen else 1), done.stdout
        assert ("Long 302" in done.stdout) is not seen or seen, done.stdout


REPLACED = """\
import sys
class Package:
    def __init__(self, path):
        self.__path__ = path
    def __getattr__(self, name):
        raise AttributeError(name)
sys.modules[__name__] = Package(__path__)
"""


@pytest.mark.parametrize("asked", ["3.8", "3.8:__main__"])
def test_a_package_replaced_by_an_object_without_a_spec(
    run: Run, tmp_path: Path, asked: str
) -> None:
    """Its submodules are imported, those inside of submodules too."""
    folder = tmp_path / "replaced" / "inner"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text(REPLACED)
    (folder / "__init__.py").write_text(REPLACED)
    (folder / "last.py").write_text("value = 3\n")
    code = "import sys, replaced.inner.last as last; assert last.value == 3"
    run("-c", code, env={"PYTHONMINVERSION": asked})


def test_asyncio_debug_flag(run: Run) -> None:
    """Old servers read and set it."""
    code = "from asyncio import coroutines; assert coroutines._DEBUG is False"
    run("-c", code, env={"PYTHONMINVERSION": "3.6"})


NAMES = """
import collections, dataclasses, inspect, keyword, typing
def f(async, b: int = None):
    return async
T = collections.namedtuple("T", "async")
D = dataclasses.make_dataclass("D", [("await", int)])
class N(typing.NamedTuple):
    async: int
inspect.Parameter("await", inspect.Parameter.KEYWORD_ONLY)
assert not keyword.iskeyword("async") and "await" not in keyword.kwlist
assert typing.get_type_hints(f) == {"b": typing.Optional[int]}
assert T(1)._replace(**{"async": 2}) == (2,) and T._fields == ("async",)
"""
OTHERS = """
import collections, inspect
from unittest import mock
from names import D, N, T, f
assert str(inspect.signature(f)) == "(async, b: int = None)"
assert inspect.getfullargspec(f).args == ["async", "b"]
assert mock.create_autospec(f)(1, 2) is not None
assert (repr(D(1)), repr(N(2)), repr(T(3))) == ("D(await=1)", "N(async=2)", "T(async=3)")
try:
    collections.namedtuple("X", "await")
except ValueError:
    print("refused")
"""


@pytest.mark.parametrize(("asked", "told"), [("3.6", ""), ("3.6:names", "refused\n")])
def test_async_and_await_as_names(run: Run, tmp_path: Path, asked: str, told: str) -> None:
    """Whoever asked makes things with these names; anyone may look at them."""
    (tmp_path / "names.py").write_text(NAMES)
    (tmp_path / "others.py").write_text(OTHERS)
    assert run("others.py", env={"PYTHONMINVERSION": asked}).stdout == told


FLAGS = """
import enum
class P(enum.IntFlag):
    R = 4
    W = 2
class C(enum.IntEnum):
    a = 1
print(repr(P.R | P.W), str(P.R | P.W), repr(P(14)), C.a in C)
try:
    print(1 in C)
except TypeError as error:
    print(str(error).split(":")[0])
"""


@pytest.mark.parametrize(
    ("asked", "last"), [("3.7", "False"), ("3.8", "unsupported operand type(s) for 'in'")]
)
def test_flags_and_what_is_in_an_enumeration(newest: str, asked: str, last: str) -> None:
    import environments

    done = environments.run(newest, "-W", "ignore", "-c", FLAGS, env={"PYTHONMINVERSION": asked})
    assert done.stdout == f"<P.R|W: 6> P.R|W <P.8|R|W: 14> True\n{last}\n"
