"""Who owns which name in the folder of programs."""

from __future__ import annotations

import pytest

from elpython.stacks.spec.rules.entry_points import (
    entry_points,
    names_of_other,
    versioned_name,
)


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("foo", [], "foo-3.13"),
        ("foo-3.13", [], "foo-3.13"),
        ("foo-313", [], "foo-313"),
        ("foo3.13", [], "foo3.13"),
        ("foo313", [], "foo313"),
        ("foo3", ["foo"], None),
        ("foo-3", ["foo"], None),
        ("foo3", [], "foo3-3.13"),
        ("pip3", [], None),
        ("foo-3.11", [], "foo-3.11-3.13"),
        ("foo1313", [], "foo1313-3.13"),
        ("foo.py", [], "foo.py-3.13"),
        ("h5py", ["h"], "h5py-3.13"),
    ],
)
def test_name_on_the_other_stack(name: str, known: list[str], expected: str | None) -> None:
    assert versioned_name(name, "3.13", known) == expected


@pytest.mark.parametrize(
    ("lines", "kinds"),
    [
        (["%{_bindir}/foo"], ["plain"]),
        (["%{_bindir}/foo", "%{_bindir}/foo3"], ["plain", "major"]),
        (["%{_bindir}/foo3"], ["plain"]),
        (["%{_bindir}/foo-%{python3_version}"], ["own"]),
        (["%{_bindir}/foo", "%{_bindir}/foo-%{python3_version}"], ["doubled", "own"]),
        (["%{_bindir}/foo*"], ["pattern"]),
        (["%{_bindir}/foo-3*"], ["versions"]),
        (["%{_bindir}/foo3.?"], ["versions"]),
        (["%{_bindir}/rst2*"], ["pattern"]),
        (["%{_bindir}/foo", "%{_bindir}/foo-3*"], ["doubled", "versions"]),
        (["%attr(755,root,root) %{_bindir}/foo"], ["plain"]),
        (["%{_bindir}/%{name}"], ["plain"]),
        (["%{_bindir}/foo{,-3,-%{python3_version}}"], ["doubled", "major", "own"]),
        (["%{_bindir}", "%doc foo", "%{_sbindir}/foo"], []),
        (["%{_bindir}/foo", "%exclude %{_bindir}/bar"], ["plain"]),
    ],
)
def test_programs_of_a_file_list(lines: list[str], kinds: list[str]) -> None:
    assert [point.kind for point in entry_points(lines)] == kinds


def test_commands_and_names_for_the_other_stack() -> None:
    points = entry_points(
        ["%{_bindir}/a", "%{_bindir}/a3", "%{_bindir}/b-%{python3_version}", "%{_bindir}/c*"]
    )
    assert [names_of_other(point) for point in points] == [
        ("a-%{python3_other_version}",), (), (), ("c*%{python3_other_version}",),
    ]  # fmt: skip
    assert [point.taken for point in points] == [True, False, True, True]
