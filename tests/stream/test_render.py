from __future__ import annotations

from elpython.stream.findings import LEVELS, StreamFinding, finding, rule_table, worst
from elpython.stream.render import annotation_lines, sarif

ODD = StreamFinding(
    rule="marker-pair-news", level="error", message="100% wrong:\nso", path="Misc/C API/a,b.rst",
    line=3, commit="a" * 40, summary="(ABI break) x",
)  # fmt: skip
PLAIN = finding("empty-range", "nothing")


def test_sarif_has_rules_levels_places_and_commits() -> None:
    log = sarif([ODD, PLAIN])
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["empty-range", "marker-pair-news"]
    first, second = run["results"]
    assert rules[first["ruleIndex"]] == first["ruleId"] == "marker-pair-news"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "Misc/C%20API/a%2Cb.rst"
    assert place["region"]["startLine"] == 3
    assert first["properties"]["commit"] == "a" * 40
    assert (second["level"], "locations" in second) == ("note", False)


def test_an_empty_log_is_still_a_log() -> None:
    assert sarif([])["runs"][0]["results"] == []


def test_annotations_escape_what_the_runner_reads() -> None:
    first, second = annotation_lines([ODD, PLAIN])
    assert first.startswith("::error file=Misc/C API/a%2Cb.rst,line=3,title=")
    assert "100%25 wrong:%0Aso (aaaaaaaaaaaa (ABI break) x)" in first
    assert "\n" not in first
    assert second.startswith("::notice title=")


def test_every_rule_has_a_level_a_title_and_help() -> None:
    for rule in rule_table().values():
        assert rule.level in LEVELS
        assert rule.title
        assert rule.help.endswith(".")


def test_the_worst_level() -> None:
    assert worst([PLAIN, ODD]) == "error"
    assert worst([PLAIN]) == "note"
    assert worst([]) == ""
