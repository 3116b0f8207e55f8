"""Hostile sdists while a plan is made: what their hooks cannot do, shown by those that try."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from elpython.mass_rebuild import interpreters
from elpython.mass_rebuild.contain import bubblewrap_works, kept_in_by
from elpython.mass_rebuild.errors import ContainmentError
from elpython.mass_rebuild.guard import guarded
from elpython.mass_rebuild.model import Interpreter, Limits, RebuildPlan
from elpython.mass_rebuild.options import Options

PlanOf = Callable[..., RebuildPlan]
Sdist = Callable[..., Path]

needs_bubblewrap = pytest.mark.skipif(
    not bubblewrap_works(), reason="bubblewrap makes no sandbox on this machine"
)

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        yield listening


@pytest.mark.parametrize("contain", ["auto", "none"])
def test_a_good_hook_is_asked_and_believed(
    asked: Callable[[str, str], None], plan_of: PlanOf, contain: str
) -> None:
    asked("honest", "import sys, json, os\nassert os.path.isdir(os.path.dirname(json.__file__))\n")
    plan = plan_of("honest", contain=contain)
    assert sorted(plan.by_key()) == ["alpha==1.0", "honest==1.0"]
    assert plan.contained == ("limits only" if contain == "none" else plan.contained)


@needs_bubblewrap
@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("open('/usr/evil', 'w')", True),
        ("open('SECRET').read()", True),
        ("import socket; socket.create_connection(('127.0.0.1', PORT), 2)", True),
        ("import os; os.kill(PID, 9)", True),
        # Into a folder of its own that goes with it.
        ("open('OUTSIDE', 'w').write('x')", False),
        (
            "import subprocess as s, sys; s.run([sys.executable, '-c', 'EVIL'], check=True)",
            False,
        ),
    ],
)
def test_what_a_hook_cannot_do(
    tmp_path: Path,
    asked: Callable[[str, str], None],
    plan_of: PlanOf,
    server: socket.socket,
    code: str,
    refused: bool,  # noqa: FBT001 - a column of the table
) -> None:
    secret, outside = tmp_path / "secret", tmp_path / "evil"
    secret.write_text("s")
    with subprocess.Popen(["sleep", "60"]) as bystander:
        for name, value in {
            "PORT": server.getsockname()[1], "PID": bystander.pid,
            "SECRET": secret, "EVIL": 'open("OUTSIDE", "w")', "OUTSIDE": outside,
        }.items():  # fmt: skip
            code = code.replace(name, str(value))
        asked("hostile", f"{code}\n")
        package = plan_of("hostile").by_key()["hostile==1.0"]
        assert package.trouble == ("hook" if refused else "")
        assert bystander.poll() is None
        bystander.kill()
    assert not outside.exists()
    with pytest.raises(TimeoutError):
        server.accept()


@needs_bubblewrap
def test_outside_of_the_sandbox_the_same_hook_does_its_harm(
    tmp_path: Path, asked: Callable[[str, str], None], plan_of: PlanOf
) -> None:
    """What the test above shows is the sandbox's doing, and what `none` means."""
    asked("hostile", f"open({str(tmp_path / 'evil')!r}, 'w')\n")
    plan_of("hostile", contain="none")
    assert (tmp_path / "evil").exists()


@pytest.mark.parametrize("contain", ["auto", "none"])
@pytest.mark.parametrize(
    ("code", "limits", "said"),
    [
        ("time.sleep(60)", {"seconds": 2}, "took longer than 2 s"),
        ("x = b'x' * 400_000_000; time.sleep(20)", {"memory_mb": 200}, "memory"),
        (
            "for i in range(60): open(str(i), 'wb').write(b'0' * 4_000_000); time.sleep(0.1)",
            {"disk_mb": 40},
            "wrote more than 40 MiB",
        ),
        (
            "any(not os.fork() for _ in range(80)); time.sleep(20)",
            {"processes": 40},
            "started more than 40 processes",
        ),
    ],
)
def test_limits_stop_a_hook(
    asked: Callable[[str, str], None],
    plan_of: PlanOf,
    contain: str,
    code: str,
    limits: dict[str, float],
    said: str,
) -> None:
    asked("greedy", f"import os, time\n{code}\n")
    bounds = Limits(**({"seconds": 30} | limits))  # type: ignore[arg-type]
    plan = plan_of("greedy", contain=contain, options=Options(limits=bounds))
    assert said in plan.by_key()["greedy==1.0"].problem


@needs_bubblewrap
def test_nothing_that_a_hook_left_running_outlives_it(
    asked: Callable[[str, str], None], plan_of: PlanOf
) -> None:
    mark = f"elpython-left-{os.getpid()}"
    asked("leaver", f"import os, time\nif not os.fork():\n os.execlp('sleep', {mark!r}, '60')\n")
    plan_of("leaver")
    time.sleep(0.5)
    left = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            left += [line] * (mark.encode() in line.read_bytes())
        except OSError:
            continue
    assert left == []


def test_a_demand_for_bubblewrap_that_cannot_be_met_is_an_error(
    tmp_path: Path, own: Interpreter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("elpython.mass_rebuild.contain.bubblewrap_works", lambda: "")
    with pytest.raises(ContainmentError, match="apt-get install bubblewrap"):
        guarded(own, tmp_path / "guard", contain="bubblewrap", limits=Limits())
    assert guarded(own, tmp_path / "guard", contain="auto", limits=Limits()).name == "limits only"


def test_the_guarded_interpreter_is_the_real_one(tmp_path: Path, other: Interpreter) -> None:
    guard = guarded(other, tmp_path / "guard", contain="auto", limits=Limits())
    code = "import sys; print(sys.version_info[:2], sys.base_prefix, sys.executable)"
    done = subprocess.run([guard.python, "-c", code], check=True, capture_output=True, text=True)
    minor = int(other.short.partition(".")[2])
    assert done.stdout.split("\n")[0] == f"(3, {minor}) {other.prefix} {guard.python}"


def test_an_interpreter_that_finds_its_library_by_its_own_place(
    tmp_path: Path, own: Interpreter, asked: Callable[[str, str], None], plan_of: PlanOf
) -> None:
    """A relocatable Python: put elsewhere, it finds its library beside itself there."""
    moved = tmp_path / "moved" / "bin" / f"python{own.short}"
    moved.parent.mkdir(parents=True)
    shutil.copy(os.path.realpath(own.path), moved)
    for part in ("lib", "include"):
        (tmp_path / "moved" / part).symlink_to(Path(own.prefix) / part)
    interpreter = interpreters.ask(moved)
    assert interpreter.prefix == str(tmp_path / "moved")
    guard = guarded(interpreter, tmp_path / "guard", contain="auto", limits=Limits())
    assert guard.python.startswith(str(tmp_path / "guard"))
    assert guard.name == kept_in_by("auto")
    asked("honest", "import json\n")
    assert "honest==1.0" in plan_of("honest", interpreter=interpreter).by_key()
