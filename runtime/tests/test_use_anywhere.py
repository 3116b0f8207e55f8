"""``use Python`` may stand wherever it comes before the first statement that it alters."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from minpython.source.translate import translate

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

LATE = '''"""Doc."""
import os

X = 1


def helper():
    return """
use Python 2.7;
""" and X

use Python 3.6;

def f(async):
    return async
import collections
print(f(helper()), collections.Mapping.__name__)
'''
STARTS = {
    "script": ["late.py"],
    "module": ["-m", "late"],
    "import": ["-c", "import sys; sys.path.insert(0, ''); import late"],
    "command": ["-c", LATE],
    "cProfile": ["-m", "cProfile", "late.py"],
    "trace": ["-m", "trace", "--count", "-C", "counts", "late.py"],
    "archive": ["late.zip"],
    "module in an archive": ["-c", "import sys; sys.path.insert(0, 'late.zip'); import late"],
}


@pytest.mark.parametrize("start", STARTS)
def test_in_every_entrance(start: str, run: Run, tmp_path: Path) -> None:
    """The syntax and the names of the version are there, however the file is started."""
    (tmp_path / "late.py").write_text(LATE)
    with zipfile.ZipFile(tmp_path / "late.zip", "w") as archive:
        archive.writestr("__main__.py", LATE)
        archive.writestr("late.py", LATE)
    has_words = run("-c", "import sys; print(hasattr(sys, 'orig_argv'))").stdout == "True\n"
    if start == "command" and not has_words:
        pytest.skip("nothing tells the words of the command line")
    assert "1 Mapping" in run(*STARTS[start]).stdout.splitlines()


def test_under_a_debugger(newest: str, tmp_path: Path) -> None:
    """The statements that follow run in the debugger, too."""
    import environments

    (tmp_path / "late.py").write_text(LATE)
    (tmp_path / ".pdbrc").write_text("continue\nquit\n")
    done = environments.run(newest, "-m", "pdb", "late.py", cwd=tmp_path, check=False)
    assert "1 Mapping" in done.stdout


@pytest.mark.parametrize("altered", ["def f(async): pass", "x = 1\ny = f(a for a in b,)"])
def test_too_late(altered: str) -> None:
    """What it would alter stands before it: an error that tells both places."""
    text = f"{altered}\nuse Python 3.6;\n"
    rows = altered.count("\n") + 1
    with pytest.raises(SyntaxError, match=f"before the first .* in line {rows}") as caught:
        translate(text, filename="a.py")
    assert (caught.value.filename, caught.value.lineno) == ("a.py", rows + 1)
    # Where the program asks for as old a version, nothing depends on the place.
    assert translate(text, filename="a.py", version=(3, 6, 0)).changed


@pytest.mark.parametrize(
    "text",
    [
        'x = """\nuse Python 3.6;\n"""\n',
        "if x:\n    use Python 3.6;\n",
        "x = (\nuse Python 3.6;\n)\n",
        "x = 1; use Python 3.6;\n",
        "# use Python 3.6;\nx = 1\n",
    ],
)
def test_what_is_none(text: str) -> None:
    """Text, comments and statements inside of others ask for nothing."""
    assert translate(text, filename="a.py").requested_version is None


def test_a_second_one_is_refused() -> None:
    """One file has one version: the second statement is left to the compiler, which refuses it."""
    done = translate("x = 1\nuse Python 3.6;\nuse Python 3.7;\n", filename="a.py")
    assert done.requested_version == (3, 6)
    assert isinstance(done.source, str)
    with pytest.raises(SyntaxError):
        compile(done.source, "a.py", "exec")
