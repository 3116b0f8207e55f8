"""Lowest Pythons, what forces them, what to write, and whether requires-python is a lie."""
# ruff: noqa: E501 - tables

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadVersionError
from elpython.core.store import Store
from elpython.core.version import CalVer
from elpython.project.errors import BadProjectError, BadRegistryError
from elpython.project.matrix import matrix, released, render
from elpython.project.project import Project, is_development, read_project
from elpython.project.registry import Branch, Registry, extra_name, python_release, read_registry
from elpython.project.requirement import requirement
from elpython.project.rules import standard_rules
from elpython.project.scan import read_source, scan
from elpython.project.verdict import Needs, judge
from prefix_samples import lay

if TYPE_CHECKING:
    from pathlib import Path

TODAY = dt.date(2026, 11, 21)
FIRST = CalVer.parse("27.01.0")


def provided(name: str, cpython: str, **since: str) -> dict[str, object]:
    branches = [
        {"branch": key[1] + "." + key[2:], "state": "provided", "since": value}
        for key, value in since.items()
    ]
    return {"name": name, "cpython": cpython, "branches": branches}


FEATURES = [
    provided("itertools.batched", "3.12", p311="27.01.0", p39="27.07.0"),
    provided("tomllib", "3.11", p39="27.01.0"),
    provided("zip(strict=)", "3.10", p39="27.01.0"),
    provided("except*", "3.11", p39="27.01.0"),
    provided("except without parentheses", "3.14", p39="27.01.0"),
    provided("sys.set_min_python_version", "", p39="27.01.0", p311="27.01.0"),
]
BRANCHES = [
    Branch(series=(3, 9), version="3.9.2.27.07.0", release=CalVer.parse("27.07.0"), first=FIRST),
    Branch(series=(3, 11), version="3.11.2.27.01.0", release=FIRST, first=FIRST),
    Branch(series=(3, 13), version="3.13.5.27.01.0", release=FIRST, first=FIRST),
]
REGISTRY = read_registry(FEATURES, BRANCHES)


def judged(source: str, requires: str = "", dependencies: tuple[str, ...] = ()) -> Needs:
    rules = standard_rules().with_features(
        [(item.name, item.cpython or (0, 0)) for item in REGISTRY.features.values()]
    )
    project = Project(requires=requires, dependencies=dependencies)
    found = [read_source(source.encode(), "pkg/a.py", rules)]
    return judge(found, project, REGISTRY, released=released(TODAY))


BATCHED = "from itertools import batched\n"
BOTH = BATCHED + "import tomllib\nzip([], strict=True)\n"
NEVER = "import sys\nsys.set_min_python_version((3, 8))\n"
PLAIN = "x = f'{1}'\n"


@pytest.mark.parametrize(
    ("source", "cpython", "branches"),
    [
        (BATCHED, "3.12", {"3.9": "27.07.0", "3.11": "27.01.0", "3.13": "27.01.0"}),
        (BOTH, "3.12", {"3.9": "27.07.0", "3.11": "27.01.0", "3.13": "27.01.0"}),
        ("import tomllib\ntomllib.loads\n", "3.11", {"3.9": "27.01.0", "3.11": "27.01.0", "3.13": "27.01.0"}),
        (NEVER, "", {"3.9": "27.01.0", "3.11": "27.01.0", "3.13": ""}),
        (PLAIN, "3.6", {"3.9": "27.01.0", "3.11": "27.01.0", "3.13": "27.01.0"}),
        ("match 1:\n    case _: pass\n", "3.10", {"3.9": "", "3.11": "27.01.0", "3.13": "27.01.0"}),
    ],
)  # fmt: skip
def test_the_lowest_pythons(source: str, cpython: str, branches: dict[str, str]) -> None:
    found = judged(source)
    assert found.cpython == cpython
    assert {item.branch: item.release for item in found.branches} == branches


@pytest.mark.parametrize(
    ("source", "requires", "dependencies"),
    [
        (BATCHED, ">=3.9", ['elpython-features[itertools-batched]>=27.1; python_version < "3.12"']),
        (PLAIN, ">=3.6", []),
        (NEVER, ">=3.9", ["elpython-features[sys-set-min-python-version]>=27.1"]),
        ("match 1:\n    case _: pass\n", ">=3.10", []),
    ],
)
def test_what_to_write(source: str, requires: str, dependencies: list[str]) -> None:
    advice = judged(source).advice
    assert advice.requires_python == requires
    assert list(advice.dependencies) == dependencies


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("try:\n    import tomllib\nexcept ImportError:\n    import tomli as tomllib\n",
         ['tomli; python_version < "3.11"']),
        ("import sys\nif sys.version_info >= (3, 9):\n    import zoneinfo\nelse:\n    from backports import zoneinfo\n",
         ['backports.zoneinfo; python_version < "3.9"']),
        ("import sys\nif sys.version_info < (3, 12):\n    from typing_extensions import override\nelse:\n    from typing import override\n",
         ['typing-extensions; python_version < "3.12"']),
        ("try:\n    import ujson\nexcept ImportError:\n    import json\n", []),
        ("try:\n    import tomllib\nexcept ImportError:\n    from . import tomli\n", []),
        ("match 1:\n    case _: pass\ntry:\n    import zoneinfo\nexcept ImportError:\n    import backports.zoneinfo\n", []),
    ],
)  # fmt: skip
def test_what_stands_in_for_a_missing_module_gets_a_marker(
    source: str, expected: list[str]
) -> None:
    assert list(judged(source).advice.dependencies) == expected


