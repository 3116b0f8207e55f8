"""``minpython scan`` as it is called: exit codes, forms of output, settings, baselines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from minpython.errors import ConfigError
from minpython.scan import main

SCHEMAS = Path(__file__).resolve().parents[3] / "docs" / "reference" / "schemas"
OLD = "import collections\nclass A(collections.Mapping): pass\nx.isAlive()\n"
TARGET = ("--target-version", "3.13", "-j1")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with old and modern files, made the working folder."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "old.py").write_text(OLD)
    (tmp_path / "lib" / "new.py").write_text("import sys\n")
    (tmp_path / "lib" / "notes.txt").write_text("import imp\n")
    (tmp_path / "lib" / ".git").mkdir()
    (tmp_path / "lib" / ".git" / "hook.py").write_text("import imp\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str]:
    """Call the command; return its exit code and what it printed."""
    code = main([*argv])
    return code, capsys.readouterr().out


@pytest.mark.usefixtures("tree")
def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Each finding is one line with place, name, version, behaviour and the modern way."""
    code, out = run(capsys, "lib", *TARGET)
    assert code == 1
    first, second, summary = out.splitlines()
    path = re.escape(str(Path("lib", "old.py")))
    assert re.match(
        path + r":2:9: collections\.Mapping: gone or changed in 3\.10; restored by", first
    )
    assert "collections-abc-aliases" in first
    assert re.match(path + r":3:1: threading\.Thread\.isAlive: .*3\.9 \(low confidence\); ", second)
    assert summary == (
        "2 files, 4 lines: 1 uses of what Python 3.13 does not have, 1 more that may be some"
    )


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 1),
        (("--fail-on", "never"), 0),
        (("--exclude", "old.py"), 0),
        (("--exclude", "lib"), 1),
        (("--exclude", "lib/old*"), 0),
        (("--min-version", "3.9"), 1),
        (("--min-version", "3.10"), 0),
        (("--min-version", "3.10", "--fail-on", "low"), 0),
    ],
)
def test_exit_code(capsys: pytest.CaptureFixture[str], options: tuple[str, ...], code: int) -> None:
    """The exit code is 1 when something that counts was found, else 0."""
    assert run(capsys, "lib", *TARGET, *options)[0] == code


