"""Findings that are known and accepted: kept in a file, told by their text, not their line."""

from __future__ import annotations

import json
import os
from collections import Counter

from minpython.errors import ConfigError
from minpython.scan.remedy import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minpython.scan.finding import Finding

_SCHEMA = "minpython-scan-baseline/1"


def write(path: str, findings: list[Finding]) -> None:
    """Write the findings into a baseline file.

    Raises:
        ConfigError: it can't be written.
    """
    folder = os.path.dirname(os.path.abspath(path))
    counts = Counter(_key(finding, folder) for finding in findings)
    rows = [
        {"path": key[0], "rule": key[1], "text": key[2], "count": count}
        for key, count in sorted(counts.items())
    ]
    try:
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"schema": _SCHEMA, "findings": rows}, file, indent=1)
            file.write("\n")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None


def without(path: str, findings: list[Finding]) -> list[Finding]:
    """Return the findings that a baseline file does not hold.

    Raises:
        ConfigError: it can't be read, or is no baseline file.
    """
    folder = os.path.dirname(os.path.abspath(path))
    left = _read(path)
    kept = []
    for finding in findings:
        key = _key(finding, folder)
        if left[key] > 0:
            left[key] -= 1
        else:
            kept.append(finding)
    return kept


def _read(path: str) -> Counter[tuple[str, str, str]]:
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        if data["schema"] != _SCHEMA:
            raise ConfigError(f"{path}: its schema is {data['schema']!r}, not {_SCHEMA!r}")
        return Counter(
            {(row["path"], row["rule"], row["text"]): int(row["count"]) for row in data["findings"]}
        )
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        message = f"{path}: is no baseline file; write one with --write-baseline"
        raise ConfigError(message) from None


def _key(finding: Finding, folder: str) -> tuple[str, str, str]:
    path = os.path.relpath(os.path.abspath(finding.path), folder).replace(os.sep, "/")
    return (path, rule(finding.fact), finding.text)
