"""Upstream's suite on a build: only what fails there and not on the bare base is the branch's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elpython.build.build import Build
from elpython.core.report import Reporter
from elpython.core.store import Store
from elpython.release.suite import run_modules, run_suite

if TYPE_CHECKING:
    from pathlib import Path

# Speaks as regrtest does. FAILS: modules that always fail; ONCE: those that fail in a whole run.
PROGRAM = """\
#!/bin/sh
FAILS="{fails}"; ONCE="{once}"; CODE={code}
shift 2
modules=""
for word; do case $word in -j*|--timeout|3600) ;; *) modules="$modules $word" ;; esac; done
bad=""
if [ -z "$modules" ]; then modules="test_a test_b test_c"; again=$ONCE; fi
number=0
for name in $modules; do
    number=$((number + 1))
    echo "0:00:01 load avg: 1.00 [$number/3] $name passed"
    case " $FAILS $again " in *" $name "*) bad="$bad $name" ;; esac
done
if [ -n "$bad" ]; then
    echo; set -- $bad; echo "$# test$([ $# = 1 ] || echo s) failed:"; echo "    $*"; exit 2
fi
exit $CODE
"""


def make_build(folder: Path, fails: str = "", once: str = "", code: int = 0) -> Build:
    folder.mkdir()
    python = folder / "python3.11"
    python.write_text(PROGRAM.format(fails=fails, once=once, code=code))
    python.chmod(0o755)
    return Build(
        folder=folder, key=folder.name, branch="3.11", version="3.11.2.27.01.0",
        variant="elpython", tree="0" * 40, profile="release", prefix=folder, root=folder,
        python=python, seconds={}, compiler="gcc", objects=1, modules=1, files=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("mine", "base", "broken", "base_fails"),
    [
        ({}, {}, (), ()),
        ({"once": "test_b"}, {}, (), ()),
        ({"fails": "test_b"}, {}, ("test_b",), ()),
        ({"fails": "test_a test_b"}, {"fails": "test_a"}, ("test_b",), ("test_a",)),
        ({"fails": "test_a"}, {"fails": "test_a test_b"}, (), ("test_a",)),
        ({"code": 4}, {}, ("(the run as a whole: exit code 4)",), ()),
    ],
)
def test_what_fails_is_told_apart(
    tmp_path: Path,
    mine: dict[str, str],
    base: dict[str, str],
    broken: tuple[str, ...],
    base_fails: tuple[str, ...],
) -> None:
    store = Store(tmp_path / "store")
    made = make_build(tmp_path / "mine", **mine)
    found = run_suite(store, made, base=lambda: make_build(tmp_path / "base", **base))
    assert (found.modules, found.broken, found.base_fails) == (3, broken, base_fails)
    assert found.log.is_file()
    # A good outcome is kept, a bad one is asked for again.
    assert bool(list((tmp_path / "store" / "suites").iterdir())) == (not broken)


def test_a_good_outcome_is_not_asked_for_twice(tmp_path: Path) -> None:
    store, made = Store(tmp_path / "store"), make_build(tmp_path / "mine")
    first = run_suite(store, made, base=lambda: made)
    made.python.write_text("#!/bin/sh\nexit 9\n")
    assert run_suite(store, made, base=lambda: made) == first


def test_progress_is_told(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    made = make_build(tmp_path / "mine")
    ran = run_modules(
        made.python,
        (),
        log=tmp_path / "log",
        reporter=Reporter(progress=lambda *words: seen.append(words)),
    )
    assert ran == (3, [])
    assert seen[-1] == ("test modules", 3, 3)


SLOW = """\
#!/bin/sh
shift 2
echo "0:00:01 load avg: 29.00 [1/1/1] test_spin worker non-zero exit code (Exit code -24 (SIGXCPU))"
echo; echo "1 test failed:"; echo "    test_spin"; exit 2
"""


def test_the_reason_is_told_and_it_ran_twice(tmp_path: Path) -> None:
    made = make_build(tmp_path / "mine")
    made.python.write_text(SLOW + "")
    found = run_suite(Store(tmp_path / "store"), made, base=lambda: make_build(tmp_path / "base"))
    assert found.broken == ("test_spin",)
    assert found.reasons == {"test_spin": "stopped after 1800 s of CPU time"}


def test_limits_count_what_is_computed_and_not_how_long_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real process: it may sleep longer than the limit, and not compute longer."""
    from elpython.release import suite

    monkeypatch.setattr(suite, "_CPU_SECONDS", 1)
    python = tmp_path / "python"
    for work, good in (("sleep 2", True), ("while :; do :; done", False)):
        python.write_text(f"#!/bin/sh\n{work}\n")
        python.chmod(0o755)
        _, failed = run_modules(python, ("test_a",), log=tmp_path / f"log-{good}")
        assert (failed == []) == good
