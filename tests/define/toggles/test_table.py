"""The table of toggles: what is read, what is refused, and what is made of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import jsonschema
import pytest
from click.testing import CliRunner

from elpython.cli import cli
from elpython.core.errors import BadBranchError
from elpython.core.report import SILENT
from elpython.define.branch import branch_names, load_branch
from elpython.define.toggles import markdown, mismatches, read_toggles, table_module
from elpython.prepare.apply import Context, code_digest
from examples import BASE_FILES, REPOSITORY, diff

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.define.toggles import Toggle
    from examples import Example

BRANCHES = REPOSITORY / "branches"
SPAM = BASE_FILES["Lib/spam.py"]
PATCH = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})
NAMES = ["3.9", "3.11", "3.13"]
GOOD = """
[answer]
title = "what the answer is"
description = "forty-two or not"
new = "42"
legacy = "41"
security = "low"
since = "27.01.0"
cves = ["CVE-2024-0001"]
modules = ["spam"]

[answer.default]
"3.11" = { value = "new", reason = "the base has it" }

[[answer.also]]
variable = "PYTHONANSWER"
words = { "1" = "42", "*" = "" }

[[answer.also]]
file = "/etc/python/answer.cfg"
section = "answer"
key = "PYTHONANSWER"
words = { no = "41" }
"""


@pytest.fixture
def real() -> tuple[Toggle, ...]:
    return read_toggles(BRANCHES, NAMES)


def _read(tmp_path: Path, text: str) -> tuple[Toggle, ...]:
    (tmp_path / "toggles.toml").write_text(text)
    return read_toggles(tmp_path, NAMES)


def test_a_good_table_is_read(tmp_path: Path) -> None:
    (toggle,) = _read(tmp_path, GOOD)
    assert (toggle.name, toggle.values, toggle.default("3.11")) == ("answer", ("42", "41"), "42")
    assert toggle.default("3.9") is None
    assert [item.place for item in toggle.also] == [
        "PYTHONANSWER",
        "/etc/python/answer.cfg: [answer] PYTHONANSWER",
    ]


def test_no_table_means_no_toggles(tmp_path: Path) -> None:
    assert read_toggles(tmp_path, NAMES) == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('new = "42"', "", "answer.new: is missing"),
        ('title = "what the answer is"', "", "answer.title: is missing"),
        ('legacy = "41"', 'legacy = "42"', "answer.legacy: is the same as new"),
        ('security = "low"', 'security = "lo"', "answer.security: 'lo' is not known; did you mean"),
        ('since = "27.01.0"', 'since = "soon"', "answer.since: "),
        ('"CVE-2024-0001"', '"2024-1"', "answer.cves[0]: '2024-1' is not of the form"),
        (
            'value = "new"',
            'value = "nev"',
            "answer.default.3.11.value: 'nev' is not known",
        ),
        (', reason = "the base has it"', "", "answer.default.3.11.reason: is missing"),
        ('"3.11" =', '"3.12" =', "answer.default.3.12: is not known"),
        (
            '"1" = "42"',
            '"1" = "43"',
            "answer.also[0].words.1: '43' is no value; known: 41, 42",
        ),
        ("no =", "NO =", "answer.also[1].words.NO: must be in lower case"),
        ('section = "answer"', "", "answer.also[1].file: needs a section and a key"),
        ('variable = "PYTHONANSWER"', "", "answer.also[0]: needs either a variable or a file"),
        ("[answer.default]", "[answer.defaults]", "answer.defaults: is not known; did you mean"),
        ("modules =", "module =", "answer.module: is not known; did you mean 'modules'?"),
        ("security =", 'cpython = { xoption = "x" }\nsecurity =', "answer.cpython: has the keys"),
        (
            "security =",
            'others = { new = "x" }\nsecurity =',
            "answer.others.new: stands for",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in GOOD
    with pytest.raises(BadBranchError) as caught:
        _read(tmp_path, GOOD.replace(old, new, 1))
    assert f"branches/toggles.toml: {message}" in str(caught.value)


def test_names_have_a_form_and_an_order(tmp_path: Path) -> None:
    with pytest.raises(BadBranchError, match="An_swer: is not of the form email-addresses"):
        _read(tmp_path, GOOD.replace("answer", "An_swer"))
    two = GOOD.replace("answer", "zeros") + GOOD
    with pytest.raises(BadBranchError, match="must stand by name: answer, zeros"):
        _read(tmp_path, two)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('title = "what the answer is"', "").replace('"low"', '"lo"')
    with pytest.raises(BadBranchError) as caught:
        _read(tmp_path, text)
    assert len(caught.value.details) == 2


def test_the_real_table_and_the_real_branches_agree(real: tuple[Toggle, ...]) -> None:
    assert branch_names(BRANCHES) == NAMES
    assert [mismatches(real, load_branch(BRANCHES, name)) for name in NAMES] == [[], [], []]
    assert len(real) >= 7


def test_every_real_toggle_says_what_it_is_about(real: tuple[Toggle, ...]) -> None:
    for toggle in real:
        assert toggle.cves or toggle.peps, toggle.name
        # What only a newer branch has was fixed in no older one.
        has = [name in toggle.defaults for name in NAMES]
        assert has == sorted(has), toggle.name
        assert has[-1], toggle.name
        assert toggle.description.endswith("."), toggle.name


def test_disagreements_are_found(example: Example, tmp_path: Path) -> None:
    (toggle,) = _read(tmp_path, GOOD)
    path = example.add("it", "")
    assert mismatches([toggle], example.load()) == [
        'branches/toggles.toml: answer.default."3.11": no change of the branch has the toggle'
    ]
    path.write_text('toggles = ["answer"]\n' + path.read_text())
    assert mismatches([toggle], example.load()) == []
    (bare,) = _read(tmp_path, GOOD.replace('"3.11" = {', '"3.9" = {'))
    assert mismatches([bare], example.load()) == [
        'branches/toggles.toml: answer.default: "3.11" is missing'
    ]
    path.write_text(path.read_text().replace('"answer"', '"anwser"'))
    assert mismatches([toggle], example.load())[0].endswith("did you mean 'answer'?")


def test_the_module_of_the_interpreter_is_the_table(real: tuple[Toggle, ...]) -> None:
    for name in NAMES:
        space: dict[str, object] = {}
        exec(table_module(real, name), space)
        assert space["BRANCH"] == name
        table = space["TOGGLES"]
        assert isinstance(table, dict)
        assert list(table) == [toggle.name for toggle in real]
        for toggle in real:
            here = name in toggle.defaults
            assert table[toggle.name]["here"] is here
            assert table[toggle.name]["default"] == (toggle.default(name) if here else toggle.new)


def test_a_toggle_of_another_branch_is_known_but_not_here(tmp_path: Path) -> None:
    space: dict[str, dict[str, dict[str, object]]] = {}
    exec(table_module(_read(tmp_path, GOOD), "3.9"), space)  # type: ignore[arg-type]
    assert space["TOGGLES"]["answer"]["here"] is False


@pytest.mark.parametrize("name", NAMES)
def test_start_up_looks_at_every_place_that_the_table_names(
    real: tuple[Toggle, ...], name: str
) -> None:
    patch = (BRANCHES / "core" / f"toggles@{name}.patch").read_text()
    told = set(re.findall(r'^\+    "([^"]+)",$', patch, re.MULTILINE))
    slip = "ELPYTHON_TOGGLE"  # looked at to warn of it
    own = {slip, "ELPYTHON_TOGGLES", "ELPYTHON_TOGGLES_REPORT", "/etc/elpython/toggles.cfg"}
    named = {item.variable or item.file for toggle in real for item in toggle.also}
    assert told == own | named


def test_the_page_is_the_table(real: tuple[Toggle, ...]) -> None:
    page = REPOSITORY / "docs" / "reference" / "toggles.md"
    assert page.read_text("utf-8") == markdown(real, NAMES), (
        "elpython branch toggles --markdown > docs/reference/toggles.md"
    )


def test_a_trees_key_covers_the_table(example: Example) -> None:
    toml = '\n[source]\nprovider = "files"\ngenerated = { "Lib/_table.py" = "toggles" }\n'
    example.add("table", None, toml=toml)
    branch = example.load()
    context = Context(
        store=example.store,
        branches=example.branches,
        branch=branch,
        variant="elpython",
        reporter=SILENT,
    )
    before = code_digest(branch.series[0], context)
    (example.branches / "toggles.toml").write_text(GOOD)
    assert code_digest(branch.series[0], context) != before
    tree = example.prepare()
    assert '"title"' in (tree.folder / "Lib/_table.py").read_text().replace("'", '"')
    (example.branches / "toggles.toml").write_text(GOOD.replace('"41"', '"40"'))
    assert "'40'" in (example.prepare().folder / "Lib/_table.py").read_text()


def test_told_features_are_those_of_the_series(example: Example) -> None:
    path = example.add("spam", PATCH, kind="feature")
    path.write_text('provides = ["spam.third"]\n' + path.read_text())
    toml = '\n[source]\nprovider = "files"\ngenerated = { "Lib/f.json" = "features" }\n'
    example.add("told", None, toml=toml)
    told = json.loads((example.prepare().folder / "Lib/f.json").read_text())
    assert [item["name"] for item in told["features"]] == ["spam.third"]
    assert told["provisional-warning"] is False


@pytest.mark.parametrize(
    ("generated", "message"),
    [
        ('{ "Lib/x.py" = "toggels" }', "generated.Lib/x.py: 'toggels' is not known; did you mean"),
        ('{ "../x.py" = "toggles" }', "generated.../x.py: '../x.py' leaves the tree"),
    ],
)
def test_a_wrong_generated_file_is_refused(example: Example, generated: str, message: str) -> None:
    toml = f'\n[source]\nprovider = "files"\ngenerated = {generated}\n'
    example.add("table", None, toml=toml)
    with pytest.raises(BadBranchError, match=re.escape(message)):
        example.load()


def _run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["branch", "toggles", *words], standalone_mode=False)
    return done.return_value, done.output


def test_the_command_prints_tables_json_and_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(BRANCHES))
    schema = json.loads(
        (REPOSITORY / "docs/reference/schemas/branch-toggles.schema.json").read_text()
    )
    for words in (["--json"], ["3.11", "--json"]):
        code, text = _run(*words)
        assert code == 0
        jsonschema.validate(json.loads(text), schema)
    assert json.loads(text)["branches"] == ["3.11"]
    code, text = _run("3.9")
    assert code == 0
    assert "tarfile-filter" in text
    assert "EL 3.11" not in text
    assert _run("--markdown")[1].startswith("# Toggles\n")


def test_the_command_says_no_where_a_branch_disagrees(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    (example.branches / "toggles.toml").write_text(GOOD)
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(example.branches))
    code, text = _run("3.11")
    assert code == 1
    assert "no change of the branch has the toggle" in text


def test_lint_branches_reports_the_table_too(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(example.branches))

    def lint() -> tuple[int, str]:
        done = CliRunner().invoke(cli, ["branch", "lint", "--no-content"], standalone_mode=False)
        return done.return_value, done.output

    assert lint()[0] == 0
    (example.branches / "toggles.toml").write_text(GOOD)
    assert lint() == (
        1,
        (
            'branches/toggles.toml: answer.default."3.11": no change of the branch has the toggle\n'
            "1 branch(es), 1 problem(s)\n"
        ),
    )
    (example.branches / "toggles.toml").write_text(GOOD.replace('"low"', '"lo"'))
    assert "answer.security: 'lo' is not known" in lint()[1]
