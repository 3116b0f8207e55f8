"""Kinds of faults that only show in built packages: shared trees, order, names, declarative."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.stacks.errors import BadSpecError
from elpython.stacks.rpmtool import package_facts, rpmbuild
from elpython.stacks.spec.convert import convert

if TYPE_CHECKING:
    from stack_samples import Machine

pytestmark = pytest.mark.slow

HEAD = """\
Name: python-twins
Version: 1.0
Release: 1
Summary: Two trees
License: MIT
Source0: twins-%{version}.tar.gz
BuildArch: noarch
%description
Two trees.
%package -n python3-twins
Summary: %{summary}
%description -n python3-twins
Two trees.
"""
# Writes a module for the version that it runs on, as generators of parsers do.
SETUP = """\
import os, sys
from setuptools import setup
name = "compat_%d%d.py" % sys.version_info[:2]
os.makedirs("build/lib/twins", exist_ok=True)
open(os.path.join("build/lib/twins", name), "w").write("")
setup(name="twins", version="1.0", packages=["twins"], scripts=["twins-tool"])
"""
FILES = {
    "setup.py": SETUP,
    "twins/__init__.py": "",
    "twins-tool": "#!/usr/bin/python3 -s\nimport sys; print(sys.version_info[:2])\n",
    "twins/run.py": "#!/usr/bin/env python\n",
}


def build(
    machine: Machine, tmp_path: Path, spec: str, files: dict[str, str] | None = None
) -> dict[str, Path]:
    """Convert and build a text; return its binary packages by name."""
    sources = tmp_path / "SOURCES"
    sources.mkdir(exist_ok=True)
    with tarfile.open(sources / "twins-1.0.tar.gz", "w:gz") as archive:
        for name, text in (files or FILES).items():
            info = tarfile.TarInfo(f"twins-1.0/{name}")
            info.size, info.mode = len(text.encode()), 0o755
            archive.addfile(info, io.BytesIO(text.encode()))
    path = tmp_path / "python-twins.spec"
    conversion = convert(spec)
    assert conversion.refusals == ()
    path.write_text(conversion.text)
    made = rpmbuild(
        path,
        files=machine.macros(machine.old, machine.new),
        defines={"_topdir": str(tmp_path), "_prefix": str(machine.prefix)},
        log=tmp_path / "log",
    )
    return {package_facts(item).name: item for item in made if "src.rpm" not in item.name}


def contents(package: Path) -> dict[str, bytes]:
    """Unpack a package; return its files below the prefix."""
    import subprocess

    plain = subprocess.run(["rpm2archive", "-n", package], capture_output=True, check=False)
    assert plain.returncode == 0, plain.stderr
    made = package.with_name(package.name + ".tar")
    with tarfile.open(made) as bundle:
        return {
            Path(item.name).name: (bundle.extractfile(item) or io.BytesIO()).read()
            for item in bundle
            if item.isfile()
        }


def test_what_one_stack_writes_into_its_tree_is_not_in_the_other_ones_package(
    machine: Machine, tmp_path: Path
) -> None:
    made = build(
        machine,
        tmp_path,
        HEAD + "%prep\n%autosetup -n twins-%{version}\n%py3_shebang_fix twins-tool\n"
        "sed -i '1s|.*|#!%{__python3}|' twins/run.py\n%build\n%py3_build\n%install\n%py3_install\n"
        "%files -n python3-twins\n%{_bindir}/twins-tool\n%{python3_sitelib}/twins*\n",
    )
    for stack in (machine.old, machine.new):
        found = contents(made[f"python{stack.pkgversion}-twins"])
        own = [name for name in found if name.startswith("compat_") and name.endswith(".py")]
        assert own == [f"compat_{stack.pkgversion}.py"]
        [program] = [name for name in found if name.startswith("twins-tool")]
        assert found[program].splitlines()[0].decode().split()[0] == f"#!{stack.interpreter}"
        assert found["run.py"].decode().strip() == f"#!{stack.interpreter}"


def test_commands_find_what_those_before_them_have_made(machine: Machine, tmp_path: Path) -> None:
    """The folder that a move needs is made by a command that has nothing to do with Python."""
    made = build(
        machine,
        tmp_path,
        HEAD + "%prep\n%autosetup -n twins-%{version}\n%build\n%py3_build\n%install\n"
        "mkdir -p %{buildroot}%{_libexecdir}/twins\n%py3_install\n"
        "mv %{buildroot}%{_bindir}/twins-tool %{buildroot}%{_libexecdir}/twins/\n"
        "mv %{buildroot}%{python3_sitelib}/twins/run.py %{buildroot}%{_libexecdir}/twins/\n"
        "%files -n python3-twins\n%{_libexecdir}/twins/\n%{python3_sitelib}/twins*\n",
    )
    assert set(made) == {"python311-twins", "python313-twins"}
    assert "run.py" in contents(made["python311-twins"])
    assert not {"run.py", "twins-tool"} & set(contents(made["python313-twins"]))


def test_a_link_whose_versioned_name_is_its_own_becomes_the_program(
    machine: Machine, tmp_path: Path
) -> None:
    """`tool-3.13` that links to `tool`: the other stack has no `tool`, so it gets the program."""
    made = build(
        machine,
        tmp_path,
        HEAD + "%prep\n%autosetup -n twins-%{version}\n%build\n%py3_build\n%install\n%py3_install\n"
        "ln -s twins-tool %{buildroot}%{_bindir}/twins-tool-%{python3_version}\n"
        "%files -n python3-twins\n%{_bindir}/twins-tool\n%{_bindir}/twins-tool-%{python3_version}\n"
        "%{python3_sitelib}/twins*\n",
    )
    found = contents(made["python313-twins"])
    assert machine.new.interpreter.encode() in found["twins-tool-3.13"].splitlines()[0]
    assert "twins-tool" not in found


VERSIONED = """\
mv %{buildroot}%{_bindir}/twins-tool %{buildroot}%{_bindir}/twins-tool-%{python3_version}
ln -s twins-tool-%{python3_version} %{buildroot}%{_bindir}/twins-tool-3
ln -s twins-tool-3 %{buildroot}%{_bindir}/twins-tool
"""


@pytest.mark.parametrize(
    "files",
    [
        "%{_bindir}/twins-tool*\n",
        "%{_bindir}/twins-tool\n%{_bindir}/twins-tool-3*\n",
        "%{_bindir}/twins-tool{,-3,-%{python3_version}}\n",
    ],
)
def test_patterns_over_versioned_names(machine: Machine, tmp_path: Path, files: str) -> None:
    """Fedora's chain of links: the other stack's program is lost in none, owned by one."""
    made = build(
        machine,
        tmp_path,
        HEAD + "%prep\n%autosetup -n twins-%{version}\n%build\n%py3_build\n%install\n"
        f"%py3_install\n{VERSIONED}%files -n python3-twins\n{files}%{{python3_sitelib}}/twins*\n",
    )
    owned = {
        name: {Path(item).name for item in package_facts(path).files if "/bin/" in item}
        for name, path in made.items()
    }
    assert owned == {
        "python311-twins": {"twins-tool", "twins-tool-3", "twins-tool-3.11"},
        "python313-twins": {"twins-tool-3.13"},
    }
    first = contents(made["python313-twins"])["twins-tool-3.13"].splitlines()[0]
    assert machine.new.interpreter.encode() in first


def test_examples_run_the_stack_of_their_package(machine: Machine, tmp_path: Path) -> None:
    made = build(
        machine,
        tmp_path,
        HEAD + "%prep\n%autosetup -n twins-%{version}\n%py3_shebang_fix examples\n"
        "%build\n%py3_build\n%install\n%py3_install\nrm -r %{buildroot}%{_bindir}\n"
        "%files -n python3-twins\n%doc examples README\n%{python3_sitelib}/twins*\n",
        {**FILES, "examples/demo.py": "#!/usr/bin/python3\n", "README": "r\n"},
    )
    for stack in (machine.old, machine.new):
        found = contents(made[f"python{stack.pkgversion}-twins"])
        assert found["demo.py"].decode().split()[0] == f"#!{stack.interpreter}"
        assert found["README"] == b"r\n"


def test_a_spec_file_that_copies_its_source_itself(machine: Machine, tmp_path: Path) -> None:
    """Older files keep a copy for Python 3 in `py3dir`; it is not the other stack's tree."""
    made = build(
        machine,
        tmp_path,
        HEAD + "%prep\n%autosetup -n twins-%{version}\nrm -rf %{py3dir}\ncp -a . %{py3dir}\n"
        "%build\npushd %{py3dir}\n%py3_build\npopd\n%install\npushd %{py3dir}\n%py3_install\n"
        "popd\n%files -n python3-twins\n%{_bindir}/twins-tool\n%{python3_sitelib}/twins*\n",
    )
    found = contents(made["python313-twins"])
    assert {"twins-tool-3.13", "compat_313.py"} <= set(found)


