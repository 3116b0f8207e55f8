"""Every path that every command takes is tried with what users type by mistake: no traceback."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from elpython.cli import _run, cli
from elpython.core.store import Store
from examples import BASE_FILES, Example, make_archive

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
MISTAKES = (
    "missing",
    "file",
    "folder",
    "binary",
    "/dev/null",
    "unreadable file",
    "unreadable folder",
    "dangling link",
    "link to itself",
    "name beyond all measure",
    "deep table",
    "deep data",
    "endless device",
    "below a file",
)

# What the other required arguments are, by name; an option that stands for another way in is left
# out. `""` for an optional argument leaves it out too.
GIVEN = {
    "abi_break": "2026-11-30", "application": "app", "archive": "{file}", "base": "{python}",
    "branch": "3.11", "broke": "2026-11-30", "candidate": "{python}", "date": "2026-11-30",
    "distro": "debian-copyright",
    "file": "{file}", "files": "{file}", "folder": "{folder}", "kind": "calendar",
    "ledger": "{file}", "model": "elpython", "name": "3.12", "names": "elpython", "new": "{file}",
    "newer": "{file}", "old": "{file}", "osv": "{folder}", "output": "{missing}", "path": "{file}",
    "prefix": "{folder}", "python": "{python}", "redistributor": "acme", "series": "3.15",
    "since": "3.15.0a1", "specs": "{file}", "to": "{missing}", "version": "3.15.0a1",
    "key": "{file}", "fingerprint": "SHA256:x", "role": "root", "target": "side-tag",
    "system": "koji", "release": "{folder}", "index": "{folder}", "place": "{folder}",
    "final": "2027-10-05", "roots": "{folder}", "online": "{file}", "keys_": "{file}",
    "signers": "{file}", "root_keys": "{file}", "reason": "it", "threshold": "1",
    "wheelhouse": "{folder}", "releases": "3.15.0a1", "text": "27.01.0", "texts": "27.01.0",
}  # fmt: skip

# Text arguments that are paths too.
TEXT_PATHS = {
    ("info identity", "python"), ("contract check", "base"), ("contract check", "candidate"),
    ("schedule check", "files"), ("schedule show", "model"), ("release diff", "old"),
    ("release make", "source"),
}  # fmt: skip

# Commands that answer for long when a path is right after all, with words that keep them short.
SHORT = {"contract check": ["--only", "files"], "site": ["--years", "1"]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A command with a parameter that takes a path."""

    words: tuple[str, ...]
    command: click.Command
    parameter: click.Parameter

    def __str__(self) -> str:
        return f"{' '.join(self.words)} {self.parameter.name}"


def leaves(
    command: click.Command, words: tuple[str, ...], context: click.Context
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that runs something, with its words."""
    if not isinstance(command, click.Group):
        yield words, command
        return
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        inner = click.Context(below, info_name=name, parent=context)
        yield from leaves(below, (*words, name), inner)


def cases() -> list[Case]:
    """Every parameter of every command that takes a path."""
    context = click.Context(cli, info_name="elpython")
    return [
        Case(words=words, command=command, parameter=parameter)
        for words, command in leaves(cli, (), context)
        for parameter in command.params
        if isinstance(parameter.type, (click.Path, click.File))
        or (" ".join(words), parameter.name) in TEXT_PATHS
    ]


CASES = cases()
# They put whole pages together before, or while, they write.
SLOW = {"site folder", "site folders", "schedule compare report"}


@pytest.fixture(scope="module")
def lab() -> Iterator[dict[str, str]]:
    """A folder that everybody may enter, with one thing of each kind, and an example branch."""
    root = Path(tempfile.mkdtemp(prefix="elpython-paths-"))
    root.chmod(0o755)
    (root / "a-file").write_text("x = 1\n")
    (root / "a-folder").mkdir()
    (root / "binary").write_bytes(bytes(range(256)))
    (root / "secret").write_text("secret\n")
    (root / "secret").chmod(0)
    (root / "closed").mkdir(mode=0)
    (root / "dangling").symlink_to(root / "nothing")
    (root / "circle").symlink_to("circle")
    # What the standard library's readers answer with a RecursionError.
    (root / "deep.toml").write_text(f"a = {'[' * 3000}{']' * 3000}\n")
    (root / "deep.json").write_text("[" * 100_000)
    example = Example(root=root, store=Store(root / "store"))
    (example.branches / "core").mkdir(parents=True)
    example.sha256 = make_archive(root / "base.tar.gz", BASE_FILES)
    example.write()
    yield {
        "missing": str(root / "nothing-here" / "either"),
        "file": str(root / "a-file"),
        "folder": str(root / "a-folder"),
        "binary": str(root / "binary"),
        "/dev/null": "/dev/null",
        "unreadable file": str(root / "secret"),
        "unreadable folder": str(root / "closed"),
        "dangling link": str(root / "dangling"),
        "link to itself": str(root / "circle"),
        "name beyond all measure": str(root / ("x" * 300)),
        "deep table": str(root / "deep.toml"),
        "deep data": str(root / "deep.json"),
        "endless device": "/dev/zero",
        "below a file": str(root / "a-file" / "below"),
        "python": sys.executable,
        "root": str(root),
        "branches": str(example.branches),
    }
    (root / "closed").chmod(stat.S_IRWXU)
    shutil.rmtree(root)


def arguments(case: Case, value: str, lab: dict[str, str]) -> list[str]:
    """The command line: what is required is given, the parameter in question is the mistake."""
    argv = [*case.words, *SHORT.get(" ".join(case.words), [])]
    last = []
    for parameter in case.command.params:
        this = parameter is case.parameter
        if not this and not parameter.required:
            continue
        name = str(parameter.name)
        text = value if this else GIVEN[name].format(**lab)
        if isinstance(parameter, click.Argument):
            last.append(text)
        else:
            argv += [parameter.opts[0], text]
    return [*argv, *last]


@contextlib.contextmanager
def as_nobody(*, wanted: bool) -> Iterator[None]:
    """Yield up root's right to read everything, for a while."""
    if not wanted or os.geteuid() != 0:
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def answer(argv: list[str], *, unprivileged: bool) -> tuple[int, str]:
    """Run the command line; its exit code and output. What it raises is a traceback for users."""
    out = io.StringIO()
    with (
        as_nobody(wanted=unprivileged),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
    ):
        return _run(argv), out.getvalue()


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=str(case), marks=[pytest.mark.slow] if str(case) in SLOW else [])
        for case in CASES
    ],
)
def test_no_path_ends_in_a_traceback(
    case: Case, lab: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ELPYTHON_BRANCHES", lab["branches"])
    monkeypatch.setenv("ELPYTHON_STORE", f"{lab['root']}/store")
    for mistake in MISTAKES:
        folder = tmp_path / mistake.replace("/", "-")
        folder.mkdir()
        monkeypatch.chdir(folder)
        argv = arguments(case, lab[mistake], lab)
        code, said = answer(argv, unprivileged=mistake.startswith("unreadable"))
        assert "Traceback" not in said, argv
        assert code == 0 or said.strip(), f"{argv}: exit code {code} and nothing said"


def test_every_command_is_looked_at() -> None:
    """The table would be green if no path were found: it finds what a reader finds."""
    assert len(CASES) > 60
    assert set(map(str, CASES)) >= SLOW
    assert {"project needs path", "branch export folder", "site folder"} <= set(map(str, CASES))
