"""``sys.set_min_python_version``: what it takes, what it refuses, what it changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run

WRONG = """
import json, sys
given = json.loads(sys.argv[1])
def value(item):
    return tuple(map(value, item)) if isinstance(item, list) else item
try:
    sys.set_min_python_version(value(given))
except (TypeError, ValueError) as error:
    print(type(error).__name__, error, sep=": ")
else:
    print(sys.implementation.used_version)
"""


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ([3, 8], "(3, 8, 0)"),
        ([3, 8, 0], "(3, 8, 0)"),
        ([3, 7, 2], "(3, 7, 2)"),
        ([3, 6], "(3, 6, 0)"),
        ([3, 5], "ValueError: Python 3.5 is older than the oldest supported version, 3.6"),
        ([2, 7], "ValueError: Python 2.7 is older than the oldest supported version, 3.6"),
        ([4, 0], "ValueError: Python 4.0 is newer than the running Python"),
        ([3], "ValueError: the version must have 2 or 3 parts"),
        ([3, 8, 0, 0], "ValueError: the version must have 2 or 3 parts"),
        ([3, -8], "ValueError: the version must not hold negative numbers"),
        ("3.8", "TypeError: the version must be a tuple of 2 or 3 ints, not str"),
        (3.8, "TypeError: the version must be a tuple of 2 or 3 ints, not float"),
        (None, "TypeError: the version must be a tuple of 2 or 3 ints, not NoneType"),
        ([3, "8"], "TypeError: the version must hold ints only, not str"),
        ([3, 8.0], "TypeError: the version must hold ints only, not float"),
        ([True, 8], "TypeError: the version must hold ints only, not bool"),
    ],
)
def test_versions(newest: str, given: object, answer: str) -> None:
    import environments

    done = environments.run(newest, "-c", WRONG, json.dumps(given))
    assert done.stdout.strip().startswith(answer)


def test_the_oldest_call_wins(run: Run) -> None:
    code = """
import sys
seen = [sys.implementation.used_version]
for version in ((3, 8), (3, 7), (3, 9), (3, 7, 2), (3, 7)):
    assert sys.set_min_python_version(version) is None
    seen.append(sys.implementation.used_version)
tag = sys.implementation.cache_tag
assert seen == [sys.version_info[:3], (3, 8, 0)] + [(3, 7, 0)] * 4, seen
assert tag == "cpython-370", tag
"""
    run("-c", code)


@pytest.mark.parametrize(
    ("version", "tag"),
    [((3, 8), "cpython-380"), ((3, 7, 2), "cpython-372"), ((3, 6), "cpython-360")],
)
def test_the_cache_tag(run: Run, version: tuple[int, ...], tag: str) -> None:
    code = f"""
import sys
sys.set_min_python_version({version})
assert sys.implementation.cache_tag == {tag!r}, sys.implementation.cache_tag
"""
    run("-c", code)


@pytest.mark.parametrize(
    ("packages", "message"),
    [
        ("'oldlib'", "TypeError: packages must be a list of names, not str"),
        ("3", "TypeError: packages must be a list of names, not int"),
        ("[3]", "TypeError: packages must hold names only, not int"),
        ("['old-lib']", "ValueError: 'old-lib' is no package name"),
        ("[]", "ValueError: packages names no package"),
    ],
)
def test_wrong_packages(newest: str, packages: str, message: str) -> None:
    import environments

    code = f"import sys\nsys.set_min_python_version((3, 8), packages={packages})"
    done = environments.run(newest, "-c", code, check=False)
    assert done.returncode == 1
    assert message in done.stderr


def test_a_library_asks_for_itself_only(run: Run, tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path), "site-packages", "oldlib")
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(
        "import sys\nsys.set_min_python_version((3, 6))\nimport os\nfound = hasattr(os, 'errno')\n",
    )
    code = """
import sys
sys.path.insert(0, "site-packages")
import os, oldlib
assert oldlib.found
assert not hasattr(os, "errno")
assert sys.implementation.used_version == sys.version_info[:3]
"""
    run("-c", code)


def test_many_threads_ask_and_import(run: Run) -> None:
    code = """
import sys, threading
failures = []
def work(number):
    try:
        sys.set_min_python_version((3, 6 + number % 3))
        import collections, os, random, xml.etree.ElementTree as tree, string, json, asyncio
        from collections import Mapping
        os.errno
        tree.Element("a").getchildren()
        random.shuffle([1, 2], random=random.random)
    except BaseException as error:
        failures.append(error)
sys.set_min_python_version((3, 6))
threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join(60)
assert not failures, failures
assert sys.implementation.used_version == (3, 6, 0)
"""
    run("-W", "ignore", "-c", code)
