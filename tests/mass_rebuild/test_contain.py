"""Hostile programs: what the sandbox and the watchdog stop, each shown stopping it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from elpython.mass_rebuild.contain import Sandbox, bubblewrap_works, sandbox_for
from elpython.mass_rebuild.errors import ContainmentError
from elpython.mass_rebuild.model import Interpreter, Limits

needs_bubblewrap = pytest.mark.skipif(
    not bubblewrap_works(), reason="bubblewrap makes no sandbox on this machine"
)


def box_of(root: Path, own: Interpreter, contain: str = "auto", **limits: float) -> Sandbox:
    base = Path(sys.executable).resolve().parent.parent
    return sandbox_for(
        root,
        contain=contain,
        limits=Limits(**({"seconds": 20} | limits)),  # type: ignore[arg-type]
        readable=[Path(own.prefix), base, Path(sys.prefix)],
    )


def run(box: Sandbox, code: str) -> tuple[str, str]:
    ended = box.run([os.path.realpath(sys.executable), "-I", "-c", code])
    return ended.reason, box.log.read_text()


@needs_bubblewrap
@pytest.mark.parametrize(
    "code",
    [
        "open('/usr/evil', 'w')",
        "open('/etc/evil', 'w')",
        "import socket; socket.create_connection(('127.0.0.1', PORT), 2)",
        "import os; os.kill(PID, 9)",
        "open(SECRET).read()",
        "open('/tmp/big', 'wb').write(b'0' * 200_000_000)",
    ],
)
def test_what_a_sandboxed_build_cannot_do(tmp_path: Path, own: Interpreter, code: str) -> None:
    import socket
    import subprocess

    secret = tmp_path / "secret"
    secret.write_text("s")
    with (
        subprocess.Popen(["sleep", "30"]) as bystander,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        filled = code.replace("PORT", str(server.getsockname()[1]))
        filled = filled.replace("PID", str(bystander.pid)).replace("SECRET", repr(str(secret)))
        reason, log = run(box_of(tmp_path / "box", own, disk_mb=100), filled)
        alive = bystander.poll() is None
        bystander.kill()
    assert reason == "exit", log
    assert alive


@pytest.mark.parametrize("contain", ["auto", "none"])
@pytest.mark.parametrize(
    ("code", "limits", "reason"),
    [
        ("import time; time.sleep(60)", {"seconds": 1}, "timeout"),
        ("x = b'x' * 300_000_000; import time; time.sleep(20)", {"memory_mb": 100}, "memory"),
        (
            (
                "import time\nfor i in range(40):\n open('f%d' % i, 'wb').write(b'0' * 4_000_000)\n"
                " time.sleep(0.1)"
            ),
            {"disk_mb": 20},
            "disk",
        ),
        (
            (
                "import os, time\nfor _ in range(60):\n if not os.fork():\n  time.sleep(9); break\n"
                "time.sleep(20)"
            ),
            {"processes": 30},
            "processes",
        ),
    ],
)
def test_limits_stop_a_build(
    tmp_path: Path,
    own: Interpreter,
    contain: str,
    code: str,
    limits: dict[str, float],
    reason: str,
) -> None:
    started = time.monotonic()
    assert run(box_of(tmp_path / "box", own, contain, **limits), code)[0] == reason
    assert time.monotonic() - started < 60


def test_nothing_outlives_its_build(tmp_path: Path, own: Interpreter) -> None:
    code = "import os, time\nif not os.fork():\n time.sleep(2); open('late', 'w')\n"
    assert run(box_of(tmp_path / "box", own), code)[0] == ""
    time.sleep(3)
    assert not (tmp_path / "box" / "late").exists()


def test_a_good_program_ends_well_and_its_folder_is_its_own(
    tmp_path: Path, own: Interpreter
) -> None:
    box = box_of(tmp_path / "box", own)
    reason, log = run(box, "import os; open('made', 'w').write(os.environ['HOME']); print('hi')")
    assert (reason, log) == ("", "hi\n")
    assert (tmp_path / "box" / "made").read_text() == f"{box.inner}/home"


def test_the_callers_environment_does_not_leak(
    tmp_path: Path, own: Interpreter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hidden")
    for contain in ("auto", "none"):
        box = box_of(tmp_path / contain, own, contain)
        assert run(box, "import os; assert 'SECRET_TOKEN' not in os.environ")[0] == ""


def test_demanded_containment_that_is_not_there_is_an_error(
    tmp_path: Path, own: Interpreter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("elpython.mass_rebuild.contain.bubblewrap_works", lambda: "")
    with pytest.raises(ContainmentError, match="apt-get install bubblewrap"):
        box_of(tmp_path / "box", own, "bubblewrap")
    assert box_of(tmp_path / "box", own, "auto").name == "limits only"
