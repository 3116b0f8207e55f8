"""What is told as fixed, held against what shows it: tests that exist, and recorded evidence."""

from __future__ import annotations

import ast
import datetime as dt
import re
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError, ElpythonError
from elpython.define.code import IndexCode, PatchCode, ReleaseCode
from elpython.define.recorded import read_records
from elpython.define.vulnerability import FIXED
from elpython.define.vulnerability_check import (
    agreement,
    day_problem,
    day_problems,
    record_problems,
)
from elpython.define.vulnerability_read import FOLDER, read_record
from elpython.prepare.patches import touched_paths
from elpython.prepare.series import read_lock
from elpython.security.evidence import own_tests, tests_of
from elpython.security.touched_record import read_touched
from elpython.upstream.feeds.rules import RULES, read_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.define.change import Change
    from elpython.define.recorded import Recorded
    from elpython.define.vulnerability import Record, Vulnerability
    from elpython.prepare.tree import Tree

__all__ = ["branch_problems", "proof_problems", "standing_problems", "tree_problems"]

_HOW = "elpython fix test {branch} {change} --show-regression --record"
_FILE = re.compile(r"Lib/test/(.+?)(?:/__init__)?\.py")
_NODE = "::"
# Where the tree has what CPython bundles, and the modules that bind it: a fix of it touches one.
_PLACES = {
    "libexpat": ("Modules/expat", "Modules/pyexpat.c", "Modules/_elementtree.c"),
    "pip": ("Lib/ensurepip",),
    "setuptools": ("Lib/ensurepip",),
}


def standing_problems(folder: Path, branches: Sequence[Branch], *, today: dt.date) -> list[str]:
    """Return every problem of the vulnerability record, of what it says and of what shows it.

    Needs no tree and no network; `tree_problems` says the rest.

    Args:
        folder: the `branches` folder.
        branches: all branches.
        today: nothing can be later.

    Raises:
        BadBranchError: a `series.lock` is damaged.
    """
    problems = record_problems(folder, branches, today=today)
    if problems:
        return problems
    record = read_record(folder)
    return [
        *proof_problems(record, branches, folder, today=today),
        *_calendar(folder, branches, record, today),
    ]


def _calendar(
    folder: Path, branches: Sequence[Branch], record: Record, today: dt.date
) -> Iterator[str]:
    """Yield the days that cannot be, in what stands beside the record."""
    for branch in branches:
        for change in branch.series:
            if change.last_update and (told := day_problem(change.last_update, today)):
                yield f"{branch.name}: {change.id}: dep3.last-update: {told}"
        try:
            touched = read_touched(branch)
        except BadBranchError as error:
            yield str(error)
            continue
        if touched is not None and (told := _measured(touched.measured, today)):
            yield f"branches/{branch.name}/touched.json: measured: {told}"
    if (folder / RULES).is_file() and record.vulnerabilities:
        since = read_rules(folder).since
        if since > record.checked:
            # What came between the two would be told to nobody.
            yield f"branches/{RULES}: since: {since} is later than the last check, {record.checked}"


def _measured(day: str, today: dt.date) -> str:
    try:
        return day_problem(dt.date.fromisoformat(day), today)
    except ValueError:
        return f"{day!r} is no day"


def branch_problems(record: Record, branch: Branch, folder: Path, *, today: dt.date) -> list[str]:
    """Return why what the record says of one branch may not be relied on.

    Args:
        record: the vulnerability record.
        branch: the branch.
        folder: the `branches` folder.
        today: nothing can be later.
    """
    return [
        *day_problems(record, today),
        *agreement(record, branch),
        *proof_problems(record, [branch], folder, today=today),
    ]


def proof_problems(
    record: Record, branches: Sequence[Branch], folder: Path, *, today: dt.date
) -> list[str]:
    """Return a line for each vulnerability that is told as fixed and that nothing shows as fixed.

    Args:
        record: the vulnerability record.
        branches: the branches.
        folder: the `branches` folder; tests of ours lie beside it.
        today: no evidence can be later.
    """
    problems: list[str] = []
    for branch in branches:
        try:
            evidence = read_records(branch)
        except BadBranchError as error:
            problems.append(str(error))
            continue
        problems += _evidence_problems(branch, evidence, today)
        locked = read_lock(branch)
        changes = {change.id: change for change in branch.series}
        for item in record.vulnerabilities:
            standing = item.standing(branch.name)
            change = changes.get(standing.change)
            if standing.state != FIXED or change is None:
                continue
            if told := _elsewhere(item, change, branch):
                problems.append(f"{_at(item, branch)}.change: {told}")
            if not standing.tests:
                problems += _hidden(item, record, branch, evidence.get(change.id))
                continue
            where = f"{_at(item, branch)}.tests"
            ours = [test for test in standing.tests if _NODE in test]
            theirs = [test for test in standing.tests if _NODE not in test]
            lines = [*_ours(ours, folder.parent), *_in_patch(theirs, change, branch)]
            if theirs:
                lines += _shown(evidence.get(change.id), change, branch, locked)
            problems += [f"{where}: {text}" for text in lines]
    return problems


def _at(item: Vulnerability, branch: Branch) -> str:
    return f"branches/{FOLDER}/{item.id}.toml: branch.{branch.name}"


