"""Wheels: the same tags in the same order, and pip installs what it installs for the base."""

from __future__ import annotations

import importlib.util
import tempfile
import tomllib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.compare import added, changed, removed, tables
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.pip import NoPipError, Wheel, bundled_pip, pip, write_wheel
from elpython.contract.probe import ask
from elpython.contract.subject import observe

if TYPE_CHECKING:
    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_DATA = Path(__file__).parents[1] / "data" / "wheels.toml"


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Compare tags, the choices among wheels made here, and those among the index's."""
    old, new = (observe(run, side, "tags", partial(_tags, side)) for side in pair.both())
    if pair.base.recorded is not None:
        # Which platform tags there are is the C library's matter, which is this machine's.
        old, new = (list(dict.fromkeys(tag.rpartition("-")[0] for tag in one))
                    for one in (old, new))  # fmt: skip
        return PromiseFindings(checked=len(old), differences=tuple(_order(old, new)), partial=True)
    found = _order(old, new)
    checked, gaps = len(old), []
    try:
        with tempfile.TemporaryDirectory(prefix="elpython-wheels-") as name:
            count, differences = _local(pair, old, Path(name))
            checked, found = checked + count, found + differences
            if run.network:
                count, differences, reason = _index(pair, Path(name))
                checked, found = checked + count, found + differences
                gaps += [reason] if reason else []
            else:
                gaps.append("what pip takes from the index: the network is not to be used")
    except NoPipError as error:
        gaps.append(f"what pip installs: {error.what}; {error.todo}")
    return PromiseFindings(checked=checked, differences=tuple(found), gaps=tuple(gaps))


def _tags(subject: Subject) -> list[str]:
    spec = importlib.util.find_spec("packaging")
    path = [str(Path(spec.origin).parents[1])] if spec and spec.origin else []
    wheel = bundled_pip(subject)
    given = ask(subject.python, "tags", {"path": [*path, *([str(wheel)] if wheel else [])]})
    return [str(tag) for tag in given]


def _order(old: list[str], new: list[str]) -> list[Difference]:
    before, after = set(old), set(new)
    found = [removed(f"tag.{tag}", "wheels with this tag are refused now") for tag in old
             if tag not in after]  # fmt: skip
    found += [added(f"tag.{tag}", "wheels with this tag are taken now", harmless=False)
              for tag in new if tag not in before]  # fmt: skip
    if not found and old != new:
        at = next(i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b)
        what = f"the order changed from place {at + 1} on: another wheel may be chosen"
        found.append(changed("tag_order", what, old[at : at + 5], new[at : at + 5]))
    return found


def _local(pair: Pair, tags: list[str], folder: Path) -> tuple[int, list[Difference]]:
    """Offer the same wheels to both pips and compare what each one chose."""
    offered = folder / "offered"
    for wheel in _offers(pair.base, tags):
        write_wheel(wheel, offered)
    chosen = []
    for subject in pair.both():
        target = folder / f"target-{subject.role}"
        words: list[str | Path] = [
            "install",
            "--no-index",
            "--no-cache-dir",
            "--find-links",
            offered,
        ]
        done = pip(subject, *words, "--target", target, "elsample")
        files = sorted(target.glob("*/chosen.txt"))
        table = {f"pip.{file.parent.name}": file.read_text("ascii") for file in files}
        table["pip.exit_code"] = str(done.returncode)
        chosen.append(table)
    return len(chosen[0]), tables(chosen[0], chosen[1], "pip's choice", harmless=False)


def _offers(base: Subject, tags: list[str]) -> list[Wheel]:
    """Wheels among which the tags' order and the markers decide."""
    platform = [tag for tag in tags if not tag.endswith("-any")]
    limited = [tag for tag in platform if "-abi3-" in tag]
    wanted = [platform[0], platform[-1], *limited[:1], "py3-none-any", "cp299-cp299-linux_none"]
    full = base.facts["markers"]["python_full_version"]
    requires = (
        f'elsample_upto; python_full_version <= "{full}"',
        f'elsample_after; python_full_version > "{full}"',
        'elsample_here; implementation_name == "cpython"',
    )
    offers = []
    for tag in dict.fromkeys(wanted):
        files = {"elsample/chosen.txt": tag.encode()}
        offers.append(Wheel(name="elsample", version="1", tag=tag, files=files, requires=requires))
    for name in ("elsample_upto", "elsample_after", "elsample_here"):
        files = {f"{name}/chosen.txt": b"taken"}
        offers.append(Wheel(name=name, version="1", tag="py3-none-any", files=files))
    return offers


def _index(pair: Pair, folder: Path) -> tuple[int, list[Difference], str]:
    """Ask both pips for the same projects on the index and compare the file names."""
    names = tomllib.loads(_DATA.read_text("utf-8"))["resolved"]
    taken = []
    for subject in pair.both():
        target = folder / f"index-{subject.role}"
        words = ["download", "-q", "--no-deps", "--only-binary", ":all:", "--prefer-binary"]
        done = pip(subject, *words, "--retries", "1", "--timeout", "15", "-d", target, *names)
        if done.returncode != 0 and subject.role == "base":
            last = (done.stderr.strip().splitlines() or ["no word"])[-1]
            return 0, [], f"what pip takes from the index: the base's pip says: {last[:200]}"
        files = sorted(file.name for file in target.glob("*.whl"))
        taken.append({f"index.{file.split('-', 1)[0]}": file for file in files})
    return len(taken[0]), tables(taken[0], taken[1], "pip's choice", harmless=False), ""
