"""Class a failure by rules in a data file, joined with the facts about removed APIs.

A failure's class says what kind of thing went wrong, its cause is what it shares with other
failures: `removed API: imp (gone in 3.12)` stands once, with everything that waits on it.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from elpython.core.toml import load_toml
from elpython.mass_rebuild.errors import BadRulesError

if TYPE_CHECKING:
    from elpython.mass_rebuild.model import BuildOutcome, RebuildPlan

__all__ = [
    "CLASSES",
    "Removed",
    "Rule",
    "Verdict",
    "classify",
    "excerpt",
    "lasting",
    "parse_rules",
    "rules",
]

CLASSES = (
    "missing build requirement",
    "missing install requirement",
    "missing system header",
    "missing system program",
    "removed API",
    "C API change",
    "test failure",
    "timeout",
    "out of memory",
    "out of disk",
    "too many processes",
    "network",
    "resolver conflict",
    "bad source",
    "packaging",
    "compile error",
    "program error",
    "worker lost",
    "system",
    "unknown",
)
_KEYS: dict[str, type] = {
    "id": str, "class": str, "reason": str, "pattern": str, "join": str, "retry": bool,
    "told": str,
}  # fmt: skip
_JOINS = ("attribute", "method", "module")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule of `data/triage.toml`; its keys are told there."""

    name: str
    failure: str
    reason: str = ""
    pattern: re.Pattern[str] | None = None
    join: str = ""
    retry: bool = False
    told: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Removed:
    """A name that left the standard library: in which version, and what is there instead."""

    gone: str
    instead: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A failure's class and cause, the rule that said so, and whether trying again can help.

    Attributes:
        name: what the failure is about: the module or program that is missing.
    """

    failure: str = ""
    cause: str = ""
    rule: str = ""
    retry: bool = False
    name: str = ""


def parse_rules(text: str, where: str) -> tuple[Rule, ...]:
    """Read triage rules.

    Raises:
        BadRulesError: all problems, each with the path of its key.
    """
    try:
        rows: list[dict[str, Any]] = load_toml(text)["rule"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise BadRulesError(f"has no rules: {error}", where=where) from error
    problems: list[str] = []
    found: list[Rule] = []
    for number, row in enumerate(rows):
        place = f"rule[{number}]"
        trouble = _check_row(row, place)
        pattern = None
        try:
            pattern = re.compile(str(row["pattern"])) if "pattern" in row else None
        except re.error as error:
            trouble.append(f"{place}.pattern: {error}")
        if row.get("id") in {rule.name for rule in found}:
            trouble.append(f"{place}.id: {row['id']!r} stands twice")
        problems += trouble
        if not trouble:
            found.append(
                Rule(
                    name=row["id"],
                    failure=row["class"],
                    reason=row.get("reason", ""),
                    pattern=pattern,
                    join=row.get("join", ""),
                    retry=row.get("retry", False),
                    told=row.get("told", ""),
                )
            )
    if problems:
        raise BadRulesError(f"{len(problems)} problems", where=where, details=tuple(problems))
    return tuple(found)


def _check_row(row: dict[str, Any], place: str) -> list[str]:
    problems = []
    for key, value in row.items():
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, 1)
            problems.append(
                f"{place}.{key}: no such key" + (f"; did you mean {near[0]!r}?" if near else "")
            )
        elif not isinstance(value, _KEYS[key]):
            problems.append(f"{place}.{key}: {_KEYS[key].__name__} wanted")
    problems += [f"{place}: {key} is missing" for key in ("id", "class") if key not in row]
    if row.get("class") not in CLASSES and "class" in row:
        near = difflib.get_close_matches(str(row["class"]), CLASSES, 1)
        problems.append(
            f"{place}.class: no class {row['class']!r}"
            + (f"; did you mean {near[0]!r}?" if near else "")
        )
    if "reason" not in row and "pattern" not in row:
        problems.append(f"{place}: reason or pattern is wanted")
    if row.get("join", "module") not in _JOINS:
        problems.append(f"{place}.join: one of {', '.join(_JOINS)} is wanted")
    return problems


def _data(name: str) -> str:
    return resources.files("elpython.mass_rebuild").joinpath("data", name).read_text("utf-8")


@cache
def rules() -> tuple[Rule, ...]:
    """Return our rules."""
    return parse_rules(_data("triage.toml"), "triage.toml")


@cache
def lasting() -> frozenset[str]:
    """Return the classes of failure that come again as long as a build's inputs are the same."""
    return frozenset(map(str, tomllib.loads(_data("triage.toml"))["lasting"]))


