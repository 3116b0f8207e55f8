"""Real interpreters: what the newer wrote, the older reads."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from elpython.core.errors import BadInterpreterError
from elpython.stream.rollback import try_back


def interpreter(*names: str) -> Path:
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for name in names:
        found = [path / "bin" / "python3" for path in sorted(root.glob(f"{name}.*"))]
        if path := shutil.which(f"python{name}"):
            found.append(Path(path))
        for path in found:
            if path.is_file():
                return path
    pytest.skip(f"needs a CPython {' or '.join(names)} (pyenv or PATH)")


def test_the_same_interpreter_reads_all_of_its_own() -> None:
    python = interpreter("3.11", "3.12", "3.10")
    assert all(item.readable for item in try_back(python, python))


def test_a_database_module_that_the_older_one_does_not_have() -> None:
    """3.13 took dbm.sqlite3 as its default: 3.12 and older cannot open such files."""
    found = {item.label: item for item in try_back(interpreter("3.13"), interpreter("3.9", "3.8"))}
    assert found["dbm default"].readable is False
    assert found["dbm default"].detail == "dbm.sqlite3"
    assert found["shelve"].readable is False
    assert found["pickle default protocol"].readable is True
    assert found["sqlite3"].readable is True


def test_a_pickle_protocol_that_the_older_one_does_not_know() -> None:
    found = {
        item.label: item for item in try_back(interpreter("3.9", "3.8"), interpreter("3.7", "3.6"))
    }
    assert found["pickle protocol 5"].readable is False
    assert "protocol" in found["pickle protocol 5"].reason
    assert found["pickle protocol 4"].readable is True


def test_what_is_no_interpreter(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(BadInterpreterError, match="roll-back probe"):
        try_back(broken, broken)