def test_a_package_with_the_stack_at_the_end_of_its_name_is_a_library(
    machine: Machine, tmp_path: Path
) -> None:
    text = HEAD.replace("python-twins", "libtwins").replace("-n python3-twins", "python3")
    made = build(
        machine,
        tmp_path,
        text + "%package tools\nSummary: t\nRequires: %{name}-python3 = %{version}\n"
        "%description tools\nt\n"
        "%prep\n%autosetup -n twins-%{version}\n%build\n%py3_build\n%install\n%py3_install\n"
        "%files python3\n%{python3_sitelib}/twins*\n%files tools\n%{_bindir}/twins-tool\n",
    )
    assert set(made) == {"libtwins-python311", "libtwins-python313", "libtwins-tools"}
    assert "libtwins-python311 = 1.0" in package_facts(made["libtwins-tools"]).requires


def test_a_declarative_spec_file_is_spelled_out_and_built(machine: Machine, tmp_path: Path) -> None:
    head = HEAD.replace(
        "BuildArch", "BuildSystem: pyproject\nBuildOption(prep): -n twins-%{version}\n"
        "BuildOption(install): twins\nBuildArch"
    )  # fmt: skip
    made = build(
        machine,
        tmp_path,
        head + "%install -a\nrm %{buildroot}%{python3_sitelib}/twins/run.py\n"
        "%files -n python3-twins -f %{pyproject_files}\n%{_bindir}/twins-tool\n",
    )
    for stack in (machine.old, machine.new):
        found = contents(made[f"python{stack.pkgversion}-twins"])
        assert "__init__.py" in found
        assert "run.py" not in found