@cache
def removed() -> dict[str, dict[str, Removed]]:
    """Return what left the standard library, by kind and dotted name."""
    tables = tomllib.loads(_data("removed.toml"))
    return {
        kind: {
            name: Removed(gone=row["gone"], instead=row.get("instead", ""))
            for name, row in table.items()
        }
        for kind, table in tables.items()
    }


def classify(outcome: BuildOutcome, plan: RebuildPlan) -> Verdict:
    """Return a failure's class; an empty verdict when the outcome is no failure."""
    if outcome.status == "built":
        return Verdict()
    reason = "needs" if outcome.status == "needs" else outcome.reason
    log = "\n".join([outcome.log, *(f"asks for {want}" for want in outcome.wants)])
    for rule in rules():
        if rule.reason and rule.reason != reason:
            continue
        if not rule.reason and reason not in {"exit", "check"}:
            continue
        name = ""
        if rule.pattern is not None:
            match = _last_match(rule, log, plan.interpreter.version)
            if match is None:
                continue
            name = rule.told or _name_of(match)
        if rule.name == "wants-more":
            name = ", ".join(outcome.wants)
        cause, failure = _cause(rule, name, outcome), rule.failure
        if outcome.key.startswith("check ") and failure == "missing build requirement":
            # It was built; what it lacks when it is imported, its metadata does not name.
            failure = "missing install requirement"
            cause = cause.replace("missing build", "missing install", 1)
        return Verdict(failure=failure, cause=cause, rule=rule.name, retry=rule.retry, name=name)
    return Verdict(failure="unknown", cause=f"unknown: {outcome.key}")


def _name_of(match: re.Match[str]) -> str:
    if "name" in match.re.groupindex:
        return f"{match['owner']}.{match['name']}"
    return next((group for group in match.groups() if group), match.group(0).strip())


def _last_match(rule: Rule, log: str, version: str) -> re.Match[str] | None:
    """Return the match nearest to the log's end; with a join, one whose name is removed."""
    if rule.pattern is None:
        return None
    for match in reversed(list(rule.pattern.finditer(log))):
        if not rule.join or _removed(rule.join, _name_of(match), version) is not None:
            return match
    return None


def _removed(kind: str, name: str, version: str) -> tuple[str, Removed] | None:
    """Look a name up; a method by its last two parts, a module by its first ones too."""
    table = removed()[kind]
    candidates = [name]
    if kind == "module":
        parts = name.split(".")
        candidates = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    if kind in {"attribute", "method"}:
        tail = f".{name}"
        candidates += [full for full in table if full.endswith(tail)]
    for candidate in candidates:
        fact = table.get(candidate)
        if fact is not None and _as_numbers(fact.gone) <= _as_numbers(version):
            return candidate, fact
    return None


def _as_numbers(version: str) -> tuple[int, int]:
    found = [int(part) for part in re.findall(r"\d+", version)[:2]]
    return (found[0], found[1]) if len(found) == 2 else (0, 0)


def _cause(rule: Rule, name: str, outcome: BuildOutcome) -> str:
    if rule.join:
        found = _removed(rule.join, name, "99.99")
        if found is not None:
            full, fact = found
            instead = f"; instead: {fact.instead}" if fact.instead else ""
            return f"removed API: {full} (gone in {fact.gone}{instead})"
    own_trouble = {
        "timeout", "out of memory", "out of disk", "too many processes", "test failure",
        "bad source", "compile error", "program error", "worker lost", "packaging",
    }  # fmt: skip
    if rule.failure in own_trouble or not name:
        detail = f": {name}" if name else ""
        return f"{rule.failure} in {outcome.key}{detail}"
    return f"{rule.failure}: {name}"


def excerpt(log: str, rule_name: str = "", *, lines: int = 12) -> str:
    """Return the lines of a log that show the failure: around the rule's match, else the end."""
    rows = log.rstrip().splitlines()
    rule = next((rule for rule in rules() if rule.name == rule_name), None)
    end = len(rows)
    if rule is not None and rule.pattern is not None:
        for match in rule.pattern.finditer(log):
            end = min(len(rows), log.count("\n", 0, match.end()) + 1 + lines // 4)
    return "\n".join(rows[max(0, end - lines) : end])
