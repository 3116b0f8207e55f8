"""`elpython schedule` as a stranger uses it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from elpython.cli import main

SCHEMAS = Path(__file__).parents[2] / "docs" / "reference" / "schemas"
YEARS = ("--from", "2027", "--to", "2030")


class Outcome:
    """What a run printed and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*args: object) -> Outcome:
        with pytest.raises(SystemExit) as ended:
            main(["schedule", *map(str, args)])
        out, err = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), out, err)

    return call


@pytest.mark.parametrize(
    ("schema", "args"),
    [
        ("models", ["models"]),
        ("check", ["check", "pep605", "pep602"]),
        ("show", ["show", "pep605", "--from", "2019-12", "--to", "2021", "--abi-break", "3.9:5"]),
        ("show", ["show", "elpython", *YEARS]),
        ("compare", ["compare", "pep605", "elpython", *YEARS, "--slips", "5"]),
        ("support", ["support", "--rule", "nep29", "--rule", "spec0", "--on", "2026-11-21"]),
        ("support", ["support", "--model", "pep605", "--on", "2030", "--all"]),
        ("freezes", ["freezes", "pep605", "elpython", "--to", "2026-11-21"]),
        ("reality", ["reality", "pep602"]),
        ("reality", ["reality", "epel-stacks"]),
    ],
)  # fmt: skip
def test_json_fits_its_schema(run: Run, schema: str, args: list[str]) -> None:
    outcome = run(*args, "--json")
    assert outcome.code == 0
    rules = json.loads((SCHEMAS / f"schedule-{schema}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(rules)
    checker = jsonschema.Draft202012Validator(rules, format_checker=jsonschema.FormatChecker())
    assert list(checker.iter_errors(json.loads(outcome.out))) == []
    broken = json.loads(outcome.out)
    (broken[0] if isinstance(broken, list) else broken)["unknown"] = 1
    assert list(checker.iter_errors(broken))  # the schema refuses what it does not know


def test_show_writes_the_peps_own_lines(run: Run) -> None:
    outcome = run("show", "pep605", "--from", "2021-06", "--to", "2021-09", "--format", "months")
    assert outcome.out.splitlines() == [
        "* 2021-06: 3.9.0rc1 (feature freeze, ABI freeze, pyc format freeze)",
        "* 2021-07: 3.9.0rc2",
        "* 2021-08: 3.9.0",
        "* 2021-09: 3.9.1, 3.8.x (final 3.8.x binary maintenance release)",
    ]


def test_csv_and_markdown_have_a_row_a_release(run: Run) -> None:
    args = ("show", "pep605", "--from", "2020", "--to", "2021")
    rows = list(csv.DictReader(io.StringIO(run(*args, "--format", "csv").out)))
    assert rows[0]["version"] == "3.9.0b2"
    table = run(*args, "--format", "markdown").out.splitlines()
    assert len(table) == len(rows) + 2
    assert all(line.startswith("| ") for line in table)


def test_a_calendar_file_is_taken_on_from(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "plan.ics"
    args = ("show", "pep605", "--from", "2020", "--to", "2021", "--format", "ical", "-o", path)
    assert run(*args).code == 0
    first = path.read_bytes()
    assert run(*args).code == 0
    assert path.read_bytes() == first
    outcome = run(*args, "--late", "3.9.0=10")
    assert outcome.err.startswith("wrote")
    assert "3.9.0 moves from 2021-08-02 to 2021-08-12 (+10 days)" in outcome.err
    assert path.read_bytes().count(b"SEQUENCE:1") == 1


def test_a_slip_out_of_tolerance_is_told(run: Run) -> None:
    outcome = run("show", "pep605", "--from", "2020", "--to", "2021", "--late", "3.9.0b5=45")
    assert "more than the tolerance of 31 days" in outcome.err


def test_compare_writes_its_page(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    outcome = run("compare", "pep605", "pep602", *YEARS, "--report", path)
    assert outcome.code == 0
    assert "early adopters" in outcome.out
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("form", ["table", "markdown", "csv"])
def test_compare_tells_every_audience_in_every_form(run: Run, form: str) -> None:
    out = run("compare", "pep605", "elpython", *YEARS, "--format", form).out
    for told in ("early adopters", "stable", "branch users", "rebuilds/year"):
        assert told in out


def test_freezes_and_reality_tell_their_sums(run: Run) -> None:
    out = run("freezes", "pep605", "--distribution", "debian", "--to", "2026-11-21").out
    assert "Debian 12" in out
    assert "Ubuntu" not in out
    assert "pep605: 525 days old on average" in out
    out = run("reality", "--all", "--series", "3.10").out
    assert "3.10.0rc1" in out
    assert "8.5 days" in out


def test_a_figure_is_written(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    assert (
        run("figure", "calendar", "pep605", "--from", "2020", "--to", "2022", "-o", path).code == 0
    )
    assert path.read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (["show", "pep6055"], 12, "did you mean 'pep605'?"),
        (["show", "pep605", "--from", "2023-02-29"], 2, "is no day"),
        (["show", "pep605", "--from", "yesterday"], 2, "write 2027-01-26"),
        (["show", "pep605", "--from", "2022", "--to", "2021"], 72, "before it starts"),
        (["compare", "pep602", "--from", "2022", "--to", "2021"], 72, "before it starts"),
        (
            ["figure", "latency", "elpython", "--from", "2029", "--to", "2028", "-o", "x.svg"],
            72,
            "before it starts",
        ),
        (["show", "pep605", "--to", "2015", "--from", "2014"], 72, "begins on 2019-06-04"),
        (["show", "pep605", "--to", "9999"], 2, "past the year 2400"),
        (["show", "pep605", "--abi-break", "3.9"], 2, "a whole number"),
        (["show", "pep605", "--late", "3.9.0=soon"], 2, "a whole number"),
        (["show", "pep605", "--from", "2020", "--late", "9.9=3"], 72, "not in the plan: 9.9"),
        (["compare"], 2, "Missing argument"),
        (["compare", "pep605", "--rule", "nep30"], 12, "did you mean 'nep29'?"),
        (["compare", "pep605", "--chance", "2"], 2, "0<=x<=1"),
        (["support", "--on", "2026-13"], 2, "is no day"),
        (["freezes", "--distribution", "arch"], 12, "one of Debian, Fedora, RHEL, Ubuntu"),
        (["figure", "calendar", "pep605", "-o", "a.bmp"], 73, ".svg or .png"),
        (["figure", "pie", "pep605", "-o", "a.svg"], 2, "is not one of"),
        (["check", "none.toml"], 70, "no such model file"),
    ],
)
def test_wrong_input_is_told(run: Run, args: list[str], code: int, told: str) -> None:
    outcome = run(*args)
    assert (outcome.code, told in outcome.err) == (code, True), outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["show", "bad.toml"], 70),
        (["support", "--rule", "bad.toml"], 71),
        (["show", "pep605", "--format", "ical", "-o", "bad.toml"], 70),
        (["show", "pep605", "--format", "csv", "-o", "bad.toml/under.csv"], 11),
        (["figure", "calendar", "pep605", "-o", "bad.toml/under.svg"], 11),
    ],
)
def test_files_that_cannot_be_read_or_written_are_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.toml").write_bytes(b"\xff\xfe")
    outcome = run(*args)
    assert outcome.code == code, outcome.err
    assert "cannot be" in outcome.err
    assert Path("bad.toml").read_bytes() == b"\xff\xfe"


