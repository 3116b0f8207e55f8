"""What the commands print as JSON has the fields, and only those, that its schema names."""

from __future__ import annotations

import json

import environments
import pytest

SCHEMAS = environments.SOURCES.parents[1] / "docs" / "reference" / "schemas"


@pytest.mark.parametrize(
    ("name", "items", "arguments"),
    [
        ("doctor", "findings", ["doctor", "--json", "--min-version", "3.12"]),
        ("explain", "behaviours", ["explain", "--json"]),
    ],
)
def test_fields(newest: str, name: str, items: str, arguments: list[str]) -> None:
    schema = json.loads((SCHEMAS / f"minpython-{name}.schema.json").read_text(encoding="utf-8"))
    done = environments.run(newest, "-W", "ignore", "-m", "minpython", *arguments)
    data = json.loads(done.stdout)
    assert set(data) == set(schema["required"])
    wanted = set(schema["properties"][items]["items"]["required"])
    assert data[items]
    assert all(set(item) == wanted for item in data[items])


def test_the_fields_of_a_report(newest: str, tmp_path: object) -> None:
    from pathlib import Path

    schema = json.loads((SCHEMAS / "minpython-report.schema.json").read_text(encoding="utf-8"))
    file = Path(str(tmp_path), "report.json")
    arguments = ["report", "--json", str(file), "--min-version", "3.6", "-c", "import os; os.errno"]
    environments.run(newest, "-m", "minpython", *arguments)
    data = json.loads(file.read_text(encoding="utf-8"))
    assert set(data) == set(schema["required"])
    assert set(data["uses"][0]) == set(schema["properties"]["uses"]["items"]["required"])
