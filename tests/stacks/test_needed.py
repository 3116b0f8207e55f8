"""Packages that still need a stack are found in real RPM packages."""

from __future__ import annotations

import datetime as dt
import subprocess
from typing import TYPE_CHECKING

import pytest

from elpython.stacks.errors import BadSpecError
from elpython.stacks.needed import needed_by_packages
from elpython.stacks.retirement import survey, write
from elpython.stacks.rpmtool import package_facts
from elpython.stacks.state import Role, Stack

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("rpm")]

OLD = Stack(
    version="3.11",
    role=Role.OTHER,
    since=dt.date(2027, 1, 4),
    pkgversion="311",
    interpreter="/usr/bin/python3.11",
)
SPEC = """
Name: {name}
Version: 1
Release: 1
Summary: s
License: MIT
BuildArch: noarch
AutoReq: no
{requires}
%description
%install
mkdir -p %{{buildroot}}{file}
%files
{file}
"""


def package(folder: Path, name: str, requires: str = "", file: str = "") -> None:
    spec = folder / f"{name}.spec"
    file = file or f"/opt/{name}"
    spec.write_text(SPEC.format(name=name, requires=requires, file=file))
    command = ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {folder / 'top'}", str(spec)]
    subprocess.run(command, check=True, capture_output=True)


def test_applications_that_need_the_old_stack(tmp_path: Path) -> None:
    package(tmp_path, "uses-abi", "Requires: python(abi) = 3.11")
    package(tmp_path, "uses-new-abi", "Requires: python(abi) = 3.13")
    package(tmp_path, "uses-library", "Requires: python311-foo >= 2")
    package(tmp_path, "uses-plain", "Requires: python3-foo")
    package(tmp_path, "uses-dist", "Requires: python3.11dist(foo)")
    package(tmp_path, "uses-path", "Requires: /usr/bin/python3.11")
    package(tmp_path, "has-files", file="/usr/lib/python3.11/site-packages/x")
    package(tmp_path, "python311-own", "Requires: python(abi) = 3.11")
    package(tmp_path, "python3110", "")
    package(tmp_path, "longer", "Requires: python3110-foo, python(abi) = 3.110")
    assert needed_by_packages(tmp_path, OLD) == [
        "has-files",
        "uses-abi",
        "uses-dist",
        "uses-library",
        "uses-path",
    ]


def test_what_is_no_package_is_told(tmp_path: Path) -> None:
    path = tmp_path / "broken.rpm"
    path.write_bytes(b"no package")
    with pytest.raises(BadSpecError, match="no RPM package"):
        package_facts(path)


def test_a_retirement_lists_what_goes_and_who_still_needs_it(tmp_path: Path) -> None:
    package(tmp_path, "python311-foo")
    package(tmp_path, "tool", "Requires: python(abi) = 3.11")
    package(tmp_path, "desk", "Requires: tool")
    package(tmp_path, "suite", "Requires: desk >= 1")
    package(tmp_path, "free")
    made = survey(tmp_path, OLD)
    assert made.packages == (("python311-foo", "1-1"),)
    assert (made.repositories, made.shared, made.looked_at) == (("python311-foo",), (), 5)
    [needing] = made.needing
    assert (needing.name, needing.dependents) == ("tool", ("desk", "suite"))
    paths = {path.name: path for path in write(made, OLD, dt.date(2027, 5, 1), tmp_path / "out")}
    assert paths["compose-remove.txt"].read_text() == "-python311-foo\n"
    assert "tool: python(abi) = 3.11; needed by desk, suite" in (
        paths["still-needed.txt"].read_text()
    )
    spec = paths["python311-obsoletes.spec"]
    package_of = tmp_path / "obsoletes"
    command = ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {package_of}", str(spec)]
    subprocess.run(command, check=True, capture_output=True)
    [built] = package_of.rglob("*.rpm")
    told = subprocess.run(
        ["rpm", "-qp", "--obsoletes", built], capture_output=True, text=True, check=True
    ).stdout
    assert told.strip() == "python311-foo <= 1-1"


def test_the_package_of_obsoletes_removes_the_stack_from_a_root(tmp_path: Path) -> None:
    package(tmp_path, "python311-foo")
    made = survey(tmp_path, OLD)
    write(made, OLD, dt.date(2027, 5, 1), tmp_path)
    top = tmp_path / "top2"
    spec = tmp_path / "python311-obsoletes.spec"
    command = ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {top}", str(spec)]
    subprocess.run(command, check=True, capture_output=True)
    rpm = ["rpm", "--dbpath", str(tmp_path / "db"), "--justdb", "--nodeps", "--force-debian"]
    for folder in (tmp_path / "top", top):
        packages = [str(path) for path in folder.rglob("*.rpm")]
        subprocess.run([*rpm, "-U", *packages], check=True, capture_output=True)
    left = subprocess.run(
        ["rpm", "--dbpath", str(tmp_path / "db"), "-qa", "--qf", "%{NAME}\n"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert left.split() == ["python311-obsoletes"]
