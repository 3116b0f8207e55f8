"""What comes along with an import, and the private names that packages use."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import elpython.contract as package
from elpython.contract.environment.decide import Index, decide
from elpython.contract.environment.model import Needs, Package
from elpython.contract.environment.reader import Uses, read_source
from elpython.contract.model import Difference, Judged, Kind, PromiseOutcome, State, Verdict
from elpython.contract.probe import ask

TABLE = Path(package.__file__).parent / "data" / "private.toml"


def test_submodules_that_come_along_are_told(python311: Path) -> None:
    names = ["urllib.request", "json", "os", "nowhere.at_all"]
    told = ask(python311, "along", {"modules": names}, flags=("-I", "-S"))
    assert "urllib.error" in told["urllib.request"]
    assert "urllib.parse" in told["urllib.request"]
    assert told["nowhere.at_all"] is None


def test_a_module_that_kills_the_process_costs_only_itself(python311: Path, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("")
    (tmp_path / "pack" / "killer.py").write_text("import os\nos._exit(3)\n")
    code = tmp_path / "sitecustomize.py"
    code.write_text(f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n")
    told = ask(
        python311, "along", {"modules": ["pack.killer", "urllib.request"]},
        flags=(), env={"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert told["pack.killer"] is None
    assert "urllib.error" in told["urllib.request"]


def test_private_names_are_told_as_callers_see_them(python311: Path) -> None:
    names = ["typing._GenericAlias", "sys._getframe", "os._wrap_close.close", "typing._nowhere",
             "subprocess._optim_args_from_interpreter_flags", "_thread", "numpy._core"]  # fmt: skip
    told = ask(python311, "private", {"names": names}, flags=("-I", "-S"))
    assert told["typing._GenericAlias"] == {"kind": "value", "type": "class"}
    assert told["subprocess._optim_args_from_interpreter_flags"]["parameters"] == []
    assert told["_thread"]["type"] == "module"
    assert not {"typing._nowhere", "numpy._core"} & set(told)


def test_the_table_says_when_it_was_made_and_over_how_many() -> None:
    data = tomllib.loads(TABLE.read_text("utf-8"))
    assert data["packages"] >= 450
    assert data["names"]["sys._getframe"] > 50
    assert all(0 < count <= data["packages"] for count in data["names"].values())


def test_a_guarded_or_assigned_name_is_no_need_but_told() -> None:
    """As Django does: it replaces a helper of minidom where there is one."""
    uses = Uses()
    read_source(
        b"from xml.dom import minidom\n"
        b"if old := getattr(minidom, '_in_document', None):\n"
        b"    minidom._in_document = lambda node: True\n"
        b"setattr(minidom, '_other', 1)\ngetattr(minidom, '_needed')\nminidom._called()\n"
        b"del minidom._deleted\n",
        uses,
    )
    private = {name.rpartition(".")[2] for name in uses.names if "._" in name}
    assert private == {"_needed", "_called", "_deleted"}
    package = Package(name="django", version="1", patches=tuple(sorted(uses.patches)))
    difference = Difference(kind=Kind.REMOVED, key="xml.dom.minidom._in_document")
    outcome = PromiseOutcome(
        promise="api", verdict=Verdict.DECLARED, checked=1, gaps=(), notes=(), seconds=0.0,
        remembered=False, judged=(Judged(difference=difference, state=State.DECLARED),),
    )  # fmt: skip
    (decision,) = decide([outcome], [Needs(place="x", packages=(package,))])
    assert (decision.users, decision.possible) == ((), ("django",))


@pytest.mark.parametrize(
    ("names", "users"),
    [
        ({"urllib.request.urlopen": 1, "urllib.error.URLError": 1}, ("p",)),
        ({"urllib.request.urlopen": 1}, ()),
        ({"urllib.error.URLError": 1}, ()),
    ],
)
def test_what_no_longer_comes_along_reaches_who_uses_both(
    names: dict[str, int], users: tuple[str, ...]
) -> None:
    difference = Difference(kind=Kind.REMOVED, key="urllib.request(import urllib.error)")
    outcome = PromiseOutcome(
        promise="api", verdict=Verdict.BROKEN, checked=1, gaps=(), notes=(), seconds=0.0,
        remembered=False, judged=(Judged(difference=difference, state=State.BROKEN),),
    )  # fmt: skip
    needs = Needs(place="x", packages=(Package(name="p", version="1", names=names),))
    assert Index.of([needs]).modules
    (decision,) = decide([outcome], [needs])
    assert decision.users == users
