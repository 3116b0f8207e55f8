"""The report's forms: JSON after its schema, JUnit XML, one HTML page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import jsonschema

from elpython.contract.check import Rules, judge
from elpython.contract.declarations import parse_all
from elpython.contract.model import ContractReport, Difference, Kind, PromiseFindings
from elpython.contract.report import as_data, html, junit
from examples import REPOSITORY

NASTY = "<script>alert('&')</script>\x00\x1b"


def report() -> ContractReport:
    rules = Rules(declarations=parse_all([("api:-gone", "my-change")]))
    found = (
        Difference(kind=Kind.REMOVED, key="gone", old="f(a)"),
        Difference(kind=Kind.CHANGED, key="bad", what=NASTY, old=NASTY, new=NASTY),
        Difference(kind=Kind.ADDED, key="new", harmless=True),
    )
    return ContractReport(
        base="base <1>",
        candidate="candidate",
        seconds=1.5,
        outcomes=(
            judge("identity", PromiseFindings(checked=3), Rules()),
            judge("api", PromiseFindings(checked=9, differences=found, notes=("noted",)), rules),
            judge("wheels", PromiseFindings(gaps=("no network",)), Rules()),
        ),
    )


def test_json_keeps_to_its_schema() -> None:
    path = REPOSITORY / "docs/reference/schemas/contract-check.schema.json"
    data = json.loads(json.dumps(as_data(report())))
    jsonschema.Draft202012Validator(json.loads(path.read_text())).validate(data)
    assert data["broken"] is True
    assert [item["verdict"] for item in data["promises"]] == ["kept", "broken", "not checked"]


def test_junit_counts() -> None:
    root = ET.fromstring(junit(report()))
    suites = {suite.get("name"): suite for suite in root}
    assert suites["api"].get("failures") == "1"
    assert suites["api"].get("tests") == "2"
    assert suites["wheels"].get("skipped") == "1"
    assert [case.get("name") for case in suites["api"]] == ["-gone", "bad"]


def test_html_is_one_page_without_scripts() -> None:
    page = html(report())
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "my-change" in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert "not checked" in page


def test_html_holds_every_difference_and_what_brought_it() -> None:
    many = tuple(
        Difference(kind=Kind.CHANGED, key=f"name{number}", old=f"old{number}", new=f"new{number}")
        for number in range(450)
    )
    outcome = judge("api", PromiseFindings(checked=450, differences=many), Rules())
    outcome = replace(
        outcome, judged=tuple(replace(item, caused_by="the-change") for item in outcome.judged)
    )
    whole = ContractReport(base="a", candidate="b", outcomes=(outcome,), seconds=1.0)
    page = html(whole)
    assert set(re.findall(r"<pre>((?:old|new)\d+)</pre>", page)) == {
        f"{side}{number}" for number in range(450) for side in ("old", "new")
    }
    assert page.count("the-change") == 450
    assert junit(whole).count("brought by the change the-change") == 450
