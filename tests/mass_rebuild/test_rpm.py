"""Spec files: real rpmspec and rpmbuild on a small set with a cycle, errors and a repository."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import MissingProgramError
from elpython.core.store import Store
from elpython.mass_rebuild import plan as plans
from elpython.mass_rebuild import work
from elpython.mass_rebuild.errors import BadInputError
from elpython.mass_rebuild.journal import RebuildJournal
from elpython.mass_rebuild.options import parse
from elpython.mass_rebuild.specs import SpecSet, plan_specs

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.mass_rebuild.model import Interpreter, RebuildPlan

needs_rpm = pytest.mark.skipif(
    not (shutil.which("rpmbuild") and shutil.which("createrepo_c")),
    reason="rpmbuild and createrepo_c are not installed: apt-get install rpm createrepo-c",
)

SPEC = """\
%bcond_without tests
Name: python-@name@
Version: 1.0
Release: 1
Summary: @name@
License: MIT
Source0: @name@.py
BuildRequires: python%{python3_pkgversion}-devel
@needs@
%description
A module.
%package -n python%{python3_pkgversion}-@name@
Summary: @name@
%description -n python%{python3_pkgversion}-@name@
A module.
%prep
%build
@build@
%install
install -D -m 644 %{SOURCE0} %{buildroot}%{python3_sitelib}/@name@.py
%if %{with tests}
%check
@check@
%endif
%files -n python%{python3_pkgversion}-@name@
%{python3_sitelib}/@name@.py
"""


def write(folder: Path, name: str, needs: str = "", build: str = "", check: str = "true") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"name": name, "needs": needs, "build": build, "check": check}
    text = SPEC
    for key, value in parts.items():
        text = text.replace(f"@{key}@", value)
    (folder / f"python-{name}.spec").write_text(text)
    (folder / f"{name}.py").write_text("value = 1\n")


def need(name: str) -> str:
    return f"BuildRequires: python%{{python3_pkgversion}}-{name}"


def for_tests(name: str) -> str:
    return f"%if %{{with tests}}\n{need(name)}\n%endif"


def plan_in(folder: Path, own: Interpreter, store: Store, text: str = "") -> RebuildPlan:
    macros = (
        f"%python3_pkgversion {own.short}\n%__python3 {own.path}\n"
        f"%python3_sitelib /usr/lib/python{own.short}/site-packages\n"
    )
    return plan_specs(
        SpecSet(folder=folder, interpreter=own, macros=macros, options=parse(text), store=store)
    )


@needs_rpm
def test_a_set_with_a_test_cycle_is_built_in_order(
    tmp_path: Path, own: Interpreter, store: Store
) -> None:
    specs = tmp_path / "specs"
    write(specs, "low", for_tests("high"), check="%{__python3} -c 'import high'")
    write(specs, "high", need("low"), build="%{__python3} -c 'import low; assert low.value == 1'")
    (specs / "broken.spec").write_text("nothing: here\n")
    write(specs, "lost", need("nowhere"))
    plan = plan_in(specs, own, store)
    assert [(item.rule, item.package) for item in plan.breaks] == [
        ("drop test", "python-low==1.0-1")
    ]
    folder = tmp_path / "run"
    plans.save(plan, folder / "plan.json")
    result = work.run(folder, work.WorkOptions(store=store))
    assert (result.tally.built, result.tally.failed) == (2, 2)
    rows = {row.name: row for row in work.report(folder).rows}
    assert rows["python-high"].state == rows["python-low"].state == "built"
    assert rows["broken"].failure == "packaging"
    assert rows["python-lost"].cause.startswith("missing build requirement: python")
    names = [path.name for path in work.products(folder)]
    assert [name for name in names if not name.endswith(".src.rpm")] == [
        next(name for name in names if "-high-" in name and "src" not in name),
        next(name for name in names if "-low-" in name and "src" not in name),
    ]
    assert (folder / "repo" / "repodata" / "repomd.xml").is_file()
    listed = subprocess.run(
        ["rpm", "-qlp", *[str(path) for path in work.products(folder) if "src" not in path.name]],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert f"/usr/lib/python{own.short}/site-packages/low.py" in listed


@needs_rpm
def test_generated_requirements_become_edges_until_nothing_is_new(
    tmp_path: Path, own: Interpreter, store: Store
) -> None:
    """What `last` needs shows in two rounds, of which the second needs the first one's module."""
    specs = tmp_path / "specs"
    for name in ("one", "two"):
        write(specs / name, name)
    write(specs / "last", "last", build="%{__python3} -c 'import one, two'")
    spec = specs / "last" / "python-last.spec"
    dist = f"python{own.short}dist"
    asked = (
        f"%generate_buildrequires\necho '{dist}(one) >= 1'\necho 'gcc'\n"
        f"if %{{__python3}} -c 'import one'; then echo '{dist}(two)'; fi\n%build\n"
    )
    spec.write_text(spec.read_text().replace("%build\n", asked, 1))
    plan = plan_in(specs, own, store)
    assert plan.edges == ()
    folder = tmp_path / "run"
    plans.save(plan, folder / "plan.json")
    assert work.run(folder, work.WorkOptions(store=store)).tally.built == 3
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        tried = [item for item in journal.attempts("main") if item.job == "python-last==1.0-1"]
    assert [item.status for item in tried] == ["needs", "needs", "built"]


