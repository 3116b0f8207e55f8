"""What stands in the place of a function for the whole program passes for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

ASK = {"PYTHONMINVERSION": "3.6"}
PASSES = {
    "a coroutine function": (
        "import asyncio, inspect\n"
        "assert inspect.iscoroutinefunction(asyncio.sleep)\n"
        "assert asyncio.sleep is asyncio.tasks.sleep\n"
        "assert asyncio.new_event_loop().run_until_complete(asyncio.sleep(0, 3)) == 3\n"
        "for name in ('open_connection', 'start_server', 'wait', 'wait_for'):\n"
        "    assert inspect.iscoroutinefunction(getattr(asyncio, name)), name\n"
    ),
    "mock of a coroutine function": (
        "from unittest import mock\n"
        "with mock.patch('asyncio.sleep') as mocked:\n"
        "    assert isinstance(mocked, mock.AsyncMock), mocked\n"
    ),
    "pickles of functions": (
        "import asyncio, codecs, collections, inspect, json, pickle, re, shutil, socket\n"
        "for function in (open, sum, compile, eval, exec, asyncio.sleep, asyncio.wait,\n"
        "                 collections.namedtuple, json.loads,\n"
        "                 re.escape, re.sub, re.compile, shutil.copytree, socket.htons):\n"
        "    assert pickle.loads(pickle.dumps(function)) is function, function\n"
    ),
    "pickles of methods that a module calls functions": (
        "import pickle, random\n"
        "for function in (random.shuffle, random.seed, random.sample, random.randrange):\n"
        "    assert pickle.loads(pickle.dumps(function)).__name__ == function.__name__\n"
    ),
    "copies of built-in functions": (
        "import copy\nassert copy.copy(open) is open and copy.deepcopy([sum])[0] is sum\n"
    ),
    "a built-in function in a class": (
        "class Reader:\n    opened, added = open, sum\n"
        "Reader().opened(__file__).close()\nassert Reader().added([1, 2]) == 3\n"
    ),
    "the kind and the signature of built-in functions": (
        "import inspect, types\n"
        "for function in (open, sum, compile, eval, exec):\n"
        "    assert inspect.isbuiltin(function), function\n"
        "    assert isinstance(function, types.BuiltinFunctionType)\n"
        "    assert function.__self__.__name__ in ('io', '_io', 'builtins')\n"
        "    assert repr(function) == f'<built-in function {function.__name__}>'\n"
        "assert 'mode' in inspect.signature(open).parameters\n"
    ),
    "the module of named tuples": (
        "import collections, pickle, typing\n"
        "Pair = collections.namedtuple('Pair', 'a b')\n"
        "Other = typing.NamedTuple('Other', [('a', int)])\n"
        "Fields = typing.TypedDict('Fields', {'a': int})\n"
        "assert Pair.__module__ == Other.__module__ == Fields.__module__ == '__main__'\n"
        "assert pickle.loads(pickle.dumps(Pair(1, 2))) == (1, 2)\n"
    ),
    "classes of TypedDict and NamedTuple": (
        "import typing\n"
        "class Movie(typing.TypedDict, total=False):\n    name: str\n"
        "class Point(typing.NamedTuple):\n    x: int = 1\n"
        "assert Movie.__total__ is False and Movie.__annotations__\n"
        "assert Point() == (1,)\n"
    ),
    "NewType": (
        "import pickle, types, typing\n"
        "UserId = typing.NewType('UserId', int)\n"
        "assert isinstance(UserId, types.FunctionType)\n"
        "assert UserId(3) == 3 and UserId.__supertype__ is int and UserId.__name__ == 'UserId'\n"
        "if isinstance(typing.NewType, type):\n"
        "    assert isinstance(UserId, typing.NewType)\n"
        "    assert pickle.loads(pickle.dumps(UserId)) is UserId\n"
        "    assert UserId | None\n"
    ),
    "attributes of functions": (
        "import typing\nassert hasattr(typing.TypedDict, '__mro_entries__') or isinstance("
        "typing.TypedDict, type)\n"
    ),
}


@pytest.mark.parametrize("about", PASSES)
def test_for_the_whole_program(run: Run, tmp_path: Path, about: str) -> None:
    (tmp_path / "program.py").write_text(PASSES[about])
    run("-W", "ignore", "program.py", env=ASK)
    run("-W", "ignore", "program.py", env={**ASK, "PYTHONMINVERSION_REPORT": "r.json"})
