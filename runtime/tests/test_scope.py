"""Packages and files that ask for themselves see the old names; nobody else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

OLD = """\
import array, collections, os, random
import xml.etree.ElementTree as tree
from collections import Mapping
element = tree.fromstring("<a><b/></a>")
assert hasattr(collections, "Sequence")
assert hasattr(element, "getchildren")
assert len(element.getchildren()) == 1
assert array.array("b", b"a").tostring() == b"a"
assert os.errno.ENOENT == 2
values = [1, 2, 3]
random.shuffle(values, random=lambda: 0.0)
def late():
    return collections.Sequence
"""
MODERN = """\
import array, collections, os, random, sys
import xml.etree.ElementTree as tree
element = tree.fromstring("<a><b/></a>")
def check():
    assert sys.version_info < (3, 10) or not hasattr(collections, "Mapping")
    assert not hasattr(element, "getchildren")
    assert not hasattr(array.array, "tostring")
    assert not hasattr(os, "errno")
    if sys.version_info >= (3, 11):
        try:
            random.shuffle([1], random=lambda: 0.0)
        except TypeError:
            pass
        else:
            raise AssertionError("the modern code could pass random=")
check()
"""


def _project(folder: Path) -> None:
    (folder / "oldlib").mkdir()
    (folder / "oldlib" / "__init__.py").write_text("from oldlib import inner\n")
    (folder / "oldlib" / "inner.py").write_text(OLD)
    (folder / "modern.py").write_text(MODERN)
    (folder / "oldlibrary.py").write_text(MODERN)


CHECK = (
    "import oldlib, modern, oldlibrary; oldlib.inner.late(); modern.check(); oldlib.inner.late()"
)


def test_packages_from_a_call(run: Run, tmp_path: Path) -> None:
    _project(tmp_path)
    ask = "import sys; sys.set_min_python_version((3, 6), packages=['oldlib'])\n"
    run("-W", "ignore", "-c", ask + CHECK)


@pytest.mark.parametrize("spec", ["3.6:oldlib", "3.6:other,oldlib", "3.8;3.6:oldlib"])
def test_packages_from_the_environment(run: Run, tmp_path: Path, spec: str) -> None:
    _project(tmp_path)
    check = CHECK if ";" not in spec else "import oldlib"
    run("-W", "ignore", "-c", check, env={"PYTHONMINVERSION": spec})


def test_a_file_that_asks_for_itself(run: Run, tmp_path: Path) -> None:
    (tmp_path / "asks.py").write_text('"""Doc."""\nuse Python 3.6;\n' + OLD)
    (tmp_path / "modern.py").write_text(MODERN)
    run("-W", "ignore", "-c", "import asks, modern; asks.late(); modern.check()")
    run("-W", "ignore", "-c", "import modern, asks; asks.late(); modern.check()")


def test_a_gone_module_for_one_package(run: Run, tmp_path: Path) -> None:
    (tmp_path / "oldlib.py").write_text("import imp\nimport imp as again\n")
    (tmp_path / "modern.py").write_text(
        "import sys\n"
        "try:\n    import imp\nexcept ImportError:\n    gone = True\nelse:\n    gone = False\n"
        "assert gone == (sys.version_info >= (3, 12)), gone\n",
    )
    code = "import oldlib, modern, importlib, sys; importlib.reload(oldlib)"
    run("-W", "ignore", "-c", code, env={"PYTHONMINVERSION": "3.6:oldlib"})


def test_what_cannot_be_scoped_says_so(run: Run) -> None:
    code = """
import minpython
from minpython import table
name = next(entry.name for entry in table.load() if entry.scope == "global")
try:
    minpython.enable(name, packages=["oldlib"])
except ValueError as error:
    assert "can't be restored for some packages only" in str(error), error
else:
    raise AssertionError("no error")
"""
    run("-c", code)


def test_undo_takes_everything_back(run: Run) -> None:
    code = """
import builtins, collections, importlib.util, os, random, sys, array, minpython
import xml.etree.ElementTree as tree
def state():
    return (
        [dict(vars(m)) for m in (collections, os, random, sys.implementation, builtins, tree)],
        dict(vars(tree.Element)), dict(vars(array.array)), dict(vars(random.Random)),
        list(sys.meta_path), list(sys.path_hooks), importlib.util.cache_from_source("a.py"),
    )
before = state()
with minpython.min_version((3, 6)):
    assert sys.implementation.used_version == (3, 6, 0)
    getattr(collections, "Mapping" if sys.version_info >= (3, 10) else "OrderedDict")
    os.errno, tree.Element("a").getchildren(), array.array("b").tostring()
    with minpython.min_version((3, 8)):
        assert sys.implementation.used_version == (3, 6, 0)
    os.errno
    exec("async = 3")
assert sys.implementation.used_version == sys.version_info[:3]
after = state()
for old, new in zip(before[0], after[0]):
    different = {k for k in set(old) | set(new) if old.get(k, 0) is not new.get(k, 0)}
    different -= {"__warningregistry__"}
    different = {k for k in different if old.get(k) != new.get(k)}
    assert not different, different
assert before[1:] == after[1:]
"""
    run("-W", "ignore", "-c", code)


def test_disable_and_enable(run: Run) -> None:
    code = """
import os, minpython, sys
minpython.enable("os-errno")
assert os.errno
minpython.disable("os-errno")
assert not hasattr(os, "errno")
sys.set_min_python_version((3, 6))
assert not hasattr(os, "errno")
minpython.enable("os-errno")
assert os.errno
try:
    minpython.enable("os-erno")
except ValueError as error:
    assert "did you mean os-errno?" in str(error)
"""
    run("-c", code)