@needs_rpm
def test_a_failure_for_what_the_plan_builds_itself_is_tried_again(
    tmp_path: Path, own: Interpreter, store: Store
) -> None:
    specs = tmp_path / "specs"
    write(specs, "unsaid", build="%{__python3} -c 'import zlow'")
    write(specs, "zlow")
    write(specs, "hopeless", build="%{__python3} -c 'import nowhere_at_all'")
    folder = tmp_path / "run"
    plans.save(plan_in(specs, own, store), folder / "plan.json")
    result = work.run(folder, work.WorkOptions(store=store))
    assert (result.tally.built, result.tally.failed) == (2, 1)


@needs_rpm
def test_a_second_build_gives_the_same_bytes(tmp_path: Path, own: Interpreter) -> None:
    specs = tmp_path / "specs"
    write(specs, "same")
    digests = []
    for number in (1, 2):
        folder = tmp_path / f"run{number}"
        own_store = Store(tmp_path / f"store{number}")
        plans.save(plan_in(specs, own, own_store), folder / "plan.json")
        work.run(folder, work.WorkOptions(store=own_store))
        [binary] = [path for path in work.products(folder) if "src" not in path.name]
        digests.append(binary.read_bytes())
    assert digests[0] == digests[1]


@needs_rpm
def test_a_failing_check_is_a_test_failure(tmp_path: Path, own: Interpreter, store: Store) -> None:
    write(tmp_path / "specs", "sad", check="false")
    plans.save(plan_in(tmp_path / "specs", own, store), tmp_path / "run" / "plan.json")
    work.run(tmp_path / "run", work.WorkOptions(store=store))
    [row] = work.report(tmp_path / "run").rows
    assert (row.state, row.failure) == ("failed", "test failure")


@needs_rpm
def test_a_real_cycle_is_built_in_two_stages_where_the_spec_can(
    tmp_path: Path, own: Interpreter, store: Store
) -> None:
    specs = tmp_path / "specs"
    guarded = "%bcond_with bootstrap\n%if %{without bootstrap}\n" + need("hen") + "\n%endif"
    write(specs, "egg", guarded)
    write(specs, "hen", need("egg"), build="%{__python3} -c 'import egg'")
    plan = plan_in(specs, own, store)
    assert [item.rule for item in plan.breaks] == ["bootstrap"]
    plans.save(plan, tmp_path / "run" / "plan.json")
    result = work.run(tmp_path / "run", work.WorkOptions(store=store))
    assert (result.tally.built, result.tally.failed) == (3, 0)


@needs_rpm
def test_what_the_system_gives_can_be_stated(
    tmp_path: Path, own: Interpreter, store: Store
) -> None:
    write(tmp_path / "specs", "wants", need("vendor-thing"))
    assert plan_in(tmp_path / "specs", own, store).packages[0].problem
    stated = plan_in(tmp_path / "specs", own, store, 'system = ["python*-vendor-*"]')
    assert stated.packages[0].problem == ""


@needs_rpm
def test_one_name_in_two_spellings_is_refused(
    tmp_path: Path, own: Interpreter, store: Store
) -> None:
    write(tmp_path / "specs" / "a", "twice")
    write(tmp_path / "specs" / "b", "twice")
    path = tmp_path / "specs" / "b" / "python-twice.spec"
    path.write_text(path.read_text().replace("Name: python-twice", "Name: python_Twice"))
    with pytest.raises(BadInputError, match="another spelling"):
        plan_in(tmp_path / "specs", own, store)


def test_no_spec_files_and_no_tools_are_said(
    tmp_path: Path, own: Interpreter, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingProgramError, match="apt-get install rpm"):
        plan_in(tmp_path, own, store)


@needs_rpm
def test_a_folder_without_spec_files_is_said(
    tmp_path: Path, own: Interpreter, store: Store
) -> None:
    with pytest.raises(BadInputError, match="no spec file"):
        plan_in(tmp_path, own, store)
