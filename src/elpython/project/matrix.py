"""The test matrix of a project: which Pythons to test on, and why each.

The rules: one row a series, never two. A series is tested on CPython while upstream supports it.
EL Python takes its place only where the sources need a feature that this CPython lacks, or after
upstream's end of support. So EL Python adds no row, and keeps those that upstream has given up.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.project.errors import BadProjectError
from elpython.project.guards import shown

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from elpython.project.registry import Branch, Series
    from elpython.project.verdict import Forced, Needs

__all__ = ["FORMATS", "Row", "matrix", "released", "render"]

CPYTHON, EL_PYTHON, LEFT_OUT = "CPython", "EL Python", "left out"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One series.

    Attributes:
        series: `3.11`.
        interpreter: `CPython`, `EL Python`, or `left out`.
        version: the EL version, or the series for CPython.
        why: the rule that made it so.
    """

    series: str
    interpreter: str
    version: str
    why: str


@cache
def _table() -> dict[Series, tuple[dt.date, dt.date]]:
    file = Path(__file__).parent / "data" / "cpython.toml"
    data = tomllib.loads(file.read_text("utf-8"))["series"]
    return {
        (int(name.split(".")[0]), int(name.split(".")[1])): (entry["released"], entry["end"])
        for name, entry in data.items()
    }


def released(today: dt.date) -> list[Series]:
    """Return CPython's series that are out on a day, oldest first."""
    return [series for series, (first, _) in sorted(_table().items()) if first <= today]


def matrix(
    needs: Needs, branches: Sequence[Branch], today: dt.date, *, declared: bool = True
) -> list[Row]:
    """Give a row a series that the project allows.

    Args:
        needs: what it needs.
        branches: the EL branches.
        today: the day; series that upstream no longer supports then need an EL branch.
        declared: take the project's own `requires-python` where it has one, else what it needs.

    Raises:
        BadProjectError: no series is allowed.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    text = (needs.declared if declared else "") or needs.advice.requires_python
    try:
        allowed = SpecifierSet(text)
    except InvalidSpecifier as error:
        raise BadProjectError(f"requires-python {text!r} is no version specifier") from error
    by_series = {branch.series: branch for branch in branches}
    rows = [
        _row(series, by_series.get(series), needs, today)
        for series in released(today)
        if allowed.contains(f"{shown(series)}.99", prereleases=True)
    ]
    if not any(row.interpreter != LEFT_OUT for row in rows):
        raise BadProjectError(
            f"requires-python {text!r} allows no Python that anybody maintains",
            todo="elpython project needs says what the sources need",
        )
    return rows


def _row(series: Series, branch: Branch | None, needs: Needs, today: dt.date) -> Row:
    name = shown(series)
    end = _table()[series][1]
    answer = next((item for item in needs.branches if item.branch == name), None)
    supported = end >= today
    lowest = tuple(int(part) for part in needs.cpython.split(".")) if needs.cpython else (99, 0)
    wanted = answer is not None and answer.enough and not (supported and series >= lowest)
    if branch is not None and answer is not None and wanted:
        why = f"stands for CPython {name}"
        if not supported:
            why += f", which upstream ended on {end}"
        if not answer.base_enough:
            names = ", ".join(item.name for item in answer.because[:3])
            why += f"; brings {names} since {answer.release}"
        return Row(series=name, interpreter=EL_PYTHON, version=branch.version, why=why)
    if series < lowest:
        missing = answer.because[0] if answer and answer.because else _latest(needs, series)
        where = f"{missing.name}, {missing.file}:{missing.line}" if missing else "more"
        return Row(series=name, interpreter=LEFT_OUT, version="", why=f"the sources need {where}")
    if not supported:
        why = f"upstream ended it on {end}, and EL Python has no branch for it"
        return Row(series=name, interpreter=LEFT_OUT, version="", why=why)
    return Row(
        series=name, interpreter=CPYTHON, version=name, why=f"upstream supports it until {end}"
    )


def _latest(needs: Needs, series: Series) -> Forced | None:
    return next(
        (
            item
            for item in needs.forced
            if not item.cpython or tuple(int(part) for part in item.cpython.split(".")) > series
        ),
        None,
    )


def _github(rows: Sequence[Row]) -> str:
    include = [
        {
            "python": row.series,
            "interpreter": row.interpreter,
            "el-python": _el(row),
        }
        for row in rows
    ]
    return json.dumps({"include": include})


def _workflow(rows: Sequence[Row]) -> str:
    include = "".join(
        f'          - {{python: "{row.series}", el-python: "{_el(row)}"}} # {row.why}\n'
        for row in rows
    )
    return f"""\
# Made by `elpython project matrix --format workflow`. Variables of the repository:
# ELPYTHON_RELEASES, where release archives are;
# ELPYTHON_SHA256, their digests as JSON: {{"3.11.2.27.01.0": "..."}}.
name: test

on: [push, pull_request]

permissions:
  contents: read

jobs:
  test:
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix:
        include:
{include}    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        if: ${{{{ !matrix.el-python }}}}
        with:
          python-version: ${{{{ matrix.python }}}}
      - uses: elpython/elpython/action/setup-elpython@main
        if: ${{{{ matrix.el-python }}}}
        with:
          version: ${{{{ matrix.el-python }}}}
          archive: ${{{{ vars.ELPYTHON_RELEASES }}}}/elpython-${{{{ matrix.el-python }}}}.tar.xz
          sha256: ${{{{ fromJSON(vars.ELPYTHON_SHA256)[matrix.el-python] }}}}
      - run: python -m pip install . pytest
      - run: python -m pytest
"""


def _el(row: Row) -> str:
    return row.version if row.interpreter == EL_PYTHON else ""


def _nox(rows: Sequence[Row]) -> str:
    pythons = "\n".join(f'    "{row.series}",  # {row.interpreter}: {row.why}' for row in rows)
    return (
        "import nox\n\n# Each name finds the interpreter that is first on PATH as pythonX.Y.\n"
        f"PYTHONS = [\n{pythons}\n]\n\n\n@nox.session(python=PYTHONS)\n"
        "def tests(session: nox.Session) -> None:\n"
        '    session.install(".", "pytest")\n    session.run("pytest", *session.posargs)\n'
    )


def _tox(rows: Sequence[Row]) -> str:
    names = "".join(f"    py{row.series.replace('.', '')}\n" for row in rows)
    notes = "".join(
        f"# py{row.series.replace('.', '')}: {row.interpreter}, {row.why}\n" for row in rows
    )
    return (
        f"{notes}[tox]\nenv_list =\n{names}\n[testenv]\n"
        "deps = pytest\ncommands = pytest {posargs}\n"
    )


FORMATS = {"github": _github, "nox": _nox, "tox": _tox, "workflow": _workflow}


def render(rows: Sequence[Row], form: str) -> str:
    """Return the matrix as JSON for `fromJSON`, a workflow, a noxfile or a tox.ini."""
    return FORMATS[form]([row for row in rows if row.interpreter != LEFT_OUT])
