"""What an interpreter is: CPython, EL Python, somebody's rebuild, another variant."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from elpython.core.version import ElVersion
from elpython.interpreter.facts import Interpreter, facts_of
from elpython.interpreter.identity import identify, identity_of, identity_table, own_table

if TYPE_CHECKING:
    from elpython.build.build import Build


def facts(**implementation: object) -> Interpreter:
    """A stock interpreter's facts with parts of sys.implementation replaced."""
    stock = facts_of(sys.executable)
    merged = {**stock.implementation, **implementation}
    return dataclasses.replace(stock, implementation=merged)


EL = [27, 1, 0, "final", 0]


@pytest.mark.parametrize(
    ("implementation", "kind", "name", "redistributor"),
    [
        ({}, "CPython", "cpython", ""),
        ({"variant": "elpython", "version": EL}, "EL Python", "elpython", ""),
        (
            {"variant": "elpython-acme", "version": EL},
            "EL Python, redistributed",
            "elpython-acme",
            "acme",
        ),
        ({"variant": "other", "version": EL}, "variant of CPython", "other", ""),
        ({"variant": "elpythonic"}, "variant of CPython", "elpythonic", ""),
        ({"version": EL}, "variant of CPython", "unnamed", ""),
        ({"name": "pypy", "version": [7, 3, 0, "final", 0]}, "another implementation", "pypy", ""),
    ],
)
def test_kinds(implementation: dict[str, Any], kind: str, name: str, redistributor: str) -> None:
    found = identify(facts(**implementation))
    assert (found.kind, found.name, found.redistributor) == (kind, name, redistributor)
    assert found.el == kind.startswith("EL Python")


def test_a_candidate_is_named_as_one() -> None:
    found = identify(facts(variant="elpython", version=[27, 1, 0, "candidate", 2]))
    assert found.version.endswith(".27.01.0rc2")


def test_a_stock_python_fails_the_table() -> None:
    rows = identity_table(facts(), ElVersion.parse("3.11.2.27.01.0"), "elpython")
    wrong = {row.what for row in rows if not row.good}
    assert {"sys.implementation.variant", "sys.implementation.hexversion"} <= wrong
    assert own_table(facts()) is None


PROBE = """
import json, platform, sys, sysconfig, http.server, wsgiref.simple_server
print(json.dumps({
    "version_info": list(sys.version_info), "hexversion": sys.hexversion,
    "name": sys.implementation.name, "cache_tag": sys.implementation.cache_tag,
    "version": repr(sys.implementation.version), "same type":
        type(sys.implementation.version) is type(sys.version_info),
    "impl hex": hex(sys.implementation.hexversion), "variant": sys.implementation.variant,
    "tuple": platform.python_version_tuple(), "build": platform.python_build()[0],
    "compiler": platform.python_compiler()[:3],
    "py_version": sysconfig.get_config_var("py_version"),
    "server": http.server.BaseHTTPRequestHandler.sys_version,
    "wsgi": wsgiref.simple_server.sys_version,
}))
"""


@pytest.mark.slow
def test_identity_of_a_real_build(el311: Build) -> None:
    """The table of the specification, value by value, on an interpreter that was built."""
    out = subprocess.run([el311.python, "-I", "-c", PROBE], capture_output=True, check=True).stdout
    assert json.loads(out) == {
        "version_info": [3, 11, 2, "final", 0],
        "hexversion": 0x030B02F0,
        "name": "cpython",
        "cache_tag": "cpython-311",
        "version": "sys.version_info(major=27, minor=1, micro=0, releaselevel='final', serial=0)",
        "same type": True,
        "impl hex": "0x1b0100f0",
        "variant": "elpython",
        "tuple": ["3", "11", "2"],
        "build": "main",
        "compiler": "GCC",
        "py_version": "3.11.2",
        "server": "Python/3.11.2",
        "wsgi": "CPython/3.11.2",
    }
    found = identity_of(el311.python)
    assert (found.kind, found.version) == ("EL Python", "3.11.2.27.01.0")
    rows = own_table(facts_of(el311.python))
    assert rows is not None
    assert all(row.good for row in rows)


@pytest.mark.slow
def test_command_line_versions(el311: Build) -> None:
    def say(flag: str) -> str:
        return subprocess.run(
            [el311.python, flag], capture_output=True, text=True, check=True
        ).stdout

    assert say("-V") == "Python 3.11.2\n"
    assert say("-VV").startswith("Python 3.11.2.27.01.0 (main, ")


@pytest.mark.slow
def test_files_and_tags_are_the_bases(el311: Build, base311: Build) -> None:
    """Paths, suffixes, magic number and markers: those of a build of the bare base."""
    mine, base = facts_of(el311.python), facts_of(base311.python)
    for name in ("EXT_SUFFIX", "SOABI", "LDVERSION", "py_version", "MULTIARCH"):
        assert mine.sysconfig["vars"][name] == base.sysconfig["vars"][name]
    assert (mine.magic, mine.hexversion, mine.version_info) == (
        base.magic,
        base.hexversion,
        base.version_info,
    )
    different = {name for name in mine.markers if mine.markers[name] != base.markers[name]}
    assert different == {"implementation_version"}
    files = [
        {str(path.relative_to(made.root)) for path in Path(made.root).rglob("*.py")}
        for made in (el311, base311)
    ]
    # pip and setuptools are newer, and lay their own files.
    gone = {name for name in files[1] - files[0] if "/site-packages/" not in name}
    assert gone == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "marker",
    [
        'python_full_version <= "3.11.2"',
        'python_full_version == "3.11.2"',
        'python_version == "3.11"',
        'platform_python_implementation == "CPython"',
        'implementation_name == "cpython"',
        'implementation_version == "27.1.0"',
    ],
)
def test_markers_that_installers_read(el311: Build, marker: str) -> None:
    """Pip's own copy of packaging, inside the built interpreter, evaluates them."""
    code = f"from pip._vendor.packaging.markers import Marker; print(Marker({marker!r}).evaluate())"
    done = subprocess.run(
        [el311.python, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"
