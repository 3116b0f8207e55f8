"""What minpython promises by name comes back: each item with code that an old program has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomllib

from minpython import _index, table

if TYPE_CHECKING:
    from conftest import Run

HERE = Path(__file__).resolve().parent
EXPLANATION = HERE.parents[1] / "docs" / "explanation" / "minpython.md"
ITEMS: list[dict[str, Any]] = tomllib.loads((HERE / "data" / "by_name.toml").read_text("utf-8"))[
    "item"
]
MODULES = (
    *("asynchat", "asyncore", "distutils", "imp", "smtpd", "pipes", "telnetlib"),
    *("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "mailcap", "msilib"),
    *("nis", "nntplib", "ossaudiodev", "sndhdr", "spwd", "sunau", "uu", "xdrlib"),
)
"""Modules promised by name: ``imp`` and all that PEP 594 and others took out."""
INSECURE = ("crypt", "spwd")
RUNNER = """
import json, sys, warnings
warnings.simplefilter("ignore")
sys.set_min_python_version((3, 6))
failed = {}
for name, code in json.loads(PAIRS):
    try:
        exec(code, {"__name__": "__main__"})
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {error}"
print(json.dumps(failed))
"""


def _failures(run: Run, pairs: dict[str, str]) -> dict[str, str]:
    """Return what went wrong with each piece of code, in one interpreter that acts as 3.6."""
    done = run("-c", RUNNER.replace("PAIRS", repr(json.dumps(list(pairs.items())))))
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


def test_every_item_is_restored_or_declared() -> None:
    declared = {fact for group in table.load_not_restored() for fact in group.facts}
    for item in ITEMS:
        assert set(item["behaviours"]) <= _index.BEHAVIOURS.keys(), item["what"]
        assert set(item.get("declared", ())) <= declared, item["what"]
    modules = {name for entry in table.load() for name in entry.modules}
    gone = {f"module {name} 3.13" for name in MODULES if name not in modules}
    assert gone <= declared, gone - declared


def test_every_item_works(run: Run) -> None:
    assert _failures(run, {item["what"]: item["code"] for item in ITEMS}) == {}


def test_a_gone_module_comes_back_or_says_what_to_install(run: Run) -> None:
    wanted = {name: f"import {name}" for name in MODULES if name not in (*INSECURE, "msilib")}
    for name, message in _failures(run, wanted).items():
        assert message.startswith("ModuleNotFoundError"), (name, message)
        assert "pip install" in message, (name, message)


def test_the_explanation_names_what_is_off_by_default() -> None:
    text = EXPLANATION.read_text(encoding="utf-8")
    for entry in table.load():
        assert entry.default == (f"`{entry.name}`" not in text), entry.name
