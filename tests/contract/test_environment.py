"""An environment's needs, whom a difference reaches, and what the trials say."""

from __future__ import annotations

import json
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path
from pickle import PicklingError
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from elpython.cli import cli
from elpython.contract.environment.collect import (
    distributions,
    needs_of,
    site_folder,
    unpack_wheels,
)
from elpython.contract.environment.decide import decide
from elpython.contract.environment.model import (
    BadEnvironmentError,
    BadNeedsError,
    Needs,
    NothingShownError,
    Package,
    read_needs,
)
from elpython.contract.environment.prove import _trial, modules_of
from elpython.contract.environment.reader import Uses, read_source
from elpython.contract.model import Difference, Judged, Kind, PromiseOutcome, State, Verdict
from elpython.core.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from elpython.contract.subject import Run


def read(text: str) -> Uses:
    uses = Uses()
    read_source(text.encode(), uses)
    return uses


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import os.path\nos.path.join()", "os.path.join"),
        ("import sys\nsys._getframe(1)", "sys._getframe"),
        ("from typing import _GenericAlias as G\nG", "typing._GenericAlias"),
        ("import asyncio.events as e\ne._get_running_loop()", "asyncio.events._get_running_loop"),
        ("def f():\n    import json as j\n    return j.dumps", "json.dumps"),
        ("import csv\ns = csv.Sniffer()\ns.sniff", "csv.Sniffer.sniff"),
        ("import ssl\ngetattr(ssl, 'wrap_socket')", "ssl.wrap_socket"),
        ("from os import *", "os"),
    ],
)  # fmt: skip
def test_names_are_read(source: str, name: str) -> None:
    assert name in read(source).names


def test_other_packages_and_unknown_objects_are_not_the_standard_library() -> None:
    uses = read("import numpy as np\nfrom . import os\nnp.array\nthing.swapcase()")
    assert not uses.names
    assert "swapcase" in uses.attributes


def test_keywords_base_classes_patches_and_configuration_are_read() -> None:
    uses = read(
        "import json, socket, sysconfig, collections.abc as abc\n"
        "json.dumps(1, sort_keys=True)\nsocket.socket = 3\nsetattr(json, 'loads', None)\n"
        "class A(abc.Mapping[str, int]):\n    def __len__(self): ...\n"
        "sysconfig.get_config_var('SOABI')\n"
    )
    assert uses.keywords == {"json.dumps": {"sort_keys"}}
    assert uses.subclasses == {"collections.abc.Mapping": {"__len__"}}
    assert uses.patches == {"socket.socket", "json.loads"}
    assert uses.config == {"SOABI"}


def outcome(promise: str, *found: Difference) -> PromiseOutcome:
    return PromiseOutcome(
        promise=promise, verdict=Verdict.BROKEN, checked=1, gaps=(), notes=(), seconds=0.0,
        judged=tuple(Judged(difference=item, state=State.BROKEN) for item in found),
        remembered=False,
    )  # fmt: skip


USER = Package(
    name="user",
    version="1",
    extensions=1,
    symbols=("PyList_New",),
    names={"json.dumps": 1, "email.message.Message": 1, "os.walk": 2},
    keywords={"json.dumps": ("sort_keys",)},
    subclasses={"collections.abc.Mapping": ("__len__",)},
    attributes=("get_charset",),
    config=("CFLAGS",),
)
OTHER = Package(name="other", version="1", extensions=1, limited=True, symbols=("PyList_Append",))


@pytest.mark.parametrize(
    ("promise", "kind", "key", "breaks", "users", "possible"),
    [
        ("api", "changed", "json.dumps", "callers", ["user"], []),
        ("api", "removed", "json.loads", "callers", [], []),
        ("api", "changed", "json.dumps(sort_keys)", "callers", ["user"], []),
        ("api", "changed", "json.dumps(indent)", "callers", [], []),
        ("api", "changed", "collections.abc.Mapping.size", "subclasses", ["user"], []),
        ("api", "changed", "collections.abc.Set.size", "subclasses", [], []),
        ("api", "removed", "email.message.Message.get_charset", "callers", [], ["user"]),
        ("api", "removed", "email", "callers", ["user"], []),
        ("abi", "removed", "symbol.PyList_New", "", ["user"], []),
        ("abi", "removed", "symbol.PyList_Append", "", ["other"], []),
        ("abi", "removed", "symbol.PyDict_New", "", [], []),
        ("abi", "changed", "struct.PyTypeObject.tp_name", "", [], ["user"]),
        ("layout", "removed", "stdlib/os.py", "", ["user"], []),
        ("layout", "removed", "stdlib/cgi.py", "", [], []),
        ("layout", "changed", "config.CFLAGS", "", ["user"], []),
        ("roll-back", "changed", "back.instance.email.message.Message", "", ["user"], []),
    ],
)
def test_a_difference_reaches_its_users_alone(
    promise: str, kind: str, key: str, breaks: str, users: list[str], possible: list[str]
) -> None:
    found = Difference(kind=Kind(kind), key=key, breaks=breaks)
    needs = Needs(place="here", packages=(USER, OTHER))
    (decision,) = decide([outcome(promise, found)], [needs])
    assert list(decision.users) == users
    assert list(decision.possible) == possible


