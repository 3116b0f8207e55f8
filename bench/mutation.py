"""How many faults put into the code do its tests notice: a sample of mutants, by mutmut.

`make mutation`, or `python -m bench.mutation --sample 200 --seed 3 --room define`. mutmut (extra
`mutation`) writes every mutant of the chosen rooms once, into `build/mutation`; a sample of each
room, the same for the same seed, is run against the quick tests that reach it. Texts of messages
are left alone (`do_not_mutate_patterns` in pyproject.toml): tests hold what a message names, not
each of its words. Survivors are written with their differences to `build/mutation/survivors.txt`.
Ends with 1 below the goal: of what was decided, 85 of 100 are noticed.
"""

from __future__ import annotations

import argparse
import collections
import datetime as dt
import itertools
import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOMS = {
    "version": ("src/elpython/core/version.py",),
    "define": ("src/elpython/define/*",),
    "security": ("src/elpython/security/*",),
    "release": ("src/elpython/release/*",),
}
GOAL = 0.85
REPOSITORY = Path(__file__).parents[1]
_PROJECT = "pyproject.toml"
# mutmut's exit codes of a mutant: 0 no test failed, 5 and 33 no test reaches it, 34 not run.
_SURVIVED, _UNTESTED, _NOT_RUN = {0}, {5, 33}, {None, 2, 34}


def copy_checkout(to: Path) -> Path:
    """Copy what git knows of this checkout, without history; what mutmut wrote there is kept."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, listing.split("\0")):
        source, target = REPOSITORY / name, to / name
        if source.is_file() and not source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.is_file() or target.read_bytes() != source.read_bytes():
                shutil.copy2(source, target)
    return to


def choose_rooms(tree: Path, rooms: list[str]) -> None:
    """Write into the copy's pyproject.toml what mutmut may change and what the tests read."""
    beside = [path.name for path in sorted(tree.iterdir()) if path.name not in {"src", "mutants"}]
    files = [pattern for room in rooms for pattern in ROOMS[room]]
    text = (tree / _PROJECT).read_text("utf-8")
    head, mark, rest = text.partition("[tool.mutmut]\n")
    if not mark:
        raise SystemExit(f"{tree / _PROJECT} has no table [tool.mutmut]")
    lines = f"only_mutate = {json.dumps(files)}\nalso_copy = {json.dumps(beside)}\n"
    (tree / _PROJECT).write_text(head + mark + lines + rest, "utf-8")


def mutmut(tree: Path, *arguments: str, quiet: bool = False) -> int:
    """Run mutmut in the copy; return its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=tree,
        check=False,
        capture_output=quiet,
        text=True,
    )
    if quiet and done.returncode:
        sys.stderr.write((done.stdout + done.stderr)[-3000:])
    return done.returncode


def outcomes(tree: Path) -> dict[str, dict[str, int | None]]:
    """Return mutmut's exit code of every mutant, by room."""
    found: dict[str, dict[str, int | None]] = collections.defaultdict(dict)
    for path in sorted((tree / "mutants" / "src").rglob("*.meta")):
        source = path.relative_to(tree / "mutants").with_suffix("")
        for room, patterns in ROOMS.items():
            if any(
                source.match(pattern) or pattern.rstrip("*") in f"{source}" for pattern in patterns
            ):
                found[room].update(json.loads(path.read_text("utf-8"))["exit_code_by_key"])
    return found


def write_survivors(tree: Path, names: list[str], to: Path) -> None:
    """Write each survivor's difference to a file."""
    parts = []
    for name in names:
        shown = subprocess.run(
            [sys.executable, "-m", "mutmut", "show", name],
            cwd=tree,
            check=False,
            capture_output=True,
            text=True,
        )
        parts.append(f"# {name}\n{shown.stdout}")
    to.write_text("\n".join(parts), "utf-8")


def tell(room: str, codes: dict[str, int | None], names: list[str]) -> tuple[int, int]:
    """Print one room's row; return how many were decided and how many of them noticed."""
    of = collections.Counter[str]()
    for name in names:
        code = codes.get(name)
        kind = "not run" if code in _NOT_RUN else "survived" if code in _SURVIVED else "noticed"
        of["no test" if code in _UNTESTED else kind] += 1
    decided = sum(of.values()) - of["not run"]
    share = of["noticed"] / decided if decided else 0.0
    print(
        f"| {room} | {len(codes)} | {len(names)} | {of['noticed']} | {of['survived']} |"
        f" {of['no test']} | {of['not run']} | {share:.1%} |"
    )
    return decided, of["noticed"]


def main() -> None:
    """Run the sample and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--room", action="append", choices=sorted(ROOMS), help="default: all")
    parser.add_argument("--sample", type=int, default=100, help="mutants of each room (100)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "build" / "mutation")
    asked = parser.parse_args()
    rooms, started = asked.room or list(ROOMS), time.monotonic()
    tree = copy_checkout(asked.folder / "tree")
    choose_rooms(tree, rooms)
    if (
        mutmut(tree, "run", "--max-children", "1", "no_such_mutant", quiet=True)
        and not (tree / "mutants" / "src").is_dir()
    ):
        raise SystemExit("mutmut could not write the mutants")
    chance = random.Random(asked.seed)  # noqa: S311 - a sample, no secret
    every = outcomes(tree)
    sample = {
        room: chance.sample(sorted(every[room]), min(asked.sample, len(every[room])))
        for room in rooms
    }
    mutmut(tree, "run", "--max-children", str(asked.jobs), *itertools.chain(*sample.values()))
    every = outcomes(tree)
    print(
        f"\n{dt.datetime.now(tz=dt.UTC).date()}, "
        f"{time.monotonic() - started:.0f} s, seed {asked.seed}\n"
    )
    print("| room | mutants | sample | noticed | survived | no test | not run | share |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    totals = [tell(room, every[room], sample[room]) for room in rooms]
    decided, noticed = (sum(column) for column in zip(*totals, strict=True))
    missed = [
        name
        for room in rooms
        for name in sample[room]
        if every[room].get(name) in _SURVIVED | _UNTESTED
    ]
    write_survivors(tree, missed, asked.folder / "survivors.txt")
    print(f"\n{noticed} of {decided} noticed; survivors: {asked.folder / 'survivors.txt'}")
    sys.exit(0 if decided and noticed >= GOAL * decided else 1)


if __name__ == "__main__":
    main()
