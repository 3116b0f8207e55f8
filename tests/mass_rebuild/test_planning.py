"""Planning never stops at one package: hooks that fail, overrides, and going on after a stop."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.mass_rebuild import plan as plans
from elpython.mass_rebuild import work
from elpython.mass_rebuild.errors import BadOptionsError
from elpython.mass_rebuild.notes import open_notes
from elpython.mass_rebuild.options import parse, read
from elpython.mass_rebuild.plan import troubles

if TYPE_CHECKING:
    from elpython.core.store import Store
    from elpython.mass_rebuild.model import RebuildPlan

PlanOf = Callable[..., "RebuildPlan"]
Sdist = Callable[..., Path]
Asked = Callable[[str, str], None]

pytestmark = pytest.mark.usefixtures("own_cache")


def test_a_failed_hook_is_a_result_with_its_class_and_what_waits(
    asked: Asked, sdist: Sdist, plan_of: PlanOf, store: Store, tmp_path: Path
) -> None:
    asked("broken", "import imp_that_is_nowhere\n")
    asked("older", "raise SystemExit('error in older setup command: use_2to3 is invalid.')\n")
    sdist("waits", build=("broken",))
    sdist("later", build=("waits",))
    sdist("free")
    plan = plan_of("broken", "older", "waits", "later", "free")
    found = {item.key: item for item in troubles(plan) if item.kind == "hook"}
    assert set(found) == {"broken==1.0", "older==1.0"}
    assert found["older==1.0"].failure == "removed API"
    short = plan.interpreter.short
    assert found["older==1.0"].problem == (
        f"cannot be configured on {short}: error in older setup command: use_2to3 is invalid."
    )
    assert "No module named 'imp_that_is_nowhere'" in found["broken==1.0"].problem
    assert found["broken==1.0"].waits == ("later==1.0", "waits==1.0")
    plans.save(plan, tmp_path / "run" / "plan.json")
    result = work.run(tmp_path / "run", work.WorkOptions(store=store))
    assert (result.tally.built, result.tally.failed) == (1, 2)
    assert result.tally.blocked == 2


def test_two_requirements_that_contradict_each_other_stop_no_third(
    sdist: Sdist, plan_of: PlanOf
) -> None:
    sdist("base", "1.0")
    sdist("one", install=("base>=2",))
    sdist("free")
    plan = plan_of("base==1.0", "one==1.0", "free")
    assert [item.key for item in troubles(plan)] == ["one==1.0"]
    assert plan.by_key()["free==1.0"].problem == ""
    assert "base>=2" in " ".join(plan.by_key()["one==1.0"].details)


def test_stated_metadata_takes_the_place_of_a_hook(asked: Asked, plan_of: PlanOf) -> None:
    asked("broken", "raise SystemExit('not here')\n")
    plan = plan_of("broken", options=parse('[package.broken]\nmetadata = ["alpha"]\n'))
    assert troubles(plan) == ()
    assert {edge.target for edge in plan.edges} == {"alpha==1.0"}


def test_only_binary_takes_the_published_wheel(
    sdist: Sdist, plan_of: PlanOf, store: Store, tmp_path: Path
) -> None:
    sdist("tool")
    first = plan_of("tool")
    plans.save(first, tmp_path / "first" / "plan.json")
    work.run(tmp_path / "first", work.WorkOptions(store=store))
    [wheel] = work.products(tmp_path / "first")
    (tmp_path / "archives" / wheel.name).write_bytes(wheel.read_bytes())
    plan = plan_of("tool", options=parse("").with_prebuilt(["Tool"]))
    assert plan.by_key()["tool==1.0"].prebuilt
    assert plan.by_key()["tool==1.0"].source is None


def test_a_patch_is_applied_before_the_source_is_read_and_built(
    sdist: Sdist, plan_of: PlanOf, store: Store, tmp_path: Path
) -> None:
    sdist("old", module="import imp\n")
    patch = "--- a/module.py\n+++ b/module.py\n@@ -1 +1 @@\n-import imp\n+import importlib\n"
    (tmp_path / "new-python.patch").write_text(patch)
    stated = tmp_path / "rebuild.toml"
    stated.write_text('[package.old]\npatches = ["new-python.patch"]\n')
    plan = plan_of("old", options=read(stated))
    plans.save(plan, tmp_path / "run" / "plan.json")
    result = work.run(tmp_path / "run", work.WorkOptions(store=store))
    assert (result.tally.built, result.tally.checked) == (1, 1)
    (tmp_path / "new-python.patch").write_text(patch.replace("-import imp", "-import ast"))
    problem = plan_of("old", options=read(stated)).by_key()["old==1.0"].problem
    assert "patch 1 of rebuild.toml does not apply" in problem
    stated.write_text('[package.old]\npatches = ["gone.patch"]\n')
    with pytest.raises(BadOptionsError, match=r"gone\.patch cannot be read"):
        read(stated)


def test_answers_are_kept_for_the_same_request_of_the_same_day(tmp_path: Path) -> None:
    path = tmp_path / "planning.jsonl"
    open_notes(path, ["a"]).put(["question"], {"text": "x"})
    with path.open("a") as file:
        file.write('["cut off')
    assert open_notes(path, ["a"]).get(["question"]) == {"text": "x"}
    assert open_notes(path, ["other"]).get(["question"]) is None
    open_notes(path, ["a"]).put(["question"], 1)
    rows = path.read_text().splitlines()
    head = json.loads(rows[0]) | {"made": time.time() - 2 * 24 * 3600}
    path.write_text("\n".join([json.dumps(head), *rows[1:]]) + "\n")
    assert open_notes(path, ["a"]).get(["question"]) is None


# The command line, killed when its first answer is written down.
DYING = """
import os, signal, sys
from elpython.cli import main
from elpython.mass_rebuild.notes import Notes

put = Notes.put

def put_and_die(notes, question, answer):
    put(notes, question, answer)
    os.kill(os.getpid(), signal.SIGKILL)

Notes.put = put_and_die
main(sys.argv[1:])
"""


def test_planning_that_was_killed_asks_nothing_twice(
    asked: Asked, sdist: Sdist, tmp_path: Path
) -> None:
    """Killed after the first answer: the hook that gave it does not run again."""
    asked("counted", "raise SystemExit('no')\n")
    sdist("slow", build=("alpha", "counted"))
    words = [
        "mass-rebuild", "plan", str(tmp_path / "run"), "--python", sys.executable,
        "--find-links", str(tmp_path / "archives"), "--offline", "counted", "slow",
    ]  # fmt: skip
    notes = tmp_path / "run" / "planning.jsonl"
    killed = subprocess.run([sys.executable, "-c", DYING, *words], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert "counted" in notes.read_text()
    # From now on the hook would pass: what is told of it was found before the stop.
    sdist("counted")
    argv = [sys.executable, "-m", "elpython", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "counted==1.0: cannot be configured" in done.stdout
    assert "waits for it: slow==1.0" in done.stdout
    assert not notes.exists()