def test_additions_reach_nobody() -> None:
    found = Difference(kind=Kind.ADDED, key="json.dumps", harmless=True)
    assert decide([outcome("api", found)], [Needs(place="", packages=(USER,))]) == []


@pytest.mark.parametrize(
    ("base", "candidate", "state"),
    [
        ("imported", "imported", "same"),
        ("imported", "!ImportError", "broken"),
        ("!ImportError", "imported", "fixed"),
        ("!ImportError", "!ImportError", "fails"),
        ("imported", "imported; Warning", "differs"),
    ],
)
def test_what_a_trial_means(base: str, candidate: str, state: str) -> None:
    assert _trial("p", "import p", base, candidate).state == state


def test_needs_are_written_and_read_again(tmp_path: Path) -> None:
    needs = Needs(place="here", packages=(USER, OTHER))
    file = tmp_path / "needs.json"
    file.write_text(json.dumps(needs.to_json()), "utf-8")
    assert read_needs(file) == needs


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 9}',
        '{"format": 1}',
        '{"format": 1, "place": "", "packages": [{"x": 1}]}',
        '{"format": 1, "place": "", "packages": [{"name": "a"}], "packages": []}',
        '{"format": 1, "place": "", "packages": ' + "[" * 100_000,
    ],
)
def test_files_that_are_no_needs_are_told_so(tmp_path: Path, text: str) -> None:
    file = tmp_path / "needs.json"
    file.write_text(text, "utf-8")
    with pytest.raises(BadNeedsError):
        read_needs(file)


def test_a_folder_s_packages_are_read_and_kept(tmp_path: Path, run: Run) -> None:
    site = tmp_path / "site"
    info = site / "sample-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "sample.py").write_text("import json\njson.dumps({}, indent=1)\n", "utf-8")
    (site / "broken.py").write_text("def :\n", "utf-8")
    (info / "entry_points.txt").write_text("[console_scripts]\nsample = sample:main\n", "utf-8")
    names = ["sample.py", "broken.py", "sample-1.0.dist-info/entry_points.txt", "../../bin/sample"]
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in names), "utf-8")
    first = needs_of("here", [site], run)
    (package,) = first.packages
    assert package.names == {"json": 1, "json.dumps": 1}
    assert package.scripts == ("sample = sample:main",)
    assert package.unread == ("broken.py: SyntaxError",)
    assert asdict(needs_of("here", [site], run)) == asdict(first)


