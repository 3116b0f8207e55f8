"""What OpenVEX says about the wheels that ensurepip bundles: silence says nothing to a scanner."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from packaging.specifiers import SpecifierSet

from elpython.release.sbom_parts import product_url

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from elpython.release.bundled import Bundled

__all__ = ["bundled_statements"]

_ACTION = (
    "Environments get this copy from ensurepip: upgrade it there (python -m pip install --upgrade "
    "{name}), or make environments without it (python -m venv --without-pip)."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Vulnerability:
    package: str
    identity: str
    affected: SpecifierSet
    about: str
    unless_file: str
    unless_text: str


def _read() -> tuple[str, list[_Vulnerability]]:
    path = resources.files("elpython.release") / "data" / "bundled_vulnerabilities.toml"
    data = tomllib.loads(path.read_text("utf-8"))
    rows = [
        _Vulnerability(
            package=row["package"],
            identity=row["id"],
            affected=SpecifierSet(row["affected"]),
            about=row["about"],
            unless_file=row.get("unless-file", ""),
            unless_text=row.get("unless-text", ""),
        )
        for row in data["vulnerability"]
    ]
    return str(data["dated"]), rows


def _unreached(row: _Vulnerability, tree: Path) -> bool:
    path = tree / row.unless_file
    text = path.read_text("utf-8", "replace") if row.unless_file and path.is_file() else ""
    return bool(row.unless_text) and row.unless_text in text


def bundled_statements(tree: Path, found: Iterable[Bundled], version: str) -> list[dict[str, Any]]:
    """Return OpenVEX statements about the bundled wheels.

    Args:
        tree: the source folder.
        found: what it bundles.
        version: the EL version.
    """
    dated, rows = _read()
    statements = []
    for item in found:
        for row in rows:
            if row.package != item.name or item.version not in row.affected:
                continue
            statement: dict[str, Any] = {
                "vulnerability": {"name": row.identity},
                "products": [
                    {
                        "@id": product_url(version),
                        "subcomponents": [{"@id": f"{item.purl}@{item.version}"}],
                    }
                ],
            }
            if _unreached(row, tree):
                statement |= {
                    "status": "not_affected",
                    "justification": "vulnerable_code_not_in_execute_path",
                    "impact_statement": f"{row.about}; this tree's {row.unless_file} is not so",
                }
            else:
                statement |= {
                    "status": "affected",
                    "status_notes": f"{row.about}; known by {dated}",
                    "action_statement": _ACTION.format(name=item.name),
                }
            statements.append(statement)
    return statements
