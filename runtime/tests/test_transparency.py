"""Code that asked for nothing can't tell that minpython is there; a sample of the contract."""

from __future__ import annotations

import pytest

from minpython.transparency import __main__ as transparency
from minpython.transparency import compare

MODULES = (
    *("ast", "asyncio", "asyncio.tasks", "builtins", "collections", "functools", "importlib.abc"),
    *("importlib.machinery", "importlib.util", "inspect", "io", "json", "logging", "os", "random"),
    *("re", "runpy", "sys", "threading", "typing", "unittest", "unittest.mock", "warnings"),
)
SCOPES = [scope.name for scope in compare.scopes("3.6") if scope.foreign()]


@pytest.fixture(scope="session")
def bare() -> dict[str, object]:
    """What is seen without, by interpreter; filled as it is asked for."""
    return {}


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("version", ["3.6", "3.8"])
def test_nothing_differs(
    outer: str, tmp_path: object, bare: dict[str, object], scope: str, version: str
) -> None:
    folder = str(tmp_path)
    if outer not in bare:
        bare[outer] = compare.survey(outer, None, folder, MODULES)
    compare.write_packages(folder, version)
    (wanted,) = [each for each in compare.scopes(version) if each.name == scope]
    found = compare.survey(outer, wanted, folder, MODULES)
    assert list(compare.differences(bare[outer], found)) == []


def test_what_differs_is_found(newest: str, tmp_path: object) -> None:
    folder = str(tmp_path)
    wraps = (
        "import asyncio, re, sys; old = asyncio.sleep; asyncio.sleep = lambda *a: old(*a)\n"
        "    sys.meta_path.append(re)\n"
        "    import json; json.dumps = lambda *a, f=json.dumps, **k: f(*a, **k)"
    )
    scope = compare.Scope("installed only", {}, wraps)
    before = compare.survey(newest, None, folder, ("asyncio", "json"))
    after = compare.survey(newest, scope, folder, ("asyncio", "json"))
    paths = {path for path, _old, _new in compare.differences(before, after)}
    assert {"asyncio.sleep [code]", "asyncio.sleep [pickle]", "asyncio.sleep [coroutine]"} <= paths
    assert {"frames [json.dumps]", "interpreter [meta_path]"} <= paths


def test_the_whole_program_differs_as_declared(
    newest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--python", newest, "--version", "3.6", "--scope", "whole program"]
    code = transparency.main([*asked, "--module", "collections", "--module", "json"])
    told = capsys.readouterr().out
    assert code == 0, told
    assert "1 combinations, 0 with undeclared differences" in told


def test_a_program_that_compares_nothing_fails(newest: str) -> None:
    asked = ["--python", newest, "--version", "3.99"]
    assert transparency.main([*asked, "--module", "json"]) == 2