def test_low_confidence_counts_when_asked(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What may be a use sets the exit code only when asked to."""
    (tree / "lib" / "old.py").write_text("x.isAlive()\n")
    assert run(capsys, "lib", *TARGET)[0] == 0
    assert run(capsys, "lib", *TARGET, "--fail-on", "low")[0] == 1


def test_guarded(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Code that is ready for an ImportError is told of only when asked for."""
    (tree / "lib" / "old.py").write_text("try:\n import imp\nexcept ImportError:\n imp = None\n")
    assert "imp:" not in run(capsys, "lib", *TARGET)[1]
    code, out = run(capsys, "lib", *TARGET, "--guarded")
    assert (code, "imp: gone or changed in 3.12 (guarded confidence)" in out) == (0, True)


def test_json_follows_its_schema(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON output has the shape that its schema tells."""
    (tree / "lib" / "bad.py").write_bytes(b"import imp; '\xff'\n")
    _, out = run(capsys, "lib", *TARGET, "--json")
    data = json.loads(out)
    schema = json.loads((SCHEMAS / "minpython-scan.schema.json").read_text())
    assert faults(data, schema, schema) == []
    assert data["findings"][0]["restored_by"] == "collections-abc-aliases"
    assert data["not_read"][0]["path"].endswith("bad.py")
    del data["findings"][0]["line"]
    data["findings"][1]["confidence"] = "sure"
    assert len(faults(data, schema, schema)) == 2


def faults(value: Any, schema: dict[str, Any], whole: dict[str, Any], at: str = "") -> list[str]:
    """Return where a value breaks the parts of JSON Schema that ours use."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "null": type(None)}
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    found = []
    if wanted and not any(isinstance(value, kinds[kind]) for kind in wanted):
        found.append(f"{at}: is no {wanted}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if isinstance(value, dict):
        found += [f"{at}.{key}: missing" for key in schema.get("required", []) if key not in value]
        for key, part in value.items():
            known = schema.get("properties", {})
            if key not in known:
                found.append(f"{at}.{key}: unknown")
            else:
                found += faults(part, known[key], whole, f"{at}.{key}")
    if isinstance(value, list):
        for index, part in enumerate(value):
            found += faults(part, schema["items"], whole, f"{at}[{index}]")
    return found


@pytest.mark.usefixtures("tree")
def test_sarif(capsys: pytest.CaptureFixture[str]) -> None:
    """The SARIF log has what the standard requires, and rules and results that fit together."""
    code, out = run(capsys, "lib", *TARGET, "--sarif")
    log = json.loads(out)
    assert code == 1
    assert log["version"] == "2.1.0"
    (only,) = log["runs"]
    rules = only["tool"]["driver"]["rules"]
    assert only["tool"]["driver"]["name"] == "minpython"
    for result in only["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert region["startColumn"] >= 1
        assert result["message"]["text"]
    assert [result["level"] for result in only["results"]] == ["error", "note"]


def test_baseline(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Accepted findings stay silent when their lines move; new ones are told."""
    assert run(capsys, "lib", *TARGET, "--write-baseline", "known.json")[0] == 0
    assert run(capsys, "lib", *TARGET, "--baseline", "known.json")[0] == 0
    (tree / "lib" / "old.py").write_text("import sys\n\n" + OLD)
    assert run(capsys, "lib", *TARGET, "--baseline", "known.json")[0] == 0
    (tree / "lib" / "old.py").write_text(OLD + "class A(collections.Mapping): pass\n")
    code, out = run(capsys, "lib", *TARGET, "--baseline", "known.json")
    assert (code, out.count("collections.Mapping")) == (1, 1)


def test_configuration_file(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`minpython.cfg` sets what the command line leaves open."""
    (tree / "minpython.cfg").write_text(
        "[minpython]\nmin_version = 3.8\n[scan]\nexclude = old.py\n"
    )
    assert run(capsys, "lib", *TARGET)[0] == 0
    (tree / "minpython.cfg").write_text("[scan]\ntarget_version = 3.9\nfail_on = high\n")
    assert run(capsys, "lib")[0] == 0
    assert run(capsys, "lib", "--target-version", "3.10")[0] == 1


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["nowhere"], "nowhere: there is no such file or folder"),
        (["lib", "--target-version", "three"], "target_version: 'three' is no version"),
        (["lib", "--target-version", "4.0"], "knows Python 3.6 to 3.15, not 4.0"),
        (["lib", "--min-version", "2.7"], "knows Python 3.6 to 3.15, not 2.7"),
        (["lib", "--baseline", "no.json"], "no.json: No such file"),
        (["lib", "--baseline", "lib/new.py"], "is no baseline file"),
        (["lib", "--config", "no.cfg"], "no.cfg: there is no such file"),
        (["lib", "--config", "bad.cfg"], r"has no key exclud; did you mean exclude\?"),
        (["lib", "--config", "worse.cfg"], "guarded is yes or no, not 'maybe'"),
    ],
)
def test_mistakes(tree: Path, argv: list[str], message: str) -> None:
    """A mistake is told with its place and what to write instead."""
    (tree / "bad.cfg").write_text("[scan]\nexclud = x\n")
    (tree / "worse.cfg").write_text("[scan]\nguarded = maybe\n")
    with pytest.raises(ConfigError, match=message):
        main(argv)


def test_many_files_on_several_processors(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a pool of processes the findings are the same, in the same order."""
    for number in range(70):
        (tree / "lib" / f"m{number:02}.py").write_text(OLD)
    one = run(capsys, "lib", "--target-version", "3.13", "-j1")
    assert run(capsys, "lib", "--target-version", "3.13", "-j2") == one