def test_a_pipe_that_is_named_is_written_to(tmp_path: Path) -> None:
    """`-o /dev/stdout` writes there, and puts no file in the device's place."""
    words = ["show", "pep605", "--from", "2020", "--to", "2020", "--format", "csv"]
    done = subprocess.run(
        [sys.executable, "-m", "elpython", "schedule", *words, "-o", "/dev/stdout"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.startswith("date,version")


def test_check_tells_every_problem_of_every_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('name = "x"\ntitel = "y"\n[cadence]\nperiod = "no"\n')
    outcome = run("check", path, "pep605")
    assert outcome.code == 70
    assert f"{path}:2: titel: is not known; did you mean 'title'?" in outcome.err
    assert f"{path}:4: cadence.period" in outcome.err
    found = run("check", path, "pep605", "--json")
    assert len(json.loads(found.out)["findings"]) >= 4


@pytest.mark.parametrize("command", ["models", "show", "support"])
def test_no_heavy_library_is_loaded_for_an_answer(command: str) -> None:
    """What makes commands slow stays out: checked by what is loaded, not by a clock."""
    args = {"show": ["show", "pep605"], "models": ["models", "--json"], "support": ["support"]}
    code = (
        "import sys\nfrom elpython.cli import main\n"
        f"try: main(['schedule', *{args[command]!r}])\nexcept SystemExit: pass\n"
        "print(sorted({'numpy', 'matplotlib', 'jinja2', 'icalendar'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
