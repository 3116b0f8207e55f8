from __future__ import annotations

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from elpython.stream.release import BadReleaseError, parse_release
from elpython.stream.requires import Advice, Offer, advise, likely_releases


def advice(stage: str = "a5", *, stages: tuple[str, ...] = ()) -> Advice:
    broke = parse_release(stage, series="3.9")
    releases = [parse_release(item, series="3.9") for item in stages] or likely_releases(broke)
    return advise(broke, releases)


def offer(found: Advice, name: str) -> Offer:
    return next(item for item in found.offers if item.name == name)


def test_the_documents_own_line_is_given_and_refused() -> None:
    found = advice()
    literal = offer(found, "literal")
    assert literal.line == (
        'Python-Requires: >= "3.9.0b6"; python_version == "3.9" and '
        'full_python_version != "3.9.0a5"'
    )
    assert not literal.valid
    told = " ".join(found.problems)
    for part in ("PEP 440", "PEP 345", "PEP 508", "python_full_version", "Requires-Python"):
        assert part in told


def test_the_nearest_valid_lines() -> None:
    found = advice()
    exclusions = offer(found, "exclusions")
    assert exclusions.line == ("Requires-Python: >=3.8,!=3.9.0a1,!=3.9.0b2,!=3.9.0b3,!=3.9.0b4")
    SpecifierSet(exclusions.line.partition(": ")[2])
    marker = Requirement(offer(found, "marker").line.partition(": ")[2]).marker
    assert marker is not None
    assert marker.evaluate({"python_full_version": "3.9.0b4"})
    assert "example-1.0-5-cp39-cp39p-" in offer(found, "build number").line


def test_the_sets_side_by_side() -> None:
    found = advice()
    assert [str(item) for item in found.wanted] == [
        "3.8.2", "3.9.0a5", "3.9.0b6", "3.9.0b7", "3.9.0rc1", "3.9.0", "3.10.0",
    ]  # fmt: skip
    assert offer(found, "exclusions").accepts == found.wanted
    assert offer(found, "marker").accepts == found.wanted
    assert offer(found, "build number").accepts == found.interpreters
    wrong = set(offer(found, "range").accepts)
    assert parse_release("3.9.0b4") in wrong, "PEP 440 puts b4 behind a5"
    assert parse_release("3.8.2") not in wrong


def test_the_documents_line_refuses_a_later_alpha() -> None:
    stages = ("a1", "b2", "b3", "b4", "a5", "b6", "a7", "b8", "rc1")
    found = advice(stages=stages)
    later = parse_release("3.9.0a7")
    assert later in found.wanted
    assert later not in offer(found, "literal").accepts
    assert later in offer(found, "exclusions").accepts


@pytest.mark.parametrize(
    ("stage", "stages", "part"),
    [
        ("rc1", ("a1", "rc1"), "no pre-freeze release"),
        ("a1", ("a1", "b2"), "the first release"),
        ("a4", ("a1", "b2"), "not among the releases"),
    ],
)
def test_what_needs_no_metadata_is_refused(stage: str, stages: tuple[str, ...], part: str) -> None:
    with pytest.raises(BadReleaseError, match=part):
        advice(stage, stages=stages)
