"""The environment's report for programs and people: data, JUnit XML, one HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET  # only written, never read

from elpython.contract.report import as_data as contract_data

if TYPE_CHECKING:
    from elpython.contract.environment.check import EnvironmentReport
    from elpython.contract.environment.model import Decision, Trial

__all__ = ["as_data", "html", "junit"]


def as_data(report: EnvironmentReport) -> dict[str, Any]:
    """Return the report as data (`docs/reference/schemas/contract-environment.schema.json`)."""
    return {
        "answer": report.answer,
        "broken": bool(report.broken),
        "packages": report.packages,
        "sandboxed": report.sandboxed,
        "seconds": {name: round(value, 3) for name, value in report.seconds.items()},
        "needs": [
            {
                "place": item.place,
                "packages": len(item.packages),
                "symbols": len({s for p in item.packages for s in p.symbols}),
                "names": len({n for p in item.packages for n in p.names}),
                "private": len({n for p in item.packages for n in p.private}),
            }
            for item in report.needs
        ],
        "broken_packages": report.broken,
        "reached_packages": report.reached,
        "unshown_packages": report.unshown,
        "unshown_commands": report.unshown_commands,
        "decisions": [_decision(item) for item in report.decisions],
        "trials": [_trial(item) for item in report.trials],
        "contract": contract_data(report.contract),
    }


def _decision(item: Decision) -> dict[str, Any]:
    return {
        "promise": item.promise,
        "declaration": item.difference.declaration,
        "state": item.state,
        "what": item.difference.what,
        "breaks": item.difference.breaks,
        "users": list(item.users),
        "possible": list(item.possible),
    }


def _trial(item: Trial) -> dict[str, Any]:
    return {
        "package": item.package,
        "what": item.what,
        "state": item.state,
        "base": item.base,
        "candidate": item.candidate,
    }


def junit(report: EnvironmentReport) -> str:
    """Return the report as JUnit XML: a suite a package, a case for each thing that was tried."""
    root = ET.Element("testsuites", name=report.answer)
    suites: dict[str, list[Trial]] = {}
    for trial in report.trials:
        suites.setdefault(trial.package or "commands", []).append(trial)
    for name in report.broken:
        suites.setdefault(name or "commands", [])
    for name, trials in sorted(suites.items()):
        reasons = report.broken.get("" if name == "commands" else name, [])
        used = [text for text in reasons if text.startswith("uses ")]
        failures = sum(trial.state == "broken" for trial in trials) + len(used)
        suite = ET.SubElement(
            root, "testsuite", name=name, tests=str(len(trials) + len(used)),
            failures=str(failures), errors="0",
            skipped=str(sum(trial.state == "fails" for trial in trials)),
        )  # fmt: skip
        for trial in trials:
            case = ET.SubElement(suite, "testcase", name=_clean(trial.what), classname=name)
            if trial.state == "broken":
                failure = ET.SubElement(case, "failure", message=_clean(trial.candidate[:200]))
                failure.text = _clean(f"base: {trial.base}\ncandidate: {trial.candidate}")
            elif trial.state == "fails":
                ET.SubElement(case, "skipped", message=_clean(f"fails on both: {trial.base[:200]}"))
        for text in used:
            case = ET.SubElement(suite, "testcase", name=_clean(text), classname=name)
            ET.SubElement(case, "failure", message=_clean(text))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _clean(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff"))


def html(report: EnvironmentReport) -> str:
    """Return the report as one self-contained HTML page."""
    from elpython.core.html import environment

    template = environment("elpython.contract").get_template("environment.html.j2")
    reaching = [item for item in report.decisions if item.users or item.possible]
    return template.render(
        report=report,
        reaching=reaching,
        unreaching=len(report.decisions) - len(reaching),
        telling=[trial for trial in report.trials if trial.state not in {"same", "fails"}],
        same=sum(trial.state == "same" for trial in report.trials),
        failing=sum(trial.state == "fails" for trial in report.trials),
    )
