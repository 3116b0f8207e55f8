"""Each restored fact's probe fails on every Python that has the change, and passes with minpython.

The probes of all facts run once in every interpreter of the machine, without minpython and with the
version 3.6 set (without: in the newest one); one test a behaviour looks at the answers.
"""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import interpreters
import pytest

from minpython import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minpython.behaviour import Behaviour

FACTS = {str(row["fact"]): row for row in interpreters.facts()}
TABLE = table.load()
BY_NAME = tuple(entry.name for entry in TABLE if entry.allow_insecure or not entry.default)
# Probes that can't tell: the change is older than the first interpreter here or came back.
HOLD_ANYWAY = {
    "parameter pydoc.TextDoc.docother(doc) 3.13",
    "parameter pydoc.TextDoc.docother(maxlen) 3.13",
    "parameter sre_parse.parse_template(pattern) 3.8",
}
# What another module took with ``from ... import`` meanwhile stays with that module.
COPIED = {
    "behaviour asyncio.CancelledError base class 3.8",
    "behaviour shelve default pickle protocol 3.10",
    "parameter multiprocessing.reduction.ForkingPickler.loads(data) 3.9",
    "parameter pydoc.format_exception_only(etype) 3.10",
}


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def _asked(python: tuple[int, int]) -> list[tuple[str, str]]:
    return [
        (fact, str(row["probe"]))
        for fact, row in FACTS.items()
        if row["probe"] and _version(str(row["removed_in"])) <= python
    ]


def _all_answers() -> dict[str, Any]:
    """Run everything, two programs at a time; without minpython in the newest interpreter only."""
    found = interpreters.found()
    newest = max(found)
    jobs = [(newest, "without"), *((version, "with") for version in reversed(found))]
    with ThreadPoolExecutor(2) as pool:
        runs = {
            (version, how): pool.submit(
                interpreters.answers,
                found[version],
                _asked(version),
                version=(3, 6) if how == "with" else None,
                enable=BY_NAME if how == "with" else (),
            )
            for version, how in jobs
        }
        return {
            f"{version[0]}.{version[1]} {how}": run.result() for (version, how), run in runs.items()
        }


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The answers of all interpreters, from whichever worker of the test run was first."""
    folder: Path = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    kept, lock = folder / "answers.json", folder / "answers.lock"
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        for _ in range(3000):
            if kept.exists():
                break
            time.sleep(0.1)
    else:
        made = folder / "answers.part"
        made.write_text(json.dumps(_all_answers()), encoding="utf-8")
        made.rename(kept)
    answers: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return answers


def _runs(told: dict[str, Any], fact: str, how: str) -> list[tuple[str, str | None]]:
    """Return (version, answer) of a fact's probe wherever it ran."""
    return [
        (run.partition(" ")[0], answers["answers"][fact])
        for run, answers in told.items()
        if run.endswith(" " + how) and fact in answers["answers"]
    ]


def _without_distribution(answer: str | None) -> bool:
    """Return whether a module is missing, and the answer names the distribution that has it."""
    return answer is not None and "pip install" in answer


@pytest.mark.parametrize(
    "entry", [entry for entry in TABLE if entry.facts], ids=lambda entry: entry.name
)
def test_its_probes_pass_with_minpython_only(entry: Behaviour, told: dict[str, Any]) -> None:
    wrong = []
    for fact in entry.facts:
        for version, answer in _runs(told, fact, "without"):
            if answer is None and fact not in HOLD_ANYWAY:
                wrong.append(f"{version}: {fact} holds without minpython")
        for version, answer in _runs(told, fact, "with"):
            if answer is not None and not _without_distribution(answer):
                wrong.append(f"{version}: {fact}: {answer}")
    assert not wrong, "\n".join(wrong)


def test_nothing_fails_to_restore(told: dict[str, Any]) -> None:
    failed = {run: answers["failed"] for run, answers in told.items() if answers["failed"]}
    assert not failed


def test_interpreters_were_found() -> None:
    assert max(interpreters.found()) >= (3, 11), "install more Pythons, with pyenv for instance"


def test_every_fact_is_restored_or_has_a_reason() -> None:
    known = {fact for entry in TABLE for fact in entry.facts}
    reasons = {fact for entry in table.load_not_restored() for fact in entry.facts}
    assert known | reasons == set(FACTS)
    assert not known & reasons


def test_every_restored_fact_has_a_probe() -> None:
    bare = [fact for entry in TABLE for fact in entry.facts if not FACTS[fact]["probe"]]
    assert not bare


PER_PACKAGE = {fact for entry in TABLE if entry.scope == "package" for fact in entry.facts}


ENDS = sorted({min(interpreters.found()), max(interpreters.found())})


@pytest.mark.parametrize("version", ENDS, ids=lambda version: ".".join(map(str, version)))
def test_other_packages_see_nothing(version: tuple[int, int], told: dict[str, Any]) -> None:
    """What one package asked for fails to be restored nowhere, and other code goes without it."""
    asked = [probe for probe in _asked(version) if probe[0] in PER_PACKAGE]
    done = interpreters.answers(
        interpreters.found()[version],
        asked[:: 1 if version >= (3, 13) else 8],
        version=(3, 6),
        packages=("oldlib",),
    )
    assert not done["failed"]
    seen = {fact for fact, answer in done["answers"].items() if answer is None} - HOLD_ANYWAY
    native = {
        fact
        for fact in seen
        if (f"{version[0]}.{version[1]}", None) in _runs(told, fact, "without")
    }
    assert seen == native


def test_everything_is_taken_back(told: dict[str, Any]) -> None:
    """After the context that restored everything, each probe fails as before."""
    version, python = list(interpreters.found().items())[-1]
    done = interpreters.answers(python, _asked(version), version=(3, 6), undo=True)
    kept = [fact for fact, answer in done["answers"].items() if answer is None]
    before = told[f"{version[0]}.{version[1]} without"]["answers"]
    assert {fact for fact in kept if before[fact] is not None} <= COPIED
