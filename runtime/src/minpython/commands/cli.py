"""The command ``minpython``, and ``python -m minpython``."""

from __future__ import annotations

import sys

from minpython import __version__
from minpython.errors import ConfigError, MinpythonError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

USAGE = """\
Run old Python code on a new Python.

  minpython [--min-version VERSION] script.py | -m module | -c code  [arguments]
      run a program; VERSION is 3.8, 3.8:oldlib,otherlib or 3.8,-distutils,+imp
  minpython report [--json FILE] [--min-version VERSION] script.py | -m module | -c code
      run it and tell which restored behaviours it used, by file and line
  minpython report --merge [--json FILE] FILE...
      add up the reports that runs wrote (PYTHONMINVERSION_REPORT=FILE)
  minpython scan PATH...
      find in source what later Pythons removed; `minpython scan --help`
  minpython doctor [--json] [--all] [--min-version VERSION] [--package NAME]
      tell what can't be restored here, and why
  minpython explain [--json] [NAME...]
      tell about behaviours; without a name, list them all
  minpython compile [--min-version VERSION] PATH...
      fill the cache of translated modules, as compileall does for ordinary ones
  minpython try --min VERSION [--json] script.py | -m module | -c code
      run it without and with an older version, and tell what it takes
  minpython --help | --version
"""


def main(argv: list[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    given = sys.argv[1:] if argv is None else argv
    commands: dict[str, Callable[[list[str]], int]] = {
        "compile": _compile,
        "doctor": _doctor,
        "explain": _explain,
        "report": _report,
        "scan": _scan,
        "try": _try,
    }
    try:
        if not given or given[0] in ("-h", "--help"):
            sys.stdout.write(USAGE)
            return 0 if given else 2
        if given[0] == "--version":
            sys.stdout.write(f"minpython {__version__}\n")
            return 0
        command = commands.get(given[0])
        if command is None:
            return _run(given)
        if given[1:2] in (["-h"], ["--help"]) and given[0] != "scan":
            sys.stdout.write(USAGE)
            return 0
        return command(given[1:])
    except MinpythonError as error:
        sys.stderr.write(f"minpython: {error}\n")
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def _option(argv: list[str], name: str, *, value: bool) -> tuple[str | None, list[str]]:
    """Take the option ``name`` off the front part of ``argv``, before any program."""
    rest: list[str] = []
    found = None
    at = 0
    while at < len(argv) and argv[at].startswith("--"):
        if argv[at] == name and not value:
            found = name
        elif argv[at] == name:
            if at + 1 == len(argv):
                raise ConfigError(f"nothing stands after {name}")
            found = argv[at + 1]
            at += 1
        elif value and argv[at].startswith(name + "="):
            found = argv[at][len(name) + 1 :]
        else:
            rest.append(argv[at])
            if argv[at] in _WITH_VALUE and at + 1 < len(argv):
                at += 1
                rest.append(argv[at])
        at += 1
    return found, rest + argv[at:]


_WITH_VALUE = ("--min", "--min-version", "--json", "--package")


def _no_more_options(argv: list[str], known: str) -> None:
    if argv and argv[0].startswith("--"):
        import difflib

        near = difflib.get_close_matches(argv[0], known.split(), 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ConfigError(f"there is no option {argv[0]}{hint}")


def _run(argv: list[str]) -> int:
    from minpython.commands import runner

    version, rest = _option(argv, "--min-version", value=True)
    _no_more_options(rest, "--min-version --help --version")
    runner.ask(version, rest[0] if rest and rest[0] not in ("-m", "-c") else None)
    return runner.run(rest)


def _report(argv: list[str]) -> int:
    from minpython.commands import report

    target, rest = _option(argv, "--json", value=True)
    merge, rest = _option(rest, "--merge", value=False)
    if merge:
        content = report.merged(rest)
        if target is None:
            sys.stdout.write(report.as_text(content))
        else:
            _write_json(target, content)
        return 0
    report.begin(target or report.PRINT)
    return _run(rest)


def _try(argv: list[str]) -> int:
    from minpython.commands import trial

    json, rest = _option(argv, "--json", value=False)
    version, rest = _option(rest, "--min", value=True)
    _no_more_options(rest, "--min --json")
    if version is None:
        raise ConfigError("say which version to try: --min 3.8")
    told = trial.tried(version, rest)
    if json:
        _write_json("-", told)
    else:
        sys.stdout.write(trial.as_text(told))
    return 1 if told["asked"]["exit_code"] else 0


def _write_json(target: str, content: Any) -> None:
    import json

    text = json.dumps(content, indent=1) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        with open(target, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{target}: {error.strerror}") from None


def _scan(argv: list[str]) -> int:
    from minpython.scan import main as scan

    try:
        return scan(argv)
    except KeyboardInterrupt:
        sys.stderr.write("minpython scan: interrupted\n")
        return 130


def _doctor(argv: list[str]) -> int:
    from minpython import versions
    from minpython.commands import explain

    json, rest = _option(argv, "--json", value=False)
    everything, rest = _option(rest, "--all", value=False)
    version, rest = _option(rest, "--min-version", value=True)
    package, rest = _option(rest, "--package", value=True)
    _no_more_options(rest, "--json --all --min-version --package")
    if rest:
        raise ConfigError(f"doctor takes no {rest[0]!r}")
    try:
        wanted = versions.checked(versions.parse(version)) if version else _version_in_force()
    except ValueError as error:
        raise ConfigError(str(error)) from None
    findings = explain.diagnose(wanted, [package] if package else [])
    if everything:
        findings += explain.not_restored(wanted)
    if json:
        data = {
            "schema": "minpython-doctor/1",
            "python": versions.text(versions.running()),
            "min_version": versions.text(wanted),
            "findings": findings,
        }
        _write_json("-", data)
        return 0
    here, then = versions.text(versions.running()), versions.text(wanted)
    sys.stdout.write(f"Python {here} acting as {then}: {len(findings)} findings\n")
    for finding in findings:
        sys.stdout.write(f"  {finding['name']}: {finding['state']}: {finding['reason']}\n")
    return 0


def _version_in_force() -> tuple[int, int, int]:
    from minpython import versions
    from minpython.engine import state

    return state.requests.version or versions.OLDEST


def _explain(argv: list[str]) -> int:
    from minpython import table, versions
    from minpython.commands import explain

    json, names = _option(argv, "--json", value=False)
    _no_more_options(names, "--json")
    try:
        entries = [explain.entry(name) for name in names]
    except ValueError as error:
        raise ConfigError(str(error)) from None
    if json:
        data = [explain.facts(entry) for entry in entries or table.load()]
        _write_json("-", {"schema": "minpython-explain/1", "behaviours": data})
    elif entries:
        sys.stdout.write("\n".join(explain.as_text(entry) for entry in entries))
    else:
        for entry in table.load():
            sys.stdout.write(f"{entry.name}  ({versions.text(entry.changed_in)})  {entry.what}\n")
    return 0


def _compile(argv: list[str]) -> int:
    from minpython.commands import precompile

    version, rest = _option(argv, "--min-version", value=True)
    _no_more_options(rest, "--min-version")
    if not rest:
        raise ConfigError("name the files and folders to compile")
    done = precompile.fill(rest, version)
    for path, message in done.failed:
        sys.stderr.write(f"{path}: {message}\n")
    sys.stdout.write(f"{done.translated} translated, {done.ordinary} need no translation\n")
    return 1 if done.failed else 0
