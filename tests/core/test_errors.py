"""One family of errors, each class with an exit code of its own."""

from __future__ import annotations

import importlib
import pkgutil

import elpython
from elpython.core.errors import ElpythonError
from examples import REPOSITORY


def family() -> list[type[ElpythonError]]:
    for module in pkgutil.walk_packages(elpython.__path__, "elpython."):
        if not module.name.endswith("__main__") and ".probes" not in module.name:
            importlib.import_module(module.name)
    found, todo = [], [ElpythonError]
    while todo:
        cls = todo.pop()
        found.append(cls)
        todo += cls.__subclasses__()
    return [cls for cls in found if cls.__module__.startswith("elpython.")]


def test_exit_codes_are_distinct_and_in_range() -> None:
    codes: dict[int, str] = {}
    for cls in family():
        assert "exit_code" in vars(cls), f"{cls.__name__} has no exit code of its own"
        assert cls.exit_code not in codes, f"{cls.__name__} and {codes[cls.exit_code]}"
        codes[cls.exit_code] = cls.__name__
    assert set(codes) <= set(range(10, 130)) | {130}


def test_message_has_what_where_and_what_next() -> None:
    error = ElpythonError("no such thing", "a.toml", "look again", details=("line 1",))
    assert str(error) == "a.toml: no such thing\nline 1\nlook again"
    assert str(ElpythonError("no such thing")) == "no such thing"


def test_every_code_is_documented() -> None:
    text = (REPOSITORY / "docs" / "reference" / "exit-codes.md").read_text("utf-8")
    missing = [cls for cls in family() if f"| {cls.exit_code} | `{cls.__name__}` |" not in text]
    assert missing == []
