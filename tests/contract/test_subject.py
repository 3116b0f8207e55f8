"""What a promise reads is in the digest: an answer is never taken from the store for another."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from contract.mutants.lab import SERIES, Copy
from elpython.contract.stage import staged_python
from elpython.contract.subject import load
from elpython.core.elf import read_elf

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract.mutants.lab import Lab


def _digest(lab: Lab, copy: Copy) -> str:
    return load(staged_python(copy.root, SERIES), role="candidate", store=lab.run.store).digest


def _own_mode(copy: Copy) -> None:
    file = copy.include / "listobject.h"
    copy.write(file, file.read_text("utf-8"))
    file.chmod(0o600)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("source", lambda c: c.append("textwrap.py", "# more")),
        ("data", lambda c: c.swap("venv/scripts/common/activate", "hash -r", "true")),
        ("folder's mode", lambda c: (c.lib / "json").chmod(0o700)),
        ("header's mode", _own_mode),
        ("new folder", lambda c: (c.lib / "more").mkdir()),
        ("program", lambda c: c.remove(f"bin/pydoc{SERIES}")),
        ("manual", lambda c: c.remove(f"share/man/man1/python{SERIES}.1")),
        ("path file", lambda c: (c.lib / "site-packages/a.pth").write_text("import sys\n")),
        ("start", lambda c: (c.lib / "site-packages/sitecustomize.py").write_text("x = 1\n")),
        ("no packages", lambda c: shutil.rmtree(c.lib / "site-packages")),
        ("dangling link", lambda c: (c.lib / "nowhere.py").symlink_to("/nowhere")),
    ],
    ids=lambda item: item.replace(" ", "-") if isinstance(item, str) else "",
)
def test_whatever_is_read_changes_the_digest(
    lab: Lab, name: str, change: Callable[[Copy], None]
) -> None:
    copy = lab.copy(f"digest of {name}")
    before = _digest(lab, copy)
    assert _digest(lab, copy) == before
    change(copy)
    assert _digest(lab, copy) != before


@pytest.mark.slow
def test_what_starts_a_file_is_read(lab: Lab) -> None:
    copy = lab.copy("loading")
    program, library = (read_elf(path) for path in (staged_python(copy.root, SERIES), copy.library))
    assert program is not None
    assert library is not None
    assert program.loading()["interpreter"].startswith("/lib")
    assert program.loading()["stack"] == "not executable"
    if copy.library != staged_python(copy.root, SERIES):
        assert "interpreter" not in library.loading()
