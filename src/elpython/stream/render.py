"""Findings for machines: SARIF 2.1.0 and the annotation lines of GitHub's runners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elpython.core.toolchain import VERSION
from elpython.stream.findings import rule_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.stream.findings import StreamFinding

__all__ = ["annotation_lines", "sarif"]

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_COMMAND = {"error": "error", "warning": "warning", "note": "notice"}


def sarif(findings: Sequence[StreamFinding]) -> dict[str, Any]:
    """Return a SARIF log of one run (OASIS SARIF 2.1.0) as a value for JSON."""
    rules = sorted({item.rule for item in findings})
    table = rule_table()
    driver = {
        "name": "elpython stream check",
        "version": VERSION,
        "rules": [
            {
                "id": rule,
                "shortDescription": {"text": table[rule].title},
                "help": {"text": table[rule].help},
                "defaultConfiguration": {"level": table[rule].level},
            }
            for rule in rules
        ],
    }
    results = [_result(item, rules.index(item.rule)) for item in findings]
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(item: StreamFinding, index: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "ruleId": item.rule,
        "ruleIndex": index,
        "level": item.level,
        "message": {"text": _message(item)},
    }
    if item.path:
        place: dict[str, Any] = {"artifactLocation": {"uri": _uri(item.path)}}
        if item.line:
            place["region"] = {"startLine": item.line}
        made["locations"] = [{"physicalLocation": place}]
    if item.commit:
        made["properties"] = {"commit": item.commit, "summary": item.summary}
    return made


def _message(item: StreamFinding) -> str:
    return f"{item.message} ({item.commit[:12]} {item.summary})" if item.commit else item.message


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path)


def annotation_lines(findings: Sequence[StreamFinding]) -> list[str]:
    """Return one workflow command a finding (`::error file=...::message`)."""
    table = rule_table()
    lines = []
    for item in findings:
        fields = [f"title={_field(table[item.rule].title)}"]
        if item.path:
            fields = [f"file={_field(item.path)}", f"line={item.line or 1}", *fields]
        lines.append(f"::{_COMMAND[item.level]} {','.join(fields)}::{_data(_message(item))}")
    return lines


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _field(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