def _elsewhere(item: Vulnerability, change: Change, branch: Branch) -> str:
    """Return that a change touches nothing of the product that has the flaw; empty if it may.

    Read from the change's own files: code of a distribution or a commit is not looked at.
    """
    places, code = _PLACES.get(item.product, ()), change.code
    if not places and item.product != "cpython":
        return (
            f"change {change.id} cannot fix {item.product}, of which the tree has nothing: a fault "
            "in how CPython uses it has the product cpython"
        )
    if type(code) is PatchCode:
        paths = _patch_paths(code, change, branch)
    elif type(code) is ReleaseCode:
        paths = [part.to or part.path for part in code.parts]
    else:
        paths = [code.to] if type(code) is IndexCode else []
    if not places or not paths or any(path.startswith(places) for path in paths):
        return ""
    return f"change {change.id} touches nothing of {item.product} ({', '.join(places)})"


def _patch_paths(code: PatchCode, change: Change, branch: Branch) -> list[str]:
    """Return the paths that a change's own patch touches; none where it cannot be read."""
    name = code.file(branch.name)
    if name is None:
        return []
    try:
        return list(touched_paths((change.folder / name).read_bytes()))
    except (OSError, ElpythonError):
        # Told where the patch itself is read.
        return []


def _hidden(
    item: Vulnerability, record: Record, branch: Branch, found: Recorded | None
) -> Iterator[str]:
    """Yield that a fix is told as untested though its change's own tests show one."""
    change = item.standing(branch.name).change
    others = record.fixed_by(branch.name).get(change, [])
    if (
        found is not None
        and found.proven
        and not any(o.standing(branch.name).tests for o in others)
    ):
        yield (
            f"{_at(item, branch)}.untested: {change} has tests that fail on the base and pass on "
            "the branch: name them in tests"
        )


def _shown(
    found: Recorded | None, change: Change, branch: Branch, locked: Mapping[str, str]
) -> Iterator[str]:
    """Yield why recorded evidence does not show that a change fixes what its tests test."""
    how = _HOW.format(branch=branch.name, change=change.id)
    if found is None:
        yield f"nothing shows that they fail without {change.id}: {how}"
    elif not found.proven:
        yield (
            f"{change.id}'s tests say {found.base!r} on the base and {found.branch!r} on the "
            f"branch: they show no fix ({how}, or say why in untested)"
        )
    elif change.id in locked and found.patch_id != locked[change.id]:
        yield f"the evidence of {change.id} is of another content of it: {how}"


def _evidence_problems(
    branch: Branch, evidence: Mapping[str, Recorded], today: dt.date
) -> Iterator[str]:
    where = f"branches/{branch.name}/evidence.json"
    for item in evidence.values():
        if told := _measured(item.measured, today):
            yield f"{where}: {item.change}: measured: {told}"
        if item.proven and item.ran < 1:
            yield f"{where}: {item.change}: ran: no test ran, so nothing is shown"


def _ours(tests: Sequence[str], root: Path) -> Iterator[str]:
    """Yield what is wrong with tests of this repository; a wheel does not carry them."""
    if not (root / "tests").is_dir():
        return
    for test in tests:
        name, _, inner = test.partition(_NODE)
        path = root / name
        if not path.is_file():
            yield f"{name}: there is no such file"
            continue
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError) as error:
            yield f"{name} cannot be read: {error}"
            continue
        function = _function(tree, inner.split(_NODE))
        if function is None:
            yield f"{name} has no {inner}"
        elif not any(name.arg.startswith("base") for name in function.args.args):
            # What runs on the branch alone passes whether or not something was fixed.
            yield f"{test} does not run on a base"


def _function(tree: ast.Module, names: Sequence[str]) -> ast.FunctionDef | None:
    body: list[ast.stmt] = tree.body
    found: ast.stmt | None = None
    for name in names:
        found = next(
            (
                node
                for node in body
                if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name
            ),
            None,
        )
        body = found.body if isinstance(found, ast.ClassDef) else []
    return found if isinstance(found, ast.FunctionDef) else None


def _in_patch(tests: Sequence[str], change: Change, branch: Branch) -> Iterator[str]:
    """Yield the tests that the files of a change's own patch do not have, by its text alone."""
    if type(change.code) is not PatchCode:
        # Code of others has to be fetched first: `tree_problems` looks into the tree.
        return
    paths = _patch_paths(change.code, change, branch)
    if not paths:
        return
    files = {found[1].replace("/", ".") for path in paths if (found := _FILE.fullmatch(path))}
    for test in tests:
        inner = test.removeprefix("test.")
        if not any(inner == file or inner.startswith(f"{file}.") for file in files):
            yield f"{test} is in no file that change {change.id} touches"


def tree_problems(record: Record, branch: Branch, tree: Tree) -> list[str]:
    """Return a line for each test that is named for a fix and is not one of its change's own.

    Args:
        record: the vulnerability record.
        branch: the branch.
        tree: its prepared tree.
    """
    problems = []
    names = {change.id for change in branch.series}
    rows: dict[str, list[tuple[str, str]]] = {}
    for item in record.vulnerabilities:
        standing = item.standing(branch.name)
        if standing.state == FIXED and standing.change in names:
            rows.setdefault(standing.change, []).extend(
                (f"{_at(item, branch)}.tests", test) for test in standing.tests if _NODE not in test
            )
    for change, tests in rows.items():
        if not tests:
            continue
        own = {str(test): test for test in own_tests(tree, change)}
        for where, test in tests:
            holder = next((o for name, o in own.items() if f"{test}.".startswith(f"{name}.")), None)
            if holder is None:
                problems.append(f"{where}: {test} is no test of change {change}")
                continue
            # Of a file that it brings as a whole, the method has to be there.
            name = test.removeprefix(f"{holder}").lstrip(".")
            if not holder.name and name and name not in tests_of(tree.folder, holder.module):
                problems.append(f"{where}: there is no test {test}")
    return problems