def test_classifiers_name_only_what_works() -> None:
    series = [line.rpartition(" ")[2] for line in judged(BATCHED).advice.classifiers[1:]]
    assert series == ["3.9", "3.11", "3.12", "3.13", "3.14", "3.15"]


@pytest.mark.parametrize(
    ("source", "requires", "asks", "verdict"),
    [
        (BATCHED, ">=3.9", False, "lie"),
        (BATCHED, ">=3.9", True, "lie"),  # 3.10 has no EL branch
        (BATCHED, ">=3.11", False, "lie"),
        (BATCHED, ">=3.11", True, "true"),
        (BATCHED, ">=3.12", False, "true"),
        (BATCHED, ">=3.13", False, "stricter"),
        (BATCHED, "", False, "missing"),
        (BATCHED, "three", False, "lie"),
        (PLAIN, ">=3.6", False, "true"),
        (NEVER, ">=3.9", False, "lie"),
        (BATCHED, ">=3.12.4", False, "true"),
    ],
)
def test_whether_requires_python_is_a_lie(
    source: str, requires: str, *, asks: bool, verdict: str
) -> None:
    dependencies = ("elpython_features >= 27.1",) if asks else ()
    found = judged(source, requires, dependencies)
    assert found.verdict == verdict, found.why


def test_a_lie_names_the_place() -> None:
    assert "pkg/a.py:1 uses itertools.batched" in judged(BATCHED, ">=3.11").why


@pytest.mark.parametrize(
    ("source", "requires", "dependencies", "expected"),
    [
        (PLAIN, ">=3.9", (), {"3.9": "EL Python", "3.10": "left out", "3.11": "CPython",
                              "3.12": "CPython", "3.13": "CPython", "3.14": "CPython",
                              "3.15": "CPython"}),
        (BATCHED, ">=3.10", (), {"3.10": "left out", "3.11": "EL Python", "3.12": "CPython",
                                 "3.13": "CPython", "3.14": "CPython", "3.15": "CPython"}),
        (PLAIN, ">=3.12,<3.14", (), {"3.12": "CPython", "3.13": "CPython"}),
    ],
)  # fmt: skip
def test_the_matrix_has_one_row_a_series_and_el_adds_none(
    source: str, requires: str, dependencies: tuple[str, ...], expected: dict[str, str]
) -> None:
    rows = matrix(judged(source, requires, dependencies), BRANCHES, TODAY)
    assert {row.series: row.interpreter for row in rows} == expected
    assert len({row.series for row in rows}) == len(rows)
    bare = matrix(judged(source, requires, dependencies), [], TODAY)
    assert [row.series for row in rows] == [row.series for row in bare]
    assert all(row.why for row in rows)


def test_the_matrix_is_written_for_github_nox_and_tox() -> None:
    rows = matrix(judged(PLAIN, ">=3.9"), BRANCHES, TODAY)
    include = json.loads(render(rows, "github"))["include"]
    assert include[0] == {
        "python": "3.9", "interpreter": "EL Python", "el-python": "3.9.2.27.07.0"
    }  # fmt: skip
    assert "3.10" not in [item["python"] for item in include]
    compile(render(rows, "nox"), "noxfile.py", "exec")
    assert '"3.9",  # EL Python' in render(rows, "nox")
    assert "    py39\n    py311\n" in render(rows, "tox")


def test_a_matrix_of_nothing_is_refused() -> None:
    with pytest.raises(BadProjectError, match="no Python that anybody maintains"):
        matrix(judged(PLAIN, "<3.6"), BRANCHES, TODAY)
    with pytest.raises(BadProjectError, match="no version specifier"):
        matrix(judged(PLAIN, "three"), BRANCHES, TODAY)


@pytest.mark.parametrize(
    ("release", "features", "below", "expected"),
    [
        ("27.01", (), "", "elpython-features[el-27-1]>=27.1"),
        ("27.07.2", (), "3.12", 'elpython-features[el-27-7-2]>=27.7.2; python_version < "3.12"'),
        ("", ("itertools.batched",), "",
         'elpython-features[itertools-batched]>=27.1; python_version < "3.12"'),
        ("", ("tomllib", "zip(strict=)"), "",
         'elpython-features[tomllib,zip-strict]>=27.1; python_version < "3.11"'),
        ("", ("sys.set_min_python_version",), "",
         "elpython-features[sys-set-min-python-version]>=27.1"),
    ],
)  # fmt: skip
def test_a_requirement_as_a_publisher_names_it(
    release: str, features: tuple[str, ...], below: str, expected: str
) -> None:
    assert requirement(REGISTRY, release, features, below) == expected


