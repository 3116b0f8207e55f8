"""Make ``src/minpython/scan/known.json`` from the removal facts.

Called as ``python tools/make_known.py REMOVED.json``. Run it with the oldest interpreter at hand:
classes which are gone by now can still be asked for their subclasses there. What a static look at
source can't tell (a default that changed, a parameter that may still be given by name) is left out.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
import warnings
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[1] / "src" / "minpython" / "scan" / "known.json"
BY_NAME_STILL = ("keyword-only", "positional beyond")
STILL_TAKEN = ("string.Formatter.format(format_string)",)
"""By name it goes into the keyword arguments, which most callers of that name mean."""
TOO_COMMON = frozenset(
    (
        "all_tasks",
        "copy",
        "current_task",
        "doctype",
        "error",
        "fromstring",
        "is_reserved",
        "output_charset",
        "resize",
        "split",
        "tostring",
        "xpath",
    )
)
DOCUMENTED = (1, 2)


# What no fact of the standard library tells: environments had it, beside the library.
BESIDE = {
    "pkg_resources": [
        "module",
        "pkg_resources",
        "3.12",
        2,
        "importlib.metadata, importlib.resources",
    ],
}


def row(fact: dict[str, Any]) -> list[Any]:
    """Return what the scan needs of a fact: kind, name, removed in, tier, the modern way."""
    return [fact["kind"], fact["name"], fact["removed_in"], fact["tier"], fact["replacement"]]


def subclasses(owner: str) -> list[str]:
    """Return the classes of the standard library beside `owner` that inherit from it."""
    module_name, _, class_name = owner.rpartition(".")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = importlib.import_module(module_name)
    except ImportError:
        return []
    base = getattr(module, class_name, None)
    if not inspect.isclass(base):
        return []
    return [
        f"{module_name}.{name}"
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, base) and value is not base
    ]


def parameters(fact: dict[str, Any]) -> tuple[str, list[str]]:
    """Return the function and the keyword names of a parameter fact; none if they say nothing."""
    match = re.fullmatch(r"([\w.]+)\(([\w, ]+)\)", fact["name"])
    if (
        not match
        or fact["name"] in STILL_TAKEN
        or any(words in fact["note"] for words in BY_NAME_STILL)
    ):
        return "", []
    return match[1], [name.strip() for name in match[2].split(",")]


def known(facts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the tables of the scan."""
    made: dict[str, Any] = {
        "modules": {},
        "attributes": {},
        "methods": {},
        "parameters": {},
        "loose": {},
        "other": {},
    }
    for fact in facts:
        kind, name = fact["kind"], fact["name"]
        if kind in ("module", "attribute"):
            made[f"{kind}s"].setdefault(name, row(fact))
        elif kind == "method":
            owner, _, method = name.rpartition(".")
            for cls in (owner, *subclasses(owner)):
                made["methods"].setdefault(f"{cls}.{method}", row(fact))
            dunder = method.startswith("__")
            if fact["tier"] in DOCUMENTED and not dunder and method not in TOO_COMMON:
                made["loose"].setdefault(method, row(fact))
        elif kind == "parameter":
            function, names = parameters(fact)
            for parameter in names:
                made["parameters"].setdefault(function, {}).setdefault(parameter, row(fact))
        made["other"][f"{kind} {name}"] = row(fact)
    made["modules"].update(BESIDE)
    made["other"] = {key: made["other"][key] for key in USED_BY_NAME if key in made["other"]}
    return made


USED_BY_NAME = (
    "behaviour asyncio.get_event_loop without a current loop",
    "behaviour hmac.new without digestmod",
    "behaviour open mode 'U'",
    "behaviour re global inline flags not at start",
    "parameter random.shuffle(random)",
    "parameter types.CodeType(posonlyargcount)",
    'syntax "is" with a literal',
    "syntax async/await as identifiers",
    "syntax numeric literal directly followed by a keyword (0in x)",
    "syntax unparenthesised generator argument followed by a comma",
    "syntax yield inside comprehensions and generator expressions",
)


def main() -> int:
    """Write the file."""
    facts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    made = known(facts)
    lines = [
        f' "{table}": {{\n'
        + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(rows.items()))
        + "\n }"
        for table, rows in made.items()
    ]
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
