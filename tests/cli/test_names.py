"""One name for each command: in the documents, in texts of the program, in names of schemas."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from elpython.cli.table import COMMANDS, GROUPS

REPOSITORY = Path(__file__).parents[2]
SCHEMAS = REPOSITORY / "docs" / "reference" / "schemas"
# Of files that commands write, not of what they print.
FILES = ("contract-needs.schema.json", "release-manifest.schema.json")
# In backticks or behind a prompt; options of the program itself may stand between.
_CALL = re.compile(r"(?:`|\$ )elpython ((?:-[^\s`]+ )*)([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")


def unknown(text: str) -> list[str]:
    """Return the calls in a text that name no command, or no command of their group."""
    found = []
    for call in _CALL.finditer(text):
        name, second = call[2], call[3]
        known = name in COMMANDS and (name not in GROUPS or not second or second in GROUPS[name])
        if not known:
            found.append(call[0].lstrip("`$ "))
    return found


def test_an_old_name_is_seen() -> None:
    assert unknown("see `elpython new-branch X`\n$ elpython fix cve\n`elpython branch list`") == [
        "elpython new-branch",
        "elpython fix cve",
    ]


def test_every_text_names_commands_that_there_are() -> None:
    words = ["git", "ls-files", "README.md", "*.md", "*.py", "*.toml", "*.html"]
    listed = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    # What is history keeps the names of its day.
    names = [name for name in listed.stdout.split() if "CHANGELOG" not in name]
    own = Path(__file__).relative_to(REPOSITORY).as_posix()
    found = {
        name: bad
        for name in names
        if name != own
        and (REPOSITORY / name).is_file()
        and (bad := unknown((REPOSITORY / name).read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.name)
def test_a_schema_is_named_after_its_command(path: Path) -> None:
    title = json.loads(path.read_text())["title"]
    if path.name in FILES or path.name.startswith("minpython-"):
        return
    [first, *_] = title.split(", ")
    words = first.removeprefix("elpython ").removesuffix(" --json").replace("--", "").split()
    assert path.name == "-".join(words) + ".schema.json"
    assert words[0] in COMMANDS
    assert words[0] not in GROUPS or words[1] in GROUPS[words[0]]
