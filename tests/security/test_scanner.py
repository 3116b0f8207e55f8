"""What a real scanner says of an EL Python, without and with our VEX: cve-bin-tool.

Its own database is gigabytes of downloads; here it gets one of the record's vulnerabilities, as
NVD would tell them: by vendor, product and the upstream release that has the fix.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from elpython.define.branch import load_branch
from elpython.define.vulnerability_read import read_record
from elpython.security.vex import openvex
from examples import REPOSITORY

BRANCHES = REPOSITORY / "branches"
TOOL = shutil.which("cve-bin-tool")

# Run by the scanner's own Python: makes its database with its own tables.
DATABASE = """\
import json, sqlite3, sys
from pathlib import Path
from cve_bin_tool.cvedb import CVEDB
place = Path.home() / ".cache" / "cve-bin-tool"
place.mkdir(parents=True)
base = sqlite3.connect(place / "cve.db")
for table in CVEDB.TABLE_SCHEMAS.values():
    base.execute(table)
for name, severity, title, fixed in json.load(sys.stdin):
    row = (name, severity, title, 5.0, 3, "", "NVD", "2026-11-30")
    base.execute("INSERT INTO cve_severity VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    row = (name, "python", "python", "*", "", "", "", fixed, "NVD")
    base.execute("INSERT INTO cve_range VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
for row in ((1, "EPSS"), (2, "CVSS-2"), (3, "CVSS-3")):
    base.execute("INSERT INTO metrics VALUES (?, ?)", row)
base.commit()
"""


def known() -> list[tuple[str, str, str, str]]:
    """Return the CVEs of CPython: id, severity, title, and a release that is not affected."""
    rows = []
    for item in read_record(BRANCHES).vulnerabilities:
        fixed = [name for name in item.fixed_in if re.fullmatch(r"3\.\d+\.\d+", name)]
        if item.product == "cpython" and item.id.startswith("CVE"):
            last = fixed[0] if fixed else "3.15.0"
            rows.append((item.id, item.severity.upper(), item.title, last))
    return rows


class Scanner:
    """cve-bin-tool in a home of its own."""

    def __init__(self, home: Path) -> None:
        assert TOOL is not None
        self.home = home
        self.env = dict(os.environ) | {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
        python = Path(TOOL).resolve().parent / "python"
        subprocess.run(
            [python, "-c", DATABASE], env=self.env, input=json.dumps(known()), text=True, check=True
        )

    def scan(self, base: str, vex: Path | None = None, *more: str) -> dict[str, str]:
        """Return CVE -> what the scanner remarks, of a Python that a bill of materials names."""
        bom = self.home / "bom.json"
        bom.write_text(json.dumps({
            "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "components": [{
                "type": "application", "name": "python", "version": base, "bom-ref": "1",
                "purl": f"pkg:generic/python@{base}",
                "cpe": f"cpe:2.3:a:python:python:{base}:*:*:*:*:*:*:*",
            }],
        }))  # fmt: skip
        out = self.home / "out.json"
        out.unlink(missing_ok=True)
        words = [str(TOOL), "--offline", "--disable-version-check", "--disable-validation-check"]
        words += ["-l", "error", "-f", "json", "-o", str(out), "--sbom", "cyclonedx"]
        words += ["--sbom-file", str(bom), *(["--vex-file", str(vex)] if vex else []), *more]
        subprocess.run(words, env=self.env, cwd=self.home, check=False, capture_output=True)
        return {row["cve_number"]: row["remarks"] for row in json.loads(out.read_text())}


@pytest.mark.slow
@pytest.mark.skipif(TOOL is None, reason="needs cve-bin-tool on PATH")
@pytest.mark.parametrize("name", ["3.9", "3.11", "3.13"])
def test_a_real_scanner_takes_our_word(tmp_path: Path, name: str) -> None:
    """Without the VEX all is found; with it each finding is answered."""
    branch, record = load_branch(BRANCHES, name), read_record(BRANCHES)
    scanner = Scanner(tmp_path)
    before = scanner.scan(branch.base)
    assert len(before) > 50
    assert set(before.values()) == {"NewFound"}
    vex = tmp_path / "elpython.openvex.json"
    vex.write_text(json.dumps(openvex(branch, record, when="2026-12-01T00:00:00+00:00")))
    after = scanner.scan(branch.base, vex)
    states = {item.id: item.standing(name).state for item in record.vulnerabilities}
    expected = {"fixed": "Mitigated", "not affected": "NotAffected"}
    assert after == {cve: expected.get(states[cve], "Confirmed") for cve in before}
    left = scanner.scan(branch.base, vex, "--filter-triage")
    assert "NotAffected" not in Counter(left.values())
    assert len(left) < len(before)


def test_our_vex_names_the_base_as_the_scanner_does() -> None:
    """Held without the scanner: it takes package URLs with a namespace alone."""
    branch = load_branch(BRANCHES, "3.11")
    document = openvex(branch, read_record(BRANCHES), when="2026-12-01T00:00:00+00:00")
    for statement in document["statements"]:
        ids = {product["@id"] for product in statement["products"]}
        assert f"pkg:generic/python/python@{branch.base}" in ids
