"""``python -m _elpython``: tell the toggles and the features of this interpreter."""

from __future__ import annotations

import argparse
import json
import sys

from _elpython import _config, _table, features, toggles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def _toggle_record(item: toggles.Toggle) -> dict[str, object]:
    spec = _table.TOGGLES[item.name]
    record: dict[str, object] = {
        key: spec[key] for key in ("title", "values", "new", "legacy", "default", "security")
    }
    record["least"] = spec.get("least")
    return {"name": item.name, "value": item.value, "source": item.source, **record}


def _print_rows(rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths))
        sys.stdout.write(f"{line.rstrip()}\n")


def _print_json(value: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def show_toggles(*, as_json: bool) -> int:
    """Print each toggle with its value and where that comes from."""
    try:
        items = toggles.everything()
    except _config.ToggleError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if as_json:
        records = [_toggle_record(item) for item in items]
        _print_json({"branch": _table.BRANCH, "toggles": records})
        return 0
    rows = [["toggle", "value", "from", "new", "legacy", "what it does"]]
    for item in items:
        spec = _table.TOGGLES[item.name]
        rows.append(
            [item.name, item.value, item.source, spec["new"], spec["legacy"], spec["title"]]
        )
    _print_rows(rows)
    return 0


def show_features(*, as_json: bool) -> int:
    """Print each feature with the first CPython that has it and the EL release that brought it."""
    table = features.table()
    if as_json:
        _print_json(table)
        return 0
    rows = [["feature", "CPython", f"EL Python {_table.BRANCH}", "what it is"]]
    for item in table["features"]:
        since = "since " + item["since"].rpartition(".0")[0 if item["since"].endswith(".0") else 2]
        mark = " (provisional)" if item["provisional"] else ""
        rows.append([item["name"], item["cpython"] or "none", since + mark, item["title"]])
    _print_rows(rows)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m _elpython", description="Tell what this EL Python has and how it is set."
    )
    parser.add_argument("what", choices=("toggles", "features"))
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    options = parser.parse_args(argv)
    show = show_toggles if options.what == "toggles" else show_features
    return show(as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
