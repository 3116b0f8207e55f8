"""The table is sorted, complete and documented, and its faults are told with their path."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from minpython import _index, table, table_index
from minpython.errors import TableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minpython.behaviour import Behaviour

RESTORERS = Path(table.__file__).parent / "restorers"
GOOD = {
    "what": "A thing.",
    "changed_in": "3.10",
    "by": "bpo-1",
    "how": "attribute",
    "target": "os",
    "scope": "package",
    "until": "3.19",
}


def _write(folder: Path, **sections: dict[str, str]) -> Path:
    text = "".join(
        f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in fields.items())
        for name, fields in sections.items()
    )
    (folder / "os.ini").write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_table_is_right() -> None:
    assert len(table.load()) > 0
    table.load_not_restored()


def test_the_index_is_current() -> None:
    made = table_index.index_source(table.load())
    assert Path(_index.__file__).read_text(encoding="utf-8") == made, (
        "run `python -m minpython.table --write`"
    )


@pytest.mark.parametrize(
    "entry",
    [entry for entry in table.load() if entry.how not in ("module", "translation")],
    ids=lambda entry: entry.name,
)
def test_each_behaviour_has_a_documented_restorer(entry: Behaviour) -> None:
    area, _, function = entry.restorer.partition(":")
    home = RESTORERS.parent / "start_restorers.py" if area == "start" else RESTORERS / f"{area}.py"
    tree = ast.parse(home.read_text(encoding="utf-8"))
    found = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function
    ]
    assert found, f"no function {function} in restorers/{area}.py"
    assert ast.get_docstring(found[0]), f"{entry.restorer} has no docstring"
    assert [argument.arg for argument in found[0].args.args] == ["patch", "module"]


def test_a_good_entry_is_read(tmp_path: Path) -> None:
    (entry,) = table.load(str(_write(tmp_path, good=GOOD)))
    assert entry.changed_in == (3, 10, 0)
    assert entry.restorer == "os:good"
    assert entry.default is True


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"what": ""}, "bad.what: missing"),
        ({"changed_in": "ten"}, "bad.changed_in: 'ten' is no version"),
        ({"by": "somebody"}, "bad.by: 'somebody' names no source"),
        ({"how": "magic"}, "bad.how: 'magic' is none of"),
        ({"scope": "global"}, "bad.scope_reason: missing"),
        ({"scope": "some"}, "bad.scope: 'some' is neither"),
        ({"allow_insecure": "yes"}, "bad.security: missing"),
        ({"allow_insecure": "maybe"}, "bad.allow_insecure: 'maybe' is neither"),
        ({"target": ""}, "bad.target: missing"),
        ({"how": "module"}, "bad.modules: missing"),
        ({"change_in": "3.10"}, "bad.change_in: unknown key; did you mean changed_in?"),
    ],
)
def test_a_wrong_entry_is_told_with_its_path(
    tmp_path: Path,
    change: dict[str, str],
    message: str,
) -> None:
    with pytest.raises(TableError) as caught:
        table.load(str(_write(tmp_path, bad={**GOOD, **change})))
    assert f"behaviours/os.ini: {message}" in str(caught.value)


def test_unsorted_sections_are_told(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="a stands after b"):
        table.load(str(_write(tmp_path, b=GOOD, a=GOOD)))


def test_a_fact_covered_twice_is_told(tmp_path: Path) -> None:
    fields = {**GOOD, "facts": "attribute os.errno 3.7"}
    with pytest.raises(TableError, match="belongs to a already"):
        table.load(str(_write(tmp_path, a=fields, b=fields)))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        table.load(str(_write(tmp_path, b={**GOOD, "by": "x"}, a={**GOOD, "how": "x"})))
    assert str(caught.value).count("\n") == 3
