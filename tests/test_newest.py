"""What is counted when the newest releases of packages are imported on a branch."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path  # noqa: TC003

from bench.newest import HERE, PROBE, Row, blockers, judged, report

REFERENCE = {"p": "", "p.a": "", "p.b": "", "p.extra": "ModuleNotFoundError: No module named 'q'"}


def rows() -> list[Row]:
    good = dict.fromkeys(REFERENCE, "")
    return [
        judged("p==1", REFERENCE, {"base": good | {"p.a": "SyntaxError: x"}, "branch": good}),
        judged("r==2", REFERENCE, {"base": {"": "exit code 1"}, "branch": good | {"p.b": "E: y"}}),
        Row(release="s==3", modules=0, missed=None),
    ]


def test_only_what_imports_on_the_reference_counts() -> None:
    first, second, _ = rows()
    assert (first.modules, first.missed) == (3, {"base": {"p.a": "SyntaxError: x"}, "branch": {}})
    assert second.missed == {
        "base": dict.fromkeys(("p", "p.a", "p.b"), "exit code 1"),
        "branch": {"p.b": "E: y"},
    }
    assert [row.whole("branch") for row in rows()] == [True, False, False]


def test_a_module_that_was_not_tried_is_missed() -> None:
    row = judged("p==1", REFERENCE, {"branch": {"p": ""}})
    assert row.missed == {"branch": {"p.a": "not tried", "p.b": "not tried"}}


def test_what_blocks_most_packages_comes_first() -> None:
    assert blockers(rows(), "base") == [("SyntaxError: x", ["p==1"]), ("exit code 1", ["r==2"])]
    assert blockers(rows(), "branch") == [("E: y", ["r==2"])]


def test_the_document_tells_what_was_not_looked_at() -> None:
    text = report("3.9", rows(), "python -m bench.newest")
    assert "| imported whole, of 3 | 0 | 1 |" in text
    assert "| modules, of 6 | 2 | 5 |" in text
    assert "Not installed for this series, and so not imported: s==3." in text


def test_the_probe_imports_a_distribution(tmp_path: Path) -> None:
    """Modules that print, exit, or raise; tests and foreign names are left out."""
    files = {
        "p/__init__.py": "print('noise')",
        "p/good.py": "",
        "p/ends.py": "raise SystemExit(3)",
        "p/new.py": "a b",
        "p/broken/__init__.py": "print(2 / 0)",
        "p/broken/x.py": "",
        "p/tests/x.py": "1 / 0",
        "p/__main__.py": "1 / 0",
        "my-file.py": "1 / 0",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    info = tmp_path / "My_Package-1.0.dist-info"
    info.mkdir()
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in files), "utf-8")
    words = [sys.executable, str(PROBE), str(tmp_path), "my.package"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "p": "",
        "p.good": "",
        "p.ends": "SystemExit: 3",
        "p.new": "SyntaxError: invalid syntax",
        "p.broken": "ZeroDivisionError: division by zero",
        "p.broken.x": "ZeroDivisionError: division by zero",
    }


def test_releases_are_pinned() -> None:
    table = tomllib.loads((HERE / "data/newest.toml").read_text("utf-8"))
    assert {series: len(releases) for series, releases in table.items()} == {"3.9": 44, "3.11": 8}
    assert all(release.count("==") == 1 for releases in table.values() for release in releases)