def _installed(site: Path, name: str, files: dict[str, str]) -> None:
    """Lay out an installed distribution with its record."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    for file, text in files.items():
        (site / file).write_text(text, "utf-8")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files), "utf-8")


@pytest.mark.parametrize("table", ["MAPPING = {}", "MAPPING: dict[str, str] = {}"])
def test_sources_of_editable_installs_are_read(tmp_path: Path, run: Run, table: str) -> None:
    """An editable install holds a path or a finder; what it leads to is the package."""
    site, sources = tmp_path / "site", tmp_path / "project" / "src"
    (sources / "made").mkdir(parents=True)
    (sources / "made" / "__init__.py").write_text("import shlex\nshlex.join([])\n", "utf-8")
    (sources / "setup.py").write_text("import distutils.core\n", "utf-8")
    (sources / "flat").mkdir()
    (sources / "flat" / "one.py").write_text("import html\nhtml.escape('')\n", "utf-8")
    _installed(site, "made", {"__editable__.made-1.0.pth": f"# told\n{sources}\n/nowhere\n"})
    mapping = table.replace("{}", repr({"flat": str(sources / "flat")}))
    _installed(site, "flat", {"__editable___flat_1_0_finder.py": f"import sys\n{mapping}\n"})
    made = {package.name: package for package in needs_of("here", [site], run).packages}
    assert made["made"].names == {"shlex": 1, "shlex.join": 1, "html": 1, "html.escape": 1}
    assert made["flat"].names == {"sys": 1, "html": 1, "html.escape": 1}
    modules = {item.name: modules_of(item) for item in distributions(site)}
    assert modules["made"] == ["flat.one", "made"]
    assert modules["flat"] == ["__editable___flat_1_0_finder", "flat.one"]
    (sources / "made" / "__init__.py").write_text("import csv\n", "utf-8")
    names = {package.name: package.names for package in needs_of("here", [site], run).packages}
    assert "csv" in names["made"]


def test_folders_of_path_files_are_read(tmp_path: Path, run: Run) -> None:
    site, folder = tmp_path / "site", tmp_path / "beside"
    folder.mkdir()
    site.mkdir()
    (folder / "module.py").write_text("import queue\n", "utf-8")
    (site / "beside.pth").write_text("../beside\nimport sys\n", "utf-8")
    (package,) = needs_of("here", [site], run).packages
    assert package.names == {"queue": 1}


def test_a_path_file_that_leads_to_a_disk_is_refused(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, folder = tmp_path / "site", tmp_path / "beside"
    folder.mkdir()
    site.mkdir()
    for number in range(4):
        (folder / f"m{number}.py").write_text("", "utf-8")
    (folder / "gone.py").symlink_to("/nowhere")
    (site / "beside.pth").write_text(f"{folder}\n", "utf-8")
    assert needs_of("here", [site], run).packages[0].modules == 4
    monkeypatch.setattr("elpython.contract.environment.editable._MOST", 3)
    with pytest.raises(BadEnvironmentError, match="more than 3 sources"):
        needs_of("here", [site], run)


def test_what_was_read_elsewhere_is_not_read_again(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second environment with the same packages costs their digests alone."""
    first, second = tmp_path / "first", tmp_path / "second"
    for site in (first, second):
        _installed(site, "sample", {"sample.py": "import json\n"})
    told = needs_of("here", [first], run)

    def refused(_item: object) -> None:
        raise AssertionError

    monkeypatch.setattr("elpython.contract.environment.collect.read_distribution", refused)
    assert needs_of("here", [second], run).packages == told.packages
    (second / "sample.py").write_text("import jsox\n", "utf-8")
    with pytest.raises((AssertionError, AttributeError, TypeError, PicklingError)):
        needs_of("here", [second], run)


def test_places_without_packages_are_told_so(tmp_path: Path, run: Run) -> None:
    with pytest.raises(BadEnvironmentError, match="no packages"):
        needs_of("here", [site_folder(tmp_path)], run)
    with pytest.raises(BadEnvironmentError, match="no folder"):
        site_folder(tmp_path / "nowhere")
    (tmp_path / "pyvenv.cfg").write_text("", "utf-8")
    with pytest.raises(BadEnvironmentError, match="site-packages"):
        site_folder(tmp_path)


def test_a_wheel_stays_in_its_folder(tmp_path: Path) -> None:
    wheel = tmp_path / "bad-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("../outside.py", "")
    with pytest.raises(BadEnvironmentError, match="leads out"):
        unpack_wheels([wheel], tmp_path / "site")
    assert not (tmp_path / "outside.py").exists()
    wheel.write_bytes(b"no wheel")
    with pytest.raises(BadEnvironmentError, match="no wheel"):
        unpack_wheels([wheel], tmp_path / "site")


def test_modules_to_import_leave_tests_out(tmp_path: Path, run: Run) -> None:
    from elpython.contract.environment.collect import Distribution

    del run
    files = (
        "a/__init__.py",
        "a/b.py",
        "a/tests/c.py",
        "d.cpython-311-x86_64-linux-gnu.so",
        "e.txt",
    )
    item = Distribution(name="a", version="1", folder=tmp_path, files=files)
    assert modules_of(item) == ["a", "a.b", "d"]


