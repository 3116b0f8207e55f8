"""Old source on every way to the compiler, and where its translation is kept."""

from __future__ import annotations

import os
import stat
import subprocess
import zipfile
from typing import TYPE_CHECKING

import environments
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

OLD = '''\
"""Doc of async."""
async = 3
def call(await=1):
    """
    >>> async = 4
    >>> async + 1
    5
    """
    return await + async
class Thing:
    async = 5
'''
ASK = {"PYTHONMINVERSION": "3.6"}


def _kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.pyc") if "-min" in path.name)


def _ordinary(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.pyc") if "-min" not in path.name)


@pytest.mark.parametrize(
    "code",
    [
        "import old; assert old.call(await_ := 2) if 0 else old.call() == 4",
        "import old; assert old.call(**{'await': 2}) == 5; assert vars(old.Thing)['async'] == 5",
        "import old, inspect; assert 'await + async' in inspect.getsource(old.call)",
        "import old; assert old.__doc__ == 'Doc of async.'",
        "import runpy; assert runpy.run_path('old.py')['async'] == 3",
        "import runpy; assert runpy.run_module('old')['async'] == 3",
        "exec(open('old.py').read()); assert call() == 4",
        "assert eval('async + 1', {'async': 2}) == 3",
        "def f():\n    a = 2\n    exec('x = a')\n    return eval('a')\nassert f() == 2",
        "exec(compile(open('old.py').read(), 'old.py', 'exec')); assert call() == 4",
        "import ast; assert ast.parse(open('old.py').read()).body[1].targets[0].id == 'async'",
        "import old, doctest; assert doctest.testmod(old) == (0, 2)",
        "import importlib, old; importlib.reload(old)",
        "import linecache, old; assert linecache.getline(old.__file__, 2) == 'async = 3\\n'",
        "import package.inner as inner; assert inner.call() == 4",
        "import sys; sys.path.insert(0, 'z.zip'); import zipped; assert zipped.call() == 4",
    ],
)
def test_ways_in(tmp_path: Path, newest: str, code: str) -> None:
    _write(tmp_path)
    environments.run(newest, "-c", code, cwd=tmp_path, env=ASK)
    environments.run(newest, "-c", code, cwd=tmp_path, env=ASK)


def _write(folder: Path) -> None:
    (folder / "old.py").write_text(OLD)
    (folder / "package").mkdir()
    (folder / "package" / "inner.py").write_text(OLD)
    with zipfile.ZipFile(folder / "z.zip", "w") as archive:
        archive.writestr("zipped.py", OLD)


def test_every_interpreter_imports_and_runs_it(run: Run, tmp_path: Path) -> None:
    _write(tmp_path)
    run("-c", "import old, package.inner; assert old.call() == 4", env=ASK)
    (tmp_path / "script.py").write_text(OLD + "print(call(), __name__, __spec__, __file__)\n")
    for arguments in (["script.py"], ["-m", "minpython", "script.py"], ["-m", "script"]):
        done = run(*arguments, env=ASK)
        assert done.stdout.startswith("4 __main__"), done.stdout
    done = run("-m", "minpython", "--min-version", "3.6", "-c", "async = 3; print(async)")
    assert done.stdout == "3\n"


def test_nothing_asked_nothing_translated(run: Run, tmp_path: Path) -> None:
    _write(tmp_path)
    done = run("-c", "import old", check=False)
    assert "SyntaxError" in done.stderr
    assert "minpython" not in done.stderr
    assert _kept(tmp_path) == []


def test_a_module_without_need_keeps_its_ordinary_byte_code(run: Run, tmp_path: Path) -> None:
    _write(tmp_path)
    (tmp_path / "plain.py").write_text("value = 1\n")
    code = "import plain, old, sys; print(plain.__cached__)"
    done = run("-c", code, env=ASK)
    (ordinary,) = _ordinary(tmp_path)
    assert done.stdout.strip().endswith(ordinary)
    assert ordinary.startswith("plain.cpython-3")
    assert len(_kept(tmp_path)) == 1
    run("-c", "import plain")
    assert _ordinary(tmp_path) == [ordinary]


def test_a_kept_translation_is_used_and_never_when_stale(newest: str, tmp_path: Path) -> None:
    _write(tmp_path)
    tell = "import old; print(getattr(old, 'async'))"
    assert environments.run(newest, "-c", tell, cwd=tmp_path, env=ASK).stdout == "3\n"
    (name,) = _kept(tmp_path)
    kept = tmp_path / "__pycache__" / name
    first = kept.read_bytes()
    environments.run(newest, "-c", tell, cwd=tmp_path, env=ASK)
    assert kept.read_bytes() == first
    times = (tmp_path / "old.py").stat()
    (tmp_path / "old.py").write_text(OLD.replace("async = 3", "async = 9"))
    os.utime(tmp_path / "old.py", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert environments.run(newest, "-c", tell, cwd=tmp_path, env=ASK).stdout == "9\n"
    kept.write_bytes(kept.read_bytes()[:-20])
    assert environments.run(newest, "-c", tell, cwd=tmp_path, env=ASK).stdout == "9\n"
    kept.write_bytes(b"")
    assert environments.run(newest, "-c", tell, cwd=tmp_path, env=ASK).stdout == "9\n"


def test_a_copied_tree_goes_on_using_its_translations(newest: str, tmp_path: Path) -> None:
    import shutil

    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    _write(first)
    environments.run(newest, "-c", "import old", cwd=first, env=ASK)
    shutil.copytree(first, second)
    (name,) = _kept(second)
    before = (second / "__pycache__" / name).stat().st_mtime_ns
    environments.run(newest, "-c", "import old; assert old.call() == 4", cwd=second, env=ASK)
    assert (second / "__pycache__" / name).stat().st_mtime_ns == before


def test_the_user_folder_when_the_package_folder_cannot_be_written(
    newest: str,
    tmp_path: Path,
) -> None:
    _write(tmp_path)
    (tmp_path / "__pycache__").write_text("in the way, for root too")
    cache = tmp_path / "cache"
    env = {**ASK, "XDG_CACHE_HOME": str(cache)}
    environments.run(newest, "-c", "import old", cwd=tmp_path, env=env)
    assert len(_kept(cache)) == 1
    assert stat.S_IMODE((cache / "minpython").stat().st_mode) & 0o077 == 0
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    environments.run(newest, "-c", "import old; assert old.call() == 4", cwd=tmp_path, env=env)


def test_processes_that_write_one_cache(newest: str, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"old{number}.py").write_text(OLD)
    code = "\n".join(f"import old{n}; assert old{n}.call() == 4" for n in range(20))
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    processes = [
        subprocess.Popen([newest, "-c", code], cwd=tmp_path, env={**clean, **ASK}) for _ in range(4)
    ]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert len(_kept(tmp_path)) == 20
    assert list(tmp_path.rglob("*.pyc.*")) == []


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfasync = 3\n",
        b"# -*- coding: latin-1 -*-\nasync = '\xe9'\nassert async == '\\xe9'\n",
        b"\x0casync = 3\n\x0c\n",
        b"async = 3\r\nassert async == 3\r\n",
        b"async = 3\nlong = [" + b"1, " * 100_000 + b"]\n",
        b"async = 3\nassert f'{async}' == '3'\n",
    ],
    ids=["bom", "latin-1", "form feed", "crlf", "huge line", "f-string"],
)
def test_odd_files(newest: str, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.py").write_bytes(content)
    environments.run(newest, "-c", "import odd", cwd=tmp_path, env=ASK)


@pytest.mark.parametrize(
    "content",
    [b"async = 3\nx = '\xe9'\n", b"async = 3\0\n", b"async = (\n", b"def f(:\n", b"print 1\n"],
    ids=["not utf-8", "null byte", "open bracket", "wrong", "python 2"],
)
def test_broken_files_fail_as_they_do_without(newest: str, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.py").write_bytes(content)
    done = environments.run(newest, "-c", "import odd", cwd=tmp_path, env=ASK, check=False)
    plain = environments.run(newest, "-c", "import odd", cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].split(":")[0] == plain.stderr.splitlines()[-1].split(":")[0]
    assert "minpython" not in done.stderr


def test_tracebacks_show_no_frames_of_ours(newest: str, tmp_path: Path) -> None:
    (tmp_path / "fails.py").write_text("async = 1\nraise ValueError(async)\n")
    done = environments.run(newest, "-c", "import fails", cwd=tmp_path, env=ASK, check=False)
    assert "minpython" not in done.stderr
    assert "importlib" not in done.stderr
    assert "raise ValueError(async)" in done.stderr


def test_a_module_that_needs_nothing_is_compiled_once(python: str, tmp_path: Path) -> None:
    """What the compiler warns of is told once, as without minpython."""
    (tmp_path / "warns.py").write_text("x = 1; assert (x, 'always')\n")
    options = ("-B", "-W", "always::SyntaxWarning", "-c", "import warns")
    done = environments.run(python, *options, cwd=tmp_path, env=ASK)
    assert done.stderr.count("assertion is always true") == 1, done.stderr


def test_pytest_rewrites_old_tests(tmp_path: Path) -> None:
    import sys

    (tmp_path / "test_old.py").write_text("async = 3\n\ndef test_it():\n    assert async == 3\n")
    (tmp_path / "test_fails.py").write_text("use Python 3.6;\ndef test_it():\n    assert 1 == 2\n")
    start = "import sys; sys.path.insert(0, {!r}); import minpython; minpython.start_up()"
    code = start.format(str(environments.SOURCES)) + "; import pytest; sys.exit(pytest.main())"
    env = {**ASK, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = environments.run(sys.executable, "-c", code, cwd=tmp_path, env=env, check=False)
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "assert 1 == 2" in done.stdout


def test_a_subinterpreter_starts_and_asks(run: Run) -> None:
    code = """
import sys
try:
    import _interpreters as module
except ImportError:
    import _xxsubinterpreters as module
number = module.create()
module.run_string(number, '''
import sys
sys.set_min_python_version((3, 6))
import os
assert os.errno
exec("async = 3")
''')
module.destroy(number)
import os
assert not hasattr(os, "errno")
"""
    run("-W", "ignore", "-c", code)


def test_processes_of_multiprocessing_ask_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(
        "import multiprocessing, os\n"
        "async = 2\n"
        "def work(number):\n    return number * async * os.errno.ENOENT\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.map_async(work, [1, 2]).get(60))\n",
    )
    assert run("-X", "min_version=3.6", "script.py").stdout == "[4, 8]\n"
    done = run("-m", "minpython", "--min-version", "3.6", "script.py")
    assert done.stdout == "[4, 8]\n"


STEPS = """\
import bdb, importlib, sys
seen = []
class Steps(bdb.Bdb):
    def user_call(self, frame, arguments):
        seen.append(frame.f_code.co_name)
        self.set_step()
debugger = Steps(skip=["importlib*", "zipimport", "encodings*"])
debugger.runcall(importlib.import_module, "plain")
assert "plain" in sys.modules
print([name for name in seen if name != "<module>"])
"""


def test_a_debugger_that_skips_importlib_skips_our_part_of_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("value = 1\n")
    assert run("-c", STEPS).stdout == "[]\n"
