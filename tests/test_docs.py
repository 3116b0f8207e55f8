"""Every command that the documentation shows is run, and says what the documentation says.

A block marked `console` is run: each line after `$ ` is a command, run by bash in one folder a
file; it must succeed unless `# exit N` stands behind it. Every line of output shown must be in what
the command printed, a `...` standing for any run of characters.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from examples import REPOSITORY

FENCE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXIT = re.compile(r"\s+# exit (\d+)$")


@dataclass(frozen=True)
class Shown:
    """A command as a document shows it."""

    command: str
    code: int
    output: tuple[str, ...]


def shown_commands(text: str) -> list[Shown]:
    """Read the console blocks of a Markdown text."""
    found = []
    for block in FENCE.findall(text):
        parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
        for part in parts[1:]:
            lines = part.splitlines()
            command = lines.pop(0)
            while command.endswith("\\"):
                command = command[:-1] + lines.pop(0).strip()
            match = EXIT.search(command)
            code = int(match[1]) if match else 0
            found.append(Shown(EXIT.sub("", command), code, tuple(line for line in lines if line)))
    return found


def missing_lines(shown: tuple[str, ...], printed: str) -> list[str]:
    """Return the lines that a document shows and the command did not print."""
    lines = [" ".join(line.split()) for line in printed.splitlines()]

    def there(line: str) -> bool:
        parts = [re.escape(part) for part in re.split(r" ?\.\.\. ?", " ".join(line.split()))]
        return any(re.fullmatch(".*".join(parts), candidate) for candidate in lines)

    return [line for line in shown if line.strip() != "..." and not there(line)]


DOCUMENTS = sorted(
    path
    for path in [REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")]
    if FENCE.search(path.read_text("utf-8"))
)


@pytest.mark.slow
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_what_a_document_shows_is_true(path: Path, tmp_path: Path) -> None:
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env |= {
        "ELPYTHON_BRANCHES": str(REPOSITORY / "branches"),
        "ELPYTHON_CHECKOUT": str(REPOSITORY),
        "PATH": f"{Path(sys.executable).parent}:{env['PATH']}",
        "LC_ALL": "C.UTF-8",
        # minpython is a distribution of its own: shown as if it were installed.
        **({"PYTHONPATH": str(REPOSITORY / "runtime" / "src")} if "minpython" in path.name else {}),
    }
    for item in shown_commands(path.read_text("utf-8")):
        done = subprocess.run(
            ["bash", "-c", item.command],
            cwd=tmp_path,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == item.code, f"$ {item.command}\n{done.stdout[-2000:]}"
        wrong = missing_lines(item.output, done.stdout)
        assert not wrong, f"$ {item.command}\nnot printed: {wrong}\nprinted:\n{done.stdout[-3000:]}"


def test_blocks_are_read_and_a_wrong_line_is_found() -> None:
    text = "```console\n$ echo one \\\n    two\none two\n$ false  # exit 1\n```\n```sh\n$ rm\n```\n"
    assert shown_commands(text) == [Shown("echo one two", 0, ("one two",)), Shown("false", 1, ())]
    assert missing_lines(("a ... c", "..."), "x\na  b c\n") == []
    assert missing_lines(("a d",), "a b c\n") == ["a d"]


def test_links_between_documents_lead_somewhere() -> None:
    broken: list[str] = []
    for path in [REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")]:
        targets = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text("utf-8"))
        broken += [
            f"{path.relative_to(REPOSITORY)}: {target}"
            for target in targets
            if not re.match(r"[a-z]+:", target) and not (path.parent / target).exists()
        ]
    assert broken == []
