"""``minpython scan``: read command line and ``minpython.cfg``, scan, tell, set the exit code."""

from __future__ import annotations

import argparse
import configparser
import difflib
import json
import os
import sys
from typing import Any

from minpython.errors import ConfigError
from minpython.scan import baseline, files, fix_command, fix_output, output
from minpython.scan.finding import GUARDED, HIGH, LOW, Version, Window, version
from minpython.scan.fixing import Passed
from minpython.scan.remedy import Remedies

CONFIG = "minpython.cfg"
SECTION = "scan"
KEYS = ("exclude", "target_version", "min_version", "baseline", "fail_on", "guarded")
OLDEST = (3, 6)
NEWEST = (3, 15)
_FAILING = {"high": (HIGH,), "low": (HIGH, LOW), "never": ()}


def main(argv: list[str]) -> int:
    """Scan; return 0 when nothing was found that counts, else 1.

    Raises:
        ConfigError: an option, a path, ``minpython.cfg`` or a baseline file is wrong.
    """
    options = _parser().parse_args(argv)
    settings = _settings(options)
    window = Window(
        _version(settings["min_version"], "min_version"),
        _version(settings["target_version"], "target_version"),
    )
    if settings["fail_on"] not in _FAILING:
        raise ConfigError(f"fail_on is high, low or never, not {settings['fail_on']!r}")
    paths = list(dict.fromkeys(files.find(options.paths, tuple(settings["exclude"]))))
    scanned = files.scan(paths, window, options.jobs)
    if not settings["guarded"]:
        scanned.findings = [f for f in scanned.findings if f.confidence != GUARDED]
    if (options.fix or options.diff) and (options.sarif or options.write_baseline):
        raise ConfigError("--fix and --diff go with --json or with text, and write no baseline")
    if options.write_baseline:
        baseline.write(options.write_baseline, scanned.findings)
        sys.stdout.write(f"{options.write_baseline}: {len(scanned.findings)} findings accepted\n")
        return 0
    every = scanned.findings
    if settings["baseline"]:
        scanned.findings = baseline.without(settings["baseline"], scanned.findings)
    if options.fix or options.diff:
        kept = set(scanned.findings)
        accepted = frozenset(
            (each.path, each.fact.name, each.text) for each in every if each not in kept
        )
        passed = Passed(accepted, settings["guarded"], options.likely)
        return _fixed(options, scanned, paths, window, passed, settings["fail_on"])
    sys.stdout.write(_told(options, scanned, window))
    failing = _FAILING[settings["fail_on"]]
    return int(any(finding.confidence in failing for finding in scanned.findings))


def _fixed(
    options: argparse.Namespace,
    scanned: files.Scanned,
    paths: list[str],
    window: Window,
    passed: Passed,
    fail_on: str,
) -> int:
    """Fix files or show how, print what is left, and return the exit code."""
    outcome = fix_command.fix(paths, scanned, window, passed, write=options.fix)
    scanned.failures += outcome.failures
    remedies = Remedies()
    text = fix_output.as_text(scanned, outcome, remedies, wrote=options.fix)
    if options.json:
        data = fix_output.as_data(scanned, outcome, remedies, window, wrote=options.fix)
        sys.stdout.write(json.dumps(data, indent=1) + "\n")
    elif options.diff:
        fix_output.show(outcome.difference, sys.stdout)
        fix_output.show(text, sys.stderr)
    else:
        fix_output.show(text, sys.stdout)
    failing = _FAILING[fail_on]
    left = any(finding.confidence in failing for finding, _ in outcome.left)
    return int(left or bool(outcome.failures) or bool(outcome.difference))


def _told(options: argparse.Namespace, scanned: files.Scanned, window: Window) -> str:
    """Return the findings in the form that was asked for."""
    remedies = Remedies()
    if options.sarif:
        return json.dumps(output.as_sarif(scanned, remedies), indent=1) + "\n"
    if options.json:
        return json.dumps(output.as_data(scanned, remedies, window), indent=1) + "\n"
    return output.as_text(scanned, remedies, window)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="minpython scan",
        description="Find in Python source what later Pythons removed or changed.",
        epilog="Exit code 0: nothing found that counts; 1: something was; others: an error.",
    )
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help="a file, or a folder to search for Python files")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="tell the findings as JSON")
    form.add_argument("--sarif", action="store_true", help="tell the findings as SARIF 2.1.0")
    add("--target-version", metavar="X.Y", help="the Python to run on (default: this one)")
    add("--min-version", metavar="X.Y", help="the Python the code comes from (default: 3.6)")
    add("--exclude", action="append", metavar="GLOB", help="leave out files and folders")
    add("--baseline", metavar="FILE", help="leave out the findings that FILE holds")
    add("--write-baseline", metavar="FILE", help="accept all findings: write them to FILE")
    act = parser.add_mutually_exclusive_group()
    act.add_argument("--fix", action="store_true", help="write the modern form; list what is left")
    act.add_argument("--diff", action="store_true", help="show what --fix would write")
    add("--likely", action="store_true", help="fix also what has low confidence")
    add("--fail-on", choices=sorted(_FAILING), help="what sets exit code 1 (default: high)")
    add(
        "--guarded",
        action="store_const",
        const=True,
        help="tell also uses that are ready for an ImportError or ask with hasattr",
    )
    add("--config", metavar="FILE", help=f"read [{SECTION}] there (default: {CONFIG} here)")
    add("-j", "--jobs", type=int, default=os.cpu_count() or 1, help="processes to use")
    return parser


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options; what the command line leaves open, the file tells."""
    given: dict[str, Any] = {
        "exclude": [],
        "target_version": "{}.{}".format(*sys.version_info),
        "min_version": "3.6",
        "baseline": None,
        "fail_on": "high",
        "guarded": False,
    }
    given.update(_from_file(options.config))
    for key in KEYS:
        value = getattr(options, key)
        if value is not None:
            given[key] = value
    return given


def _from_file(path: str | None) -> dict[str, Any]:
    """Return what the configuration file sets.

    Raises:
        ConfigError: it is asked for and missing, can't be read, or has an unknown key.
    """
    name = path or CONFIG
    if not os.path.exists(name):
        if path:
            raise ConfigError(f"{path}: there is no such file")
        return {}
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(name, encoding="utf-8-sig")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: {error}") from None
    if not parser.has_section(SECTION):
        return {}
    found: dict[str, Any] = dict(parser.items(SECTION))
    for key in found:
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"{name}: [{SECTION}] has no key {key}{hint}")
    if "exclude" in found:
        found["exclude"] = found["exclude"].replace(",", "\n").split()
    if "guarded" in found:
        if found["guarded"] not in ("yes", "no"):
            raise ConfigError(f"{name}: guarded is yes or no, not {found['guarded']!r}")
        found["guarded"] = found["guarded"] == "yes"
    if found.get("baseline"):
        found["baseline"] = os.path.join(os.path.dirname(name), found["baseline"])
    return found


def _version(text: str, key: str) -> Version:
    """Return a version within what the table knows."""
    try:
        value = version(text)
    except ValueError:
        raise ConfigError(f"{key}: {text!r} is no version such as 3.10") from None
    if not OLDEST <= value[:2] <= NEWEST:
        raise ConfigError(f"{key}: the table knows Python 3.6 to 3.15, not {text}")
    return value
