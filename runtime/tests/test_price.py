"""The short ways that keep the price low come to the same as the long ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import environments
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

ASK = {"PYTHONMINVERSION": "3.6"}
PATHS = """
import importlib.util, sys
before = importlib.util.cache_from_source
paths = ["/a/b.py", "b.py", "/b.py", "//b.py", "/a//b.py", "/a/.py", "/a/b", "/a/b.c.py", "a/b.py",
         "/a.b/c", "/a/b.cpython-36.py", "/\\xe4/\\xf6.py", "/a b/c d.py"]
def told(function, path, **more):
    try:
        return function(path, **more)
    except IndexError:
        return "IndexError"
def every(function):
    found = []
    for path in paths:
        for more in ({}, {"optimization": ""}, {"optimization": 2}):
            found.append(told(function, path, **more))
    import pathlib
    found.append(function(pathlib.Path("/a/b.py")))
    sys.pycache_prefix = "/nowhere"
    found += [told(function, path) for path in paths]
    sys.pycache_prefix = None
    return found
asked = every(before)
sys.set_min_python_version((3, 6))
assert sys.implementation.cache_tag == "cpython-360"
after = importlib.util.cache_from_source
assert after is not before
assert every(after) == asked, (every(after), asked)
"""


@pytest.mark.parametrize("option", [(), ("-O",), ("-OO",)])
def test_byte_code_files_keep_their_names(run: Run, option: tuple[str, ...]) -> None:
    run(*option, "-c", PATHS)


FUTURE = "from __future__ import annotations\n"
# What it is about, and code that holds it.
TEXTS = {
    "refused text is translated": "exec('async = 3'); assert globals()['async'] == 3",
    "also beside a __future__ import": FUTURE
    + "exec('async: nothing = 3'); assert globals()['async'] == 3",
    "which holds in the text too": FUTURE
    + "exec('def f(a: nothing): pass'); assert f.__annotations__ == {'a': 'nothing'}",
    "bytes": "exec(b'async = 3'); exec(bytearray(b'await = 4')); assert globals()['await'] == 4",
    "eval": "assert eval('  \\tasync + 1', {'async': 2}) == 3",
    "eval beside a __future__ import": FUTURE + "assert eval('  \\tasync + 1', {'async': 2}) == 3",
    "an error from running the text is its own": """
said = []
try:
    exec('said.append(1); raise SyntaxError(7)')
except SyntaxError as error:
    assert error.args == (7,)
assert said == [1]
""",
    "so is one from what the text compiles": """
said = []
try:
    exec('said.append(1); compile("1 1", "x", "exec")')
except SyntaxError as error:
    assert error.filename == 'x'
assert said == [1]
""",
    "what no translation helps stays refused": """
for function in (exec, eval):
    try:
        function('1 1')
    except SyntaxError as error:
        assert error.filename == '<string>' and error.text.strip() == '1 1'
    else:
        raise AssertionError
""",
}


@pytest.mark.parametrize("about", TEXTS)
def test_text_runs_once_and_as_it_would(run: Run, about: str) -> None:
    run("-c", TEXTS[about], env=ASK)


def test_no_classes_of_syntax_trees_are_made_for_text(run: Run) -> None:
    code = "import sys; exec('x = 1'); assert '_ast' not in sys.modules and x == 1"
    run("-c", code, env=ASK)


def test_a_script_is_warned_about_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("x = 1 is 1\nprint(x)\n")
    done = run("-W", "always", "script.py", env={"PYTHONMINVERSION": "3.7,-warnings-new-in-3-8"})
    assert done.stderr.count("SyntaxWarning") == 1, done.stderr


def test_a_call_of_await_outside_of_coroutines_makes_a_script_an_old_one(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "names.py").write_text("def call(x):\n    return x\nvars()['await'] = call\n")
    (tmp_path / "script.py").write_text("from names import *\nprint(await(3))\n")
    assert run("script.py", env=ASK).stdout == "3\n"


def test_a_scope_is_made_when_somebody_meets_it(newest: str) -> None:
    code = (
        "import sys; sys.set_min_python_version((3, 9))\n"
        "from minpython.engine import state\n"
        "assert 'collections-abc-aliases' not in state.scopes\n"
        "import collections; collections.Mapping\n"
        "assert state.scopes['collections-abc-aliases'].everyone\n"
        "assert not state.scopes['html-parser-unescape'].everyone\n"
        "sys.set_min_python_version((3, 8)); import html.parser as h\n"
        "assert state.scopes['html-parser-unescape'].everyone\n"
        "assert h.HTMLParser().unescape('') == ''"
    )
    environments.run(newest, "-c", code)
