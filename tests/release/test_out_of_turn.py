"""A security release out of turn has the next small number, and nothing but security in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elpython.core.version import CalVer
from elpython.release.errors import RefusedReleaseError
from elpython.release.out_of_turn import beyond_security, security_version
from examples import Example, diff
from release_sample import git, read_manifest

if TYPE_CHECKING:
    from release_sample import Sample

FIX = diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"})


@pytest.mark.parametrize(
    ("released", "wanted"),
    [
        (None, "27.01.0rc1"),
        ("27.01.0rc1", "27.01.0rc2"),
        ("27.01.0", "27.01.1"),
        ("27.01.3", "27.01.4"),
        ("27.07.0", "27.07.1"),
    ],
)
def test_numbers(released: str | None, wanted: str) -> None:
    last = CalVer.parse(released) if released else None
    assert security_version(last, CalVer.parse("27.01.0")) == CalVer.parse(wanted)


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ({"hole": "old", "bug": "b", "more": "m"}, []),
        ({"bug": "b", "more": "m"}, []),
        ({"hole": "h", "bug": "old", "more": "m"}, []),
        ({"hole": "h", "more": "m"}, ["bug: is new, of kind bugfix"]),
        ({"hole": "h", "bug": "b"}, ["more: is new, of kind feature"]),
        ({"hole": "h", "bug": "b", "more": "old"}, ["more: is edited, of kind feature"]),
        ({"hole": "h", "bug": "b", "more": "m", "gone": "g"}, ["gone: was in the last release"]),
    ],
)
def test_what_may_come_with_it(example: Example, before: dict[str, str], told: list[str]) -> None:
    example.add("hole", FIX, kind="security", toml='\n[upstream]\nissues = ["gh-1"]\n')
    example.add("bug", FIX, kind="bugfix", toml='\n[upstream]\nissues = ["gh-2"]\n')
    example.add("more", FIX, kind="feature")
    now = {"hole": "h", "bug": "b", "more": "m"}
    assert beyond_security(example.load(), before, now) == told


def test_a_fix_to_a_fix_may_come(example: Example) -> None:
    example.add("hole", FIX, kind="security", toml='\n[upstream]\nissues = ["gh-1"]\n')
    example.add("mends", FIX, kind="bugfix", toml='\n[upstream]\nissues = ["gh-1"]\n')
    assert beyond_security(example.load(), {"hole": "h"}, {"hole": "h", "mends": "m"}) == []


def _raise_el(sample: Sample, el: str) -> None:
    example = sample.example
    example.write(el=f'"{el}"', first='"27.01.0"')
    sample.lock()
    sample.commit(f"Make {el}")


def test_a_security_release_is_made(sample: Sample) -> None:
    """27.01.0, then a new security change, then 27.01.1; the wrong number says the right one."""
    sample.release()
    fix = diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"})
    sample.example.add("hole", fix, kind="security", toml="\n[dep3]\nlast-update = 2026-11-30\n")
    _raise_el(sample, "27.07.0")
    with pytest.raises(RefusedReleaseError) as caught:
        sample.release(security=True)
    assert caught.value.todo == 'set el = "27.01.1"'
    _raise_el(sample, "27.01.1")
    made = sample.release(security=True)
    assert made.version.endswith("27.01.1")
    assert read_manifest(made.folder)["version"].endswith("27.01.1")
    assert made.version in git(sample.example.branches, "tag")
