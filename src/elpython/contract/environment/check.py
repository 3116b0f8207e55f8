"""An environment's whole check: needs, differences, decisions, trials, and the answer."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.check import Rules, check
from elpython.contract.environment.collect import (
    distributions,
    needs_of,
    site_folder,
    unpack_wheels,
)
from elpython.contract.environment.decide import decide
from elpython.contract.environment.model import BadEnvironmentError
from elpython.contract.environment.prove import AFTERWARDS, clone, prove
from elpython.contract.environment.sandbox import kept_in

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from elpython.contract.environment.model import Decision, Needs, Trial
    from elpython.contract.model import ContractReport
    from elpython.contract.subject import Pair, Run

__all__ = ["PROMISES", "Asked", "EnvironmentReport", "check_environment"]

# What an environment's check asks of the contract; the others take their samples from elsewhere.
PROMISES = (
    "identity", "layout", "abi", "headers", "stable-abi", "api", "process-state", "roll-back",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What the user asks.

    Attributes:
        places: virtual environments, folders of packages, or wheels.
        commands: run on both sides.
        needs: needs of others, read from files.
        promises: of the contract.
    """

    places: tuple[Path, ...] = ()
    commands: tuple[str, ...] = ()
    needs: tuple[Needs, ...] = ()
    promises: tuple[str, ...] = PROMISES


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentReport:
    """The answer.

    Attributes:
        contract: the contract's report, over the promises asked.
        needs: what was read, own and others'.
        decisions: each difference and whom it reaches.
        trials: what was tried on both sides.
        seconds: for needs, contract, and proof.
        sandboxed: whether what was tried ran in a sandbox.
    """

    contract: ContractReport
    needs: tuple[Needs, ...]
    decisions: tuple[Decision, ...]
    trials: tuple[Trial, ...]
    seconds: dict[str, float]
    sandboxed: bool

    @property
    def packages(self) -> int:
        """How many packages were looked at."""
        return len({package.name for item in self.needs for package in item.packages})

    @property
    def broken(self) -> dict[str, list[str]]:
        """The packages that do not keep working, each with its reasons; "" stands for commands."""
        found: dict[str, list[str]] = {}
        for trial in self.trials:
            if trial.state == "broken":
                found.setdefault(trial.package, []).append(f"{trial.what}: {trial.candidate[:200]}")
        proven = {trial.package for trial in self.trials}
        for decision in self.decisions:
            for name in decision.users:
                text = f"uses {decision.promise}:{decision.difference.declaration}"
                if decision.difference.kind.value == "removed" or name not in proven:
                    found.setdefault(name, []).append(f"{text} ({decision.difference.what})")
        return found

    @property
    def reached(self) -> dict[str, list[str]]:
        """Packages that use something that differs, though all that was tried works."""
        found: dict[str, list[str]] = {}
        for decision in self.decisions:
            for name in decision.users:
                text = f"{decision.promise}:{decision.difference.declaration}"
                found.setdefault(name, []).append(text)
        return {name: texts for name, texts in found.items() if name not in self.broken}

    @property
    def unshown(self) -> dict[str, str]:
        """The packages of which all that was tried fails on both sides -> what the base says.

        Nothing shows that they keep working. The state that importing leaves behind shows nothing:
        it is there after a failure too.
        """
        tried: dict[str, list[Trial]] = {}
        for trial in self.trials:
            if trial.package and not trial.what.endswith(AFTERWARDS):
                tried.setdefault(trial.package, []).append(trial)
        return {
            name: trials[0].base
            for name, trials in tried.items()
            if name not in self.broken and not any(t.worked or t.state == "fixed" for t in trials)
        }

    @property
    def unshown_commands(self) -> dict[str, str]:
        """The commands that fail on both sides -> what the base says: they show nothing either."""
        return {
            trial.what: trial.base
            for trial in self.trials
            if not trial.package and not trial.worked and trial.state in {"fails", "differs"}
        }

    @property
    def answer(self) -> str:
        """The answer in one sentence."""
        bad, unshown = self.broken, self.unshown
        names = [name or "a command" for name in bad]
        count = self.packages - len([name for name in bad if name]) - len(unshown)
        keep = f"{count} packages keep working" if count != 1 else "1 package keeps working"
        text = f"Your {keep}"
        if bad:
            first = next(iter(bad.values()))[0]
            verb = "do" if len(bad) > 1 else "does"
            text += f"; {', '.join(names)} {verb} not: {' '.join(first.split())[:160]}"
        if unshown:
            first = next(iter(unshown.values()))
            text += (
                f"; nothing shows it of {_few(unshown)}, of which all that was tried fails on both "
                f"sides: {' '.join(first.split())[:160]}"
            )
        text += "".join(
            f"; nothing is shown by the command {command!r}, which fails on both sides: "
            f"{' '.join(said.split())[:160]}"
            for command, said in self.unshown_commands.items()
        )
        missing = [name for name in self.contract.not_checked if name in PROMISES]
        untried = "" if self.trials else "nothing was tried, needs were compared alone"
        failing = [t for t in self.trials if not t.worked and t.package not in {*bad, *unshown}]
        both = [t for t in failing if t.state in {"fails", "differs"}]
        tail = [
            *([f"{len(both)} of {len(self.trials)} trials fail on both sides"] if both else []),
            *([f"not checked: {', '.join(missing)}"] if missing else []),
            *([untried] if untried else []),
        ]
        return text + (f" ({'; '.join(tail)})" if tail else "") + "."


_MOST_NAMES = 5


def _few(names: Collection[str]) -> str:
    """Return names for a sentence: the first few, and how many more."""
    shown, more = list(names)[:_MOST_NAMES], len(names) - _MOST_NAMES
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def check_environment(pair: Pair, run: Run, rules: Rules, asked: Asked) -> EnvironmentReport:
    """Read needs, compare the two interpreters, decide, and try.

    Raises:
        BadEnvironmentError: a place that holds no packages.
    """
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="elpython-environment-") as name:
        started = time.monotonic()
        sites = _sites(asked.places, Path(name) / "wheels", pair.base.tag)
        own = [needs_of(", ".join(map(str, asked.places)), sites, run)] if sites else []
        needs = (*own, *asked.needs)
        if not needs:
            raise BadEnvironmentError(
                "there is nothing to check", todo="give --environment or --needs"
            )
        seconds["needs"] = time.monotonic() - started
        started = time.monotonic()
        report = check(pair, run, rules, asked.promises)
        decisions = decide(report.outcomes, needs)
        seconds["decide"] = time.monotonic() - started
        started = time.monotonic()
        trials: Sequence[Trial] = ()
        if sites and pair.base.recorded is None:
            clones = clone(pair, sites, Path(name) / "clones")
            items = [item for site in sites for item in distributions(site)]
            trials = prove(clones, items, own[0].packages, list(asked.commands), run)
        seconds["prove"] = time.monotonic() - started
    return EnvironmentReport(
        contract=report, needs=needs, decisions=tuple(decisions), trials=tuple(trials),
        seconds=seconds, sandboxed=kept_in(),
    )  # fmt: skip


def _sites(places: tuple[Path, ...], folder: Path, tag: str) -> list[Path]:
    wheels = [place for place in places if place.suffix == ".whl"]
    sites = [site_folder(place, tag) for place in places if place.suffix != ".whl"]
    if wheels:
        folder.mkdir(parents=True)
        sites.append(unpack_wheels(wheels, folder))
    return sites
