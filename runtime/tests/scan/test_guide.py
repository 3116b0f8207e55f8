"""The guide to the scan shows what really happens."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from minpython.scan import main

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pytest

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "scan-old-code.md"


def blocks(kind: str) -> list[str]:
    """Return the fenced blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_commands_of_the_guide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command works, the first prints what is shown, the settings are understood."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "old.py").write_text(blocks("python")[0])
    monkeypatch.chdir(tmp_path)
    commands = [shlex.split(line) for block in blocks("sh") for line in block.splitlines()]
    newest = [] if sys.version_info >= (3, 13) else ["--target-version", "3.13"]
    codes = [main([*command[2:], "-j1", *newest]) for command in commands]
    assert codes == [1, 1, 1, 1, 0, 0, 1, 0]
    printed = capsys.readouterr().out
    for line in blocks("text")[0].splitlines():
        assert line.replace("lib/", str(Path("lib", ""))) in printed or line in printed
    (tmp_path / "minpython.cfg").write_text(blocks("ini")[0])
    assert main(["lib", "-j1"]) == 0
