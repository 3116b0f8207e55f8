"""Declarations: what they cover, and how a wrong one is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.contract.declarations import BadDeclarationError, parse, parse_all, read_file
from elpython.contract.model import Difference, Kind
from elpython.contract.promises import PROMISES

if TYPE_CHECKING:
    from pathlib import Path

ADDED, REMOVED, CHANGED = Kind.ADDED, Kind.REMOVED, Kind.CHANGED


@pytest.mark.parametrize(
    ("text", "kind", "key", "covers"),
    [
        ("api:+itertools.batched", ADDED, "itertools.batched", True),
        ("api:+itertools.batched", CHANGED, "itertools.batched", False),
        ("api:+itertools.batched", ADDED, "itertools.batched_more", False),
        ("api:+itertools.batched", ADDED, "itertools", False),
        ("api:+tomllib", ADDED, "tomllib.load", True),
        ("api:+tomllib*", ADDED, "tomllib2", True),
        ("api:zip", CHANGED, "zip", True),
        ("api:-cgi", REMOVED, "cgi.parse", True),
        ("behaviour:test_tarfile.TestX", CHANGED, "test_tarfile.TestX.test_y", True),
        ("behaviour:test_tarfile.TestX", CHANGED, "test_tarfile.TestXY.test_y", False),
        ("layout:+stdlib/_elpython", ADDED, "stdlib/_elpython/a.py", True),
    ],
)
def test_a_declaration_covers_exactly_this(text: str, kind: Kind, key: str, covers: bool) -> None:  # noqa: FBT001
    declaration = parse(text, "change")
    assert declaration.covers(Difference(kind=kind, key=key)) is covers
    assert declaration.text == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("api", "is no declaration"),
        ("api:", "is no declaration"),
        ("api:+", "names nothing"),
        ("apis:x", "did you mean 'api'?"),
        ("unheard:x", "there are: identity"),
    ],
)
def test_a_wrong_declaration_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadDeclarationError, match="change") as caught:
        parse(text, "change")
    assert words in str(caught.value)


def test_all_wrong_ones_are_told_at_once() -> None:
    with pytest.raises(BadDeclarationError) as caught:
        parse_all([("apis:x", "one"), ("api:+x", "two"), ("y", "three")])
    assert "2 declarations" in str(caught.value)
    assert "one" in str(caught.value)
    assert "three" in str(caught.value)


@given(st.sampled_from(sorted(PROMISES)), st.sampled_from("+- "), st.text("ab._/", min_size=1))
def test_what_is_written_is_read_back(promise: str, sign: str, name: str) -> None:
    text = f"{promise}:{sign.strip()}{name}"
    declaration = parse(text, "change")
    assert declaration.text == text
    assert declaration.covers(Difference(kind=declaration.kind, key=name))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("declare = []", "declare: there is no such key"),
        ("declares = 'x'", "must be a list of strings"),
        ("declares = [", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str | None, words: str) -> None:
    path = tmp_path / "meant.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadDeclarationError) as caught:
        read_file(path)
    assert words in str(caught.value)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "meant.toml"
    path.write_text('declares = ["api:+x", "abi:y"]')
    assert read_file(path) == [("api:+x", "meant.toml"), ("abi:y", "meant.toml")]