def package(folder: Path, name: str, source: str) -> None:
    """Install a package of one module by hand."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / f"{name}.py").write_text(source)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"{name}.py,,\n{info.name}/METADATA,,\n")


def check_folder(folder: Path, *more: str) -> tuple[object, str, BaseException | None]:
    """Check a folder of packages with this Python on both sides: return value, output, error."""
    python = str(Path(sys.executable).resolve())
    words = ["contract", "check", "--base", python, "--candidate", python, "--only", "identity"]
    words += ["--environment", str(folder), *more]
    done = CliRunner().invoke(cli, words, standalone_mode=False)
    return done.return_value, done.stdout, done.exception


@pytest.fixture
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELPYTHON_STORE", str(tmp_path / "store"))


@pytest.mark.usefixtures("own_store")
def test_what_fails_on_both_sides_is_not_called_kept(tmp_path: Path) -> None:
    """It is in the headline, it is not counted, and the exit code is one of its own."""
    package(tmp_path / "site", "broken_package", "import a_module_that_is_missing\n")
    package(tmp_path / "site", "whole_package", "X = 1\n")
    _, output, error = check_folder(tmp_path / "site")
    assert isinstance(error, NothingShownError)
    assert error.exit_code == 41
    assert "broken_package: ModuleNotFoundError" in str(error)
    headline = output.splitlines()[0]
    assert headline.startswith("Your 1 package keeps working; nothing shows it of broken_package")
    assert "a_module_that_is_missing" in headline


@pytest.mark.usefixtures("own_store")
def test_what_nothing_shows_can_be_accepted_by_name_alone(tmp_path: Path) -> None:
    package(tmp_path / "site", "broken_package", "import a_module_that_is_missing\n")
    package(tmp_path / "site", "other_package", "raise OSError('no library')\n")
    accepted = ("--accept-unshown", "broken_package")
    _, _, error = check_folder(tmp_path / "site", *accepted)
    assert isinstance(error, NothingShownError)
    assert "1 package(s)" in str(error)
    code, output, error = check_folder(
        tmp_path / "site", *accepted, "--accept-unshown", "other_package"
    )
    assert (code, error) == (0, None)
    assert output.startswith("Your 0 packages keep working; nothing shows it of broken_package")
    _, _, error = check_folder(tmp_path / "site", "--accept-unshown", "broken_pakage")
    assert isinstance(error, UnknownNameError)
    assert "broken_package" in str(error)


@pytest.mark.usefixtures("own_store")
def test_a_package_of_which_a_part_fails_is_shown_by_the_rest(tmp_path: Path) -> None:
    package(tmp_path / "site", "part", "X = 1\n")
    (tmp_path / "site" / "other.py").write_text("import a_module_that_is_missing\n")
    record = tmp_path / "site" / "part-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text() + "other.py,,\n")
    code, output, error = check_folder(tmp_path / "site")
    assert (code, error) == (0, None)
    assert "Your 1 package keeps working (1 of " in output
    assert "trials fail on both sides" in output.splitlines()[0]


@pytest.mark.parametrize("option", ["--accept-unshown", "--run", "--write-needs"])
def test_options_of_an_environment_are_refused_without_one(option: str) -> None:
    words = ["contract", "check", "--base", sys.executable, "--candidate", sys.executable]
    done = CliRunner().invoke(cli, [*words, option, "x"], standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert option in str(done.exception)


@pytest.mark.usefixtures("own_store")
def test_a_command_that_fails_on_both_sides_is_not_called_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelt test command would pass for ever."""
    package(tmp_path / "site", "whole_package", "X = 1\n")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    _, output, error = check_folder(tmp_path / "site", "--run", "no-such-program -q")
    assert isinstance(error, NothingShownError)
    assert "1 command(s) fail" in str(error)
    assert output.startswith("Your 1 package keeps working; nothing is shown by the command")
    code, _, error = check_folder(
        tmp_path / "site", "--run", "no-such-program -q", "--accept-unshown", "no-such-program -q"
    )
    assert (code, error) == (0, None)


def test_an_environment_of_another_series_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("")
    (tmp_path / "lib" / "python3.8" / "site-packages").mkdir(parents=True)
    with pytest.raises(BadEnvironmentError, match=r"Python 3\.8, and the base is Python 3\.11"):
        site_folder(tmp_path, "3.11")
    assert site_folder(tmp_path).parent.name == "python3.8"
    (tmp_path / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    assert site_folder(tmp_path, "3.11").parent.name == "python3.11"
