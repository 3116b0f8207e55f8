"""How long the contract takes, promise by promise, and from the store.

`python -m bench.contract --base 3.11@base --candidate 3.11` looks anew at every promise but
`behaviour` and `speed`, then asks the store, and prints seconds. Goals on two cores: all of them
within 240 s, `abi` within 20 s, an unchanged pair within 1 s.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from typing import Any

LEFT_OUT = "behaviour,speed"
GOALS = {"all promises": 240.0, "abi alone": 20.0, "unchanged pair": 1.0}


def check(base: str, candidate: str, *words: str) -> tuple[dict[str, Any], float]:
    """Run the command once; return its answer and the wall time in seconds."""
    argv = [sys.executable, "-m", "elpython", "contract", "check", "--base", base]
    started = time.perf_counter()
    done = subprocess.run(
        [*argv, "--candidate", candidate, *words, "--json"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if not done.stdout:
        raise SystemExit(done.returncode)
    return json.loads(done.stdout), seconds


def main() -> None:
    """Print a row a promise, then the goals."""
    parser = argparse.ArgumentParser(prog="python -m bench.contract")
    parser.add_argument("--base", default="3.11@base")
    parser.add_argument("--candidate", default="3.11")
    chosen = parser.parse_args()
    pair = (chosen.base, chosen.candidate)
    check(*pair, "--only", "identity")  # builds, where there is no build yet
    whole, seconds = check(*pair, "--skip", LEFT_OUT, "--fresh")
    print(f"{whole['candidate']} against {whole['base']}, {os.cpu_count()} cores, load"
          f" {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    print(f"{'promise':12} {'verdict':12} {'compared':>8} {'seconds':>8}")
    for item in whole["promises"]:
        print(f"{item['promise']:12} {item['verdict']:12} {item['checked']:8}"
              f" {item['seconds']:8.1f}")  # fmt: skip
    _, abi = check(*pair, "--only", "abi", "--fresh")
    _, again = check(*pair, "--skip", LEFT_OUT)
    taken = {"all promises": seconds, "abi alone": abi, "unchanged pair": again}
    print()
    for name, value in taken.items():
        print(f"{name:16} {value:7.2f} s  goal {GOALS[name]:g} s")


if __name__ == "__main__":
    main()
