"""The interpreter's package put together for any Python, and a way to ask it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from elpython.define.toggles import read_toggles, table_module
from examples import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

PROBE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from _elpython import _config
_config.ROOT = sys.argv[2]
sys.base_prefix = sys.argv[2] + "/prefix"
_config.start_up()
from _elpython import toggles
print(json.dumps({item.name: [item.value, item.source] for item in toggles.everything()}))
print(sys.get_int_max_str_digits())
exec(sys.argv[3])
"""


@dataclass
class Asked:
    """What a run of the probe answered."""

    code: int
    toggles: dict[str, list[str]]
    digits: int
    more: str
    errors: list[str]


@dataclass
class Package:
    """The package `_elpython` with a branch's table, and a root folder for system files."""

    folder: Path
    root: Path
    python: str = sys.executable
    env: dict[str, str] = field(default_factory=dict)

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a system file, `/etc/elpython/toggles.cfg`, below the root folder."""
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
        return target

    def ask(self, *options: str, then: str = "", **env: str) -> Asked:
        """Start up with options and environment; return the toggles, or what went wrong."""
        clean = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME"}}
        done = subprocess.run(
            [self.python, *options, "-c", PROBE, self.folder, self.root, then],
            env=clean | env,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = done.stdout.splitlines()
        toggles = json.loads(lines[0]) if lines else {}
        digits = int(lines[1]) if lines else -1
        more = "\n".join(lines[2:])
        return Asked(done.returncode, toggles, digits, more, done.stderr.splitlines())


@pytest.fixture
def package(tmp_path: Path) -> Package:
    """The package as a tree of 3.11 has it."""
    folder = tmp_path / "lib"
    source = REPOSITORY / "runtime" / "interpreter" / "_elpython"
    shutil.copytree(source, folder / "_elpython", ignore=shutil.ignore_patterns("*.pyi"))
    table = read_toggles(REPOSITORY / "branches", ["3.9", "3.11", "3.13"])
    (folder / "_elpython" / "_table.py").write_text(table_module(table, "3.11"))
    root = tmp_path / "root"
    root.mkdir()
    return Package(folder, root)
