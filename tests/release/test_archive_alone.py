"""`make archive-alone`: an archive is configured, made and tested by itself."""

from __future__ import annotations

import sys
import tarfile
from typing import TYPE_CHECKING

import pytest
from bench import archive_alone

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURE = """\
#!/bin/sh
cat > Makefile <<'EOF'
all:
\techo made > made
test:
\ttest -f made && test -z "$$PYTHONPATH"
\t@echo "== Tests result: SUCCESS =="; echo "2 tests OK."; echo "Result: %s"
\t%s
EOF
"""


def _archive(folder: Path, last: str) -> Path:
    source = folder / "elpython-1"
    source.mkdir()
    (source / "configure").write_text(CONFIGURE % ("SUCCESS", last))
    (source / "configure").chmod(0o755)
    path = folder / "elpython-1.tar.xz"
    with tarfile.open(path, "w:xz") as out:
        out.add(source, "elpython-1")
    return path


@pytest.mark.parametrize(("last", "code"), [("true", 0), ("false", 2)])
def test_what_the_archive_says_of_itself_is_the_answer(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    last: str,
    code: int,
) -> None:
    """No variable of ours reaches it; the exit code is that of the step that failed."""
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    to = str(tmp_path / "to")
    words = ["archive_alone", str(_archive(tmp_path, last)), "--to", to]
    monkeypatch.setattr(sys, "argv", words)
    assert archive_alone.main() == code
    assert "2 tests OK." in capsys.readouterr().out
