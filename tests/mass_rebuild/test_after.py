"""What is written for others: reports for a tracker, and scripts for Koji and COPR."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from elpython.mass_rebuild import plan as plans
from elpython.mass_rebuild import work
from elpython.mass_rebuild.errors import BadInputError
from elpython.mass_rebuild.model import Edge, Interpreter, Package, RebuildPlan
from elpython.mass_rebuild.submit import script
from elpython.mass_rebuild.tickets import write_tickets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elpython.core.store import Store

PYTHON = Interpreter(path="/usr/bin/python3.13", version="3.13.0", soabi="", prefix="/usr")


def test_a_ticket_says_what_a_maintainer_has_to_know(
    tmp_path: Path, sdist: Callable[..., Path], plan_of: Callable[..., RebuildPlan], store: Store
) -> None:
    sdist("bad", during="import imp_that_is_nowhere\n")
    sdist("waits", build=("bad",))
    sdist("fine")
    folder = tmp_path / "run"
    plans.save(plan_of("waits", "fine"), folder / "plan.json")
    work.run(folder, work.WorkOptions(store=store))
    [path] = write_tickets(folder, tmp_path / "tickets", "https://logs.example/")
    text = path.read_text()
    assert path.name == "bad-1.0.txt"
    title, blank, *body = text.splitlines()
    assert title.startswith("bad: fails to build from source for Python ")
    assert title.endswith(": missing build requirement")
    assert blank == ""
    assert "Waits for it: waits==1.0" in body
    assert "It was not tried on the old Python." in body
    assert any("No module named 'imp_that_is_nowhere'" in line for line in body)
    assert any(line.startswith("Whole log: https://logs.example/0") for line in body)


def rpm_plan() -> RebuildPlan:
    names = {"low": "1.0-1", "mid": "2:1.5-1", "top": "1.0-2", "lost": "1-1"}
    packages = tuple(
        Package(
            name=f"python-{name}",
            version=version,
            requested=True,
            problem="needs nowhere" if name == "lost" else "",
        )
        for name, version in names.items()
    )
    key = {package.name.removeprefix("python-"): package.key for package in packages}
    edges = (
        Edge(source=key["mid"], target=key["low"]),
        Edge(source=key["top"], target=key["mid"]),
    )
    return plans.finish(
        RebuildPlan(backend="rpm", title="t", interpreter=PYTHON, packages=packages, edges=edges),
        {},
    )


@pytest.mark.parametrize("system", ["koji", "copr"])
def test_a_script_builds_in_order_and_is_a_shell_script(tmp_path: Path, system: str) -> None:
    """The script runs with programs of the test's own in the place of Koji's and COPR's."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("koji", "copr-cli"):
        program = tools / name
        program.write_text(
            f'#!/bin/sh\necho "$0 $*" >> {tmp_path}/said\necho "Created builds: $$"\n'
        )
        program.chmod(0o755)
    text = script(rpm_plan(), system, "f44-python 1", "/srv")
    assert "# left out: python-lost==1-1: needs nowhere" in text
    (tmp_path / "script").write_text(text)
    env = {"PATH": f"{tools}:/usr/bin:/bin"}
    subprocess.run(["/bin/sh", "-eu", tmp_path / "script"], check=True, env=env, timeout=30)
    said = (tmp_path / "said").read_text().splitlines()
    built = [line.rpartition("/")[2] for line in said if ".src.rpm" in line]
    assert built == [f"python-{name}.src.rpm" for name in ("low-1.0-1", "mid-1.5-1", "top-1.0-2")]
    assert all("f44-python 1" in line for line in said)
    if system == "koji":
        assert "wait-repo f44-python 1 --build=python-low-1.0-1" in said[1]
    else:
        assert "--after-build-id" in said[1]


def test_wheels_are_not_for_these_systems() -> None:
    plan = RebuildPlan(backend="wheel", title="w", interpreter=PYTHON, packages=(), edges=())
    with pytest.raises(BadInputError, match="plan of wheels"):
        script(plan, "koji", "t", ".")