def test_unknown_features_and_releases_are_refused() -> None:
    with pytest.raises(BadRegistryError, match=r"itertools\.batchd") as caught:
        requirement(REGISTRY, "", ("itertools.batchd",), "")
    assert "did you mean 'itertools.batched'" in str(caught.value)
    with pytest.raises(BadVersionError):
        requirement(REGISTRY, "27.13", (), "")
    with pytest.raises(BadRegistryError, match="another form"):
        read_registry([{"name": "x"}], [])


def test_names_of_extras_and_releases() -> None:
    assert extra_name("pathlib.Path.walk") == "pathlib-path-walk"
    assert extra_name("zip(strict=)") == "zip-strict"
    assert python_release(CalVer.parse("27.07.2")) == "27.7.2"
    assert Registry({}, ()).find("x") is None


@pytest.mark.parametrize("name", ["except*", "except without parentheses"])
def test_syntax_of_a_branch_is_found_by_its_words(name: str) -> None:
    known = REGISTRY.find(name)
    assert known is not None
    assert known.name == name


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pyproject.toml": '[project]\nname = "a"\nrequires-python = ">=3.9"\n'}, ("a", ">=3.9")),
        ({"pyproject.toml": '[tool.poetry]\nname = "a"\ndependencies = {python = "^3.9"}\n'},
         ("a", ">=3.9,<4")),
        ({"setup.cfg": "[metadata]\nname = a\n[options]\npython_requires = >=3.8\n"}, ("a", ">=3.8")),
        ({"setup.py": "from setuptools import setup\nsetup(name='a', python_requires='>=3.7')\n"},
         ("a", ">=3.7")),
        ({"setup.py": "import os\nos.abort()\n"}, ("", "")),
        ({}, ("", "")),
    ],
)  # fmt: skip
def test_metadata_is_read_and_never_run(
    tmp_path: Path, files: dict[str, str], expected: tuple[str, str]
) -> None:
    found = read_project(lay(tmp_path / "project", {"a.py": "", **files}))
    assert (found.name, found.requires) == expected


def test_broken_metadata_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadProjectError, match=r"invalid TOML"):
        read_project(lay(tmp_path, {"pyproject.toml": "[project"}))


@pytest.mark.parametrize(
    ("path", "development"),
    [("pkg/a.py", False), ("tests/a.py", True), ("pkg/test_a.py", True), ("setup.py", True),
     ("docs/conf.py", True), ("src/testing_tools.py", False)],
)  # fmt: skip
def test_tests_and_tools_do_not_count(path: str, *, development: bool) -> None:
    assert is_development(path) is development


def test_a_project_is_scanned_once_and_then_only_what_changed(tmp_path: Path) -> None:
    store, rules = Store(tmp_path / "store"), standard_rules()
    root = lay(
        tmp_path / "project",
        {"a.py": BATCHED, "b/c.py": PLAIN, "tool": "#!/usr/bin/python3\nimport tomllib\n",
         ".hidden/x.py": BATCHED, "env/pyvenv.cfg": "", "env/x.py": "(", "data.txt": "("},
    )  # fmt: skip
    (root / "tool").chmod(0o755)
    first, anew = scan(store, root, rules)
    assert ([item.path for item in first], anew) == (["a.py", "b/c.py", "tool"], 3)
    assert scan(store, root, rules) == (first, 0)
    (root / "a.py").write_text(PLAIN)
    second, anew = scan(store, root, rules)
    assert (anew, second[0].uses) == (1, second[1].uses)
    (root / "a.py").unlink()
    assert [item.path for item in scan(store, root, rules)[0]] == ["b/c.py", "tool"]
    kept = next((tmp_path / "store" / "needs").iterdir())
    kept.write_text("{")
    assert scan(store, root, rules)[1] == 2


def test_many_files_are_read_by_several_processes(tmp_path: Path) -> None:
    root = lay(tmp_path / "project", {f"m{number}.py": BATCHED for number in range(80)})
    found, anew = scan(Store(tmp_path / "store"), root, standard_rules(), jobs=2)
    assert (len(found), anew) == (80, 80)
    assert {use.name for item in found for use in item.uses} >= {"itertools.batched"}


def test_paths_without_python_are_refused(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    with pytest.raises(BadProjectError, match="no such"):
        scan(store, tmp_path / "absent", standard_rules())
    with pytest.raises(BadProjectError, match="no Python source"):
        scan(store, lay(tmp_path / "empty", {"a.txt": ""}), standard_rules())