def test_a_declaration_strips_the_archives_own_folder(machine: Machine, tmp_path: Path) -> None:
    """RPM 4.20 finds the folder by itself: its name is not the package's."""
    head = HEAD.replace(
        "BuildArch", "BuildSystem: pyproject\nBuildOption(install): twins\nBuildArch"
    )
    made = build(
        machine,
        tmp_path,
        head + "%files -n python3-twins -f %{pyproject_files}\n%{_bindir}/twins-tool\n",
    )
    assert {f"python{stack.pkgversion}-twins" for stack in (machine.old, machine.new)} <= set(made)


@pytest.mark.parametrize(
    ("option", "source", "line"),
    [
        ("", "twins-%{version}.tar.gz", "%{__tar} -x -f %{SOURCE0} --strip-components=1"),
        ("-n twins", "twins-%{version}.tar.gz", "%autosetup -p1 -n twins"),
        ("-S git", "twins-%{version}.tar.gz", "%autosetup -p1 -C -S git"),
        ("", "twins-%{version}.zip", "%autosetup -p1 -C"),
    ],
)
def test_how_a_declaration_unpacks(option: str, source: str, line: str) -> None:
    declared = "BuildSystem: pyproject\n" + (f"BuildOption(prep): {option}\n" if option else "")
    text = HEAD.replace("BuildArch", declared + "BuildArch").replace(
        "twins-%{version}.tar.gz", source
    )
    assert line in convert(text).text.splitlines()


def test_other_declarative_systems_are_refused_with_the_right_reason() -> None:
    text = HEAD.replace("BuildArch", "BuildSystem: cmake\nBuildArch")
    answer = convert(text).refusals[0]
    assert answer.reason == "what BuildSystem: cmake does for two stacks is not known"


