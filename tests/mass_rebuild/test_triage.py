"""Real failure logs and the class, name and cause that triage gives them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from elpython.mass_rebuild.errors import BadRulesError
from elpython.mass_rebuild.model import BuildOutcome, Interpreter, RebuildPlan
from elpython.mass_rebuild.triage import classify, excerpt, parse_rules, removed, rules

DATA = Path(__file__).parents[1] / "data" / "rebuild"
PLAN = RebuildPlan(
    backend="wheel",
    title="t",
    interpreter=Interpreter(path="/p", version="3.13.0", soabi="", prefix="/"),
    packages=(),
    edges=(),
)


def outcome(
    log: str, reason: str = "exit", status: str = "failed", **parts: object
) -> BuildOutcome:
    return BuildOutcome(key="pkg==1", status=status, reason=reason, log=log, **parts)  # type: ignore[arg-type]


LOGS = tomllib.loads((DATA / "logs.toml").read_text("utf-8"))["log"]


@pytest.mark.parametrize("row", LOGS, ids=lambda row: row["text"][-40:])
def test_logs(row: dict[str, str]) -> None:
    verdict = classify(outcome(row["text"]), PLAN)
    assert verdict.failure == row["class"]
    assert row["cause"] in verdict.cause


@pytest.mark.parametrize(
    ("reason", "failure", "retry"),
    [
        ("timeout", "timeout", False),
        ("memory", "out of memory", False),
        ("disk", "out of disk", False),
        ("processes", "too many processes", False),
        ("lost", "worker lost", True),
        ("system", "system", False),
        ("source", "bad source", False),
    ],
)
def test_how_it_ended_decides_without_a_log(reason: str, failure: str, *, retry: bool) -> None:
    verdict = classify(outcome("anything: error: x", reason), PLAN)
    assert (verdict.failure, verdict.retry) == (failure, retry)


def test_what_a_backend_asked_for_is_the_cause() -> None:
    verdict = classify(outcome("", "", "needs", wants=("cffi>=1",)), PLAN)
    assert verdict.cause == "missing build requirement: cffi>=1"


def test_a_backend_that_would_fetch_a_compiler_lacks_that_compiler() -> None:
    verdict = classify(outcome("", "", "needs", wants=("puccinialin",)), PLAN)
    assert verdict.cause == "missing system program: cargo (Rust)"
    assert verdict.failure == "missing system program"


def test_what_a_check_misses_is_an_install_requirement() -> None:
    log = "ModuleNotFoundError: No module named 'bs4'"
    checked = BuildOutcome(key="check pkg==1", status="failed", reason="exit", log=log)
    assert classify(checked, PLAN).cause == "missing install requirement: bs4"


def test_success_has_no_class() -> None:
    assert classify(outcome("error: x", "", "built"), PLAN).failure == ""


def test_a_name_that_is_gone_only_later_is_no_removed_api() -> None:
    old = RebuildPlan(
        backend="wheel",
        title="t",
        interpreter=Interpreter(path="/p", version="3.11.2", soabi="", prefix="/"),
        packages=(),
        edges=(),
    )
    verdict = classify(outcome("ModuleNotFoundError: No module named 'imp'"), old)
    assert verdict.failure == "missing build requirement"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule]]\nid = 'a'\nclass = 'time out'\nreason = 'x'\n", "did you mean 'timeout'"),
        ("[[rule]]\nid = 'a'\nclass = 'timeout'\npatern = 'x'\n", "did you mean 'pattern'"),
        ("[[rule]]\nid = 'a'\nclass = 'timeout'\npattern = '('\n", r"rule\[0\].pattern"),
        ("[[rule]]\nclass = 'timeout'\npattern = 'x'\n", "id is missing"),
        ("[[rule]]\nid = 'a'\nclass = 'timeout'\n", "reason or pattern"),
        ("[[rule]]\nid = 'a'\nclass = 'timeout'\npattern = 'x'\njoin = 'y'\n", "join: one of"),
        ("x = 1\n", "has no rules"),
        (
            "[[rule]]\nid='a'\nclass='timeout'\npattern='x'\n" * 2,
            "stands twice",
        ),
    ],
)
def test_wrong_rules_are_told_with_their_key(text: str, message: str) -> None:
    with pytest.raises(BadRulesError, match=message):
        parse_rules(text, "r.toml")


def test_our_rules_and_facts_are_whole() -> None:
    assert len(rules()) > 25
    tables = removed()
    assert tables["module"]["imp"].gone == "3.12"
    for table in tables.values():
        assert list(table) == sorted(table)


def test_an_excerpt_shows_the_match() -> None:
    log = "\n".join(
        [*map(str, range(100)), "x.h:1:2: fatal error: y.h: No such file", *["after"] * 50]
    )
    assert "fatal error: y.h" in excerpt(log, "header")
    assert excerpt("one\ntwo", "") == "one\ntwo"
