"""Look for crashes: many short runs of `probes/hunt_once.py`, each a process of its own.

    python -m bench.hunt PYTHON --seconds 1200 --to FOLDER

PYTHON is best a debug build (`elpython build 3.13 --profile debug`): its assertions say more. A run
that dies of a signal or leaves a SystemError is kept in FOLDER with its seed, its log and what it
wrote; runs that take too long, or more memory than is allowed, are counted and left. Same seed,
same steps: what was found is found again.
"""

from __future__ import annotations

import argparse
import collections
import re
import resource
import shutil
import subprocess
import time
from pathlib import Path

CHILD = Path(__file__).parent / "probes" / "hunt_once.py"
_LIMIT = 3 << 30


def confined() -> None:
    """Bound the memory of a run, and write no core."""
    resource.setrlimit(resource.RLIMIT_AS, (_LIMIT, _LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def signature(text: str) -> str:
    """Return a line that two runs share that died of the same: an assertion, or the frames."""
    found = re.search(r"\S+: (\S+:\d+: .*Assertion .*failed)", text)
    if found:
        return found.group(1)[:160]
    fatal = re.search(r"Fatal Python error: .*", text)
    frames = re.findall(r'File "[^"]*", line (\d+) in (\S+)', text)[:2]
    return f"{fatal.group(0) if fatal else 'signal'} {frames}"[:160]


def once(python: str, seed: int, steps: int, folder: Path, seconds: float) -> tuple[str, str]:
    """Run one seed; return what became of it (`fine`, `slow`, `crash`) and the signature."""
    log, out = folder / f"{seed}.log", folder / f"{seed}.out"
    command = [python, "-X", "faulthandler", str(CHILD), str(seed), str(steps), str(log)]
    with out.open("wb") as file:
        try:
            code = subprocess.run(
                command, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                timeout=seconds, preexec_fn=confined, check=False, cwd=folder,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            code = None
    text = out.read_text(errors="replace")
    if code is not None and (code < 0 or "returned NULL without" in text):
        return "crash", signature(text)
    log.unlink(missing_ok=True)
    out.unlink()
    return ("slow" if code is None else "fine"), ""


def main() -> int:
    """Hunt; exit code 1 when something crashed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python")
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=1200)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--steps", type=int, default=60)
    asked = parser.parse_args()
    # Runs have a working directory of their own.
    python = shutil.which(asked.python)
    if python is None:
        parser.error(f"{asked.python}: no such program")
    python = str(Path(python).absolute())
    asked.to.mkdir(parents=True, exist_ok=True)
    counts: collections.Counter[str] = collections.Counter()
    found: dict[str, list[int]] = {}
    end, seed = time.monotonic() + asked.seconds, asked.first
    while time.monotonic() < end:
        what, why = once(python, seed, asked.steps, asked.to.resolve(), 10)
        counts[what] += 1
        if why:
            found.setdefault(why, []).append(seed)
            print(f"seed {seed}: {why}", flush=True)
        seed += 1
    print(f"seeds {asked.first} to {seed - 1}: {dict(counts)}")
    for why, seeds in found.items():
        print(f"{len(seeds)} x {why}: seeds {seeds[:5]}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