@pytest.mark.parametrize(
    "names",
    [
        "%global p python%{python3_pkgversion}-twins\n%if 0%{?x}\n%global p twins-any\n%endif\n",
        "%global p python%{python3_pkgversion}-twins\n%{?old:%global p python-twins}\n",
    ],
)
def test_names_that_come_out_equal_are_refused(names: str) -> None:
    """One of the definitions has no stack in it: both packages would have that name."""
    text = names + HEAD.replace("-n python3-twins", "-n %{p}")
    refusals = convert(text + "%install\n%py3_install\n").refusals
    assert any("both stacks would be called" in item.reason for item in refusals)


def test_without_conversion_of_the_twice_defined_name_rpm_would_build_one_package_twice() -> None:
    text = "%if 0%{?fedora}\n%global p python3-twins\n%else\n%global p python3-twins\n%endif\n"
    new = convert(
        text + HEAD.replace("-n python3-twins", "-n %{p}") + "%install\n%py3_install\n"
    ).text
    assert new.count("%global p python%{python3_pkgversion}-twins") == 2
    assert new.count("%global p_other python%{python3_other_pkgversion}-twins") == 2


def test_what_is_written_for_both_stays_and_its_faults_are_told() -> None:
    text = (
        HEAD.replace("python3-twins", "python%{python3_pkgversion}-twins")
        + "%package -n python%{python3_other_pkgversion}-twins\nSummary: s\n%description -n "
        "python%{python3_other_pkgversion}-twins\nd\n%install\n%py3_install\n%py3_other_install\n"
        "%files -n python%{python3_pkgversion}-twins\n%{python3_sitelib}/x\n"
        "%files -n python%{python3_other_pkgversion}-twins\n%{_bindir}/twins-tool\n"
    )
    conversion = convert(text)
    assert conversion.text == text
    assert {item.rule for item in conversion.undecided} >= {"install-order", "program-owner"}


def test_a_broken_build_of_the_other_stack_fails_the_package(
    machine: Machine, tmp_path: Path
) -> None:
    setup = SETUP + "assert sys.version_info < (3, 12), 'not for new Pythons'\n"
    with pytest.raises(BadSpecError, match="not for new Pythons"):
        build(
            machine,
            tmp_path,
            HEAD + "%prep\n%autosetup -n twins-%{version}\n%build\n%py3_build\n%install\n"
            "%py3_install\n%files -n python3-twins\n%{python3_sitelib}/twins*\n",
            FILES | {"setup.py": setup},
        )


# What a generator of spec files writes: everything that the wheel has, told by its own record.
AUTO = (
    HEAD + "%prep\n%autosetup -n twins-%{version}\n%build\n%pyproject_wheel\n%install\n"
    "%pyproject_install\n%pyproject_save_files '*' +auto\n%check\n"
    "%_pyproject_check_import_allow_no_modules -t\n"
    "%files -n python3-twins -f %{pyproject_files}\n"
)
WHEEL = {
    "setup.py": 'from setuptools import setup\nsetup(name="twins", version="1.0", packages='
    '["twins"], scripts=["twins-tool"], data_files=[("share/man/man1", ["twins.1"])])\n',
    "twins/__init__.py": "",
    "twins-tool": "#!/usr/bin/python3\nprint(1)\n",
    "twins.1": ".TH TWINS 1\n",
}


def test_all_files_of_a_wheel_are_those_of_its_own_stack(machine: Machine, tmp_path: Path) -> None:
    """`+auto` lists programs and manual pages too, and nothing that the other stack installed."""
    made = build(machine, tmp_path, AUTO, WHEEL)
    files = {
        stack.version: set(package_facts(made[f"python{stack.pkgversion}-twins"]).files)
        for stack in (machine.old, machine.new)
    }
    assert not set.intersection(*files.values())
    for version, names in files.items():
        other = {"3.11": "3.13", "3.13": "3.11"}[version]
        assert not [name for name in names if f"python{other}/" in name]
        assert any(name.endswith("/twins/__init__.py") for name in names)
    programs = [{Path(name).name for name in names if "/bin/" in name} for names in files.values()]
    assert programs == [{"twins-tool"}, {"twins-tool-3.13"}]
    pages = [name for names in files.values() for name in names if "/man1/twins.1" in name]
    assert len(pages) == 1
