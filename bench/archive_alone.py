"""Configure, make and test a release's archive by itself, as somebody who has nothing else.

Run `make archive-alone`, or `python -m bench.archive_alone ARCHIVE` for one that was downloaded.
Without an archive the branch's tree is written as a release writes it. It is unpacked by `tar`;
`./configure && make && make test` run without any variable of ours, outside of any checkout. What
`make test` says module by module stands in FOLDER/test.log.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import resource
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
RECORD = REPOSITORY / "docs" / "measurements" / "archive-alone.md"
_MINUTE = 60
_HEAD = """\
# From the archive alone

`make archive-alone` writes a branch's source archive as a release does, unpacks it with `tar` in a
folder of its own, and runs what its `README.elpython.rst` says: `./configure`, `make`, `make
test`. Nothing of the toolchain is used in between, and no variable of the environment but `PATH`.

"""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step, and what it took.

    Attributes:
        name: `configure`, `make` or `test`.
        code: its exit code.
        minutes: by the clock.
        processor: minutes of processor time, all children included.
    """

    name: str
    code: int
    minutes: float
    processor: float


def write_archive(branch: str, folder: Path) -> Path:
    """Write a branch's archive into a folder, as a release writes it; return its path."""
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.prepare.tree import TreeRequest, prepare
    from elpython.release.archive import make_archive

    found = load_branch(REPOSITORY / "branches", branch)
    store = Store.default()
    tree = prepare(store, TreeRequest(branches=REPOSITORY / "branches", branch=found))
    day = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    top = f"elpython-{found.version}"
    made = make_archive(store, tree.folder, tree.head, top=top, epoch=int(day.timestamp()))
    target = folder / f"{top}.tar.xz"
    target.write_bytes(made.path("tar.xz").read_bytes())
    return target


def run_step(name: str, words: list[str], source: Path, log: Path) -> Step:
    """Run a step in the unpacked source; its output goes to a file."""
    env = {"PATH": os.environ["PATH"], "HOME": str(source.parent), "LANG": "C.UTF-8"}
    began, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with log.open("w") as out:
        done = subprocess.run(
            words, cwd=source, env=env, stdout=out, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return Step(
        name=name,
        code=done.returncode,
        minutes=(time.monotonic() - began) / _MINUTE,
        processor=processor / _MINUTE,
    )


def summary(log: Path) -> list[str]:
    """Return what the test suite says at its end: what passed, failed, was not run."""
    text = log.read_text("utf-8", "replace")
    part = text[text.rfind("== Tests result") :] if "== Tests result" in text else text[-2000:]
    found = re.findall(
        r"^(\d+ tests? .*|Result: .*|    test_.*|Total duration: .*)$", part, re.MULTILINE
    )
    return [line.rstrip() for line in found]


def record(archive: str, steps: list[Step], lines: list[str], options: str) -> None:
    """Write what came of it."""
    rows = "\n".join(
        f"| {step.name} | {step.minutes:.1f} | {step.processor:.1f} | {step.code} |"
        for step in steps
    )
    told = "\n".join(f"    {line}" for line in lines)
    day = dt.datetime.now(tz=dt.UTC).date()
    RECORD.write_text(
        f"{_HEAD}{day}, `{archive}`, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f} at the "
        f'end, `make test TESTOPTS="{options}"`:\n\n'
        "| step | minutes | processor minutes | exit code |\n| --- | ---: | ---: | ---: |\n"
        f"{rows}\n\nWhat the test suite says at its end:\n\n{told}\n"
    )


def main() -> int:
    """Run the steps; the exit code is that of the first that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", nargs="?", type=Path)
    parser.add_argument("--branch", default="3.11")
    parser.add_argument("--to", type=Path, help="folder that keeps source and logs")
    parser.add_argument("--test-options", default=f"-j{os.cpu_count()}", help="for the test suite")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="archive-alone-") as scratch:
        folder = (options.to or Path(scratch)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        archive = options.archive or write_archive(options.branch, folder)
        subprocess.run(["tar", "-xf", archive.absolute(), "-C", folder], check=True)
        source = folder / archive.name.removesuffix(".tar.xz").removesuffix(".tar.gz")
        steps: list[Step] = []
        for name, words in {
            "configure": ["./configure", f"--prefix={folder / 'installed'}"],
            "make": ["make", f"-j{os.cpu_count()}"],
            "test": ["make", "test", f"TESTOPTS={options.test_options}"],
        }.items():
            steps.append(run_step(name, words, source, folder / f"{name}.log"))
            print(steps[-1], flush=True)
            if steps[-1].code:
                break
        lines = summary(folder / f"{steps[-1].name}.log")
        print("\n".join(lines))
        if options.record:
            record(archive.name, steps, lines, options.test_options)
    return steps[-1].code


if __name__ == "__main__":
    raise SystemExit(main())
