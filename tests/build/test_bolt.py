"""Finding BOLT: only one that can instrument counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elpython.build.bolt import RUNTIME, find_bolt

if TYPE_CHECKING:
    from pathlib import Path


def install(folder: Path, suffix: str, *, runtime: bool) -> None:
    """Lay BOLT out as Debian does: the programs elsewhere, links to them on the path."""
    real = folder / "lib" / f"llvm{suffix}"
    (folder / "bin").mkdir(exist_ok=True)
    for name in ("llvm-bolt", "merge-fdata"):
        program = real / "bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        (folder / "bin" / f"{name}{suffix}").symlink_to(program)
    if runtime:
        (real / "lib").mkdir()
        (real / "lib" / RUNTIME).touch()


@pytest.mark.parametrize(
    ("installed", "expected"),
    [
        ([], None),
        ([("-16", True)], "-16"),
        ([("-16", False)], None),
        ([("-16", True), ("-19", True)], "-19"),
        ([("-16", True), ("-19", False)], "-16"),
    ],
)
def test_the_newest_that_can_instrument(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    installed: list[tuple[str, bool]],
    expected: str | None,
) -> None:
    for suffix, runtime in installed:
        install(tmp_path, suffix, runtime=runtime)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    found = find_bolt()
    if expected is None:
        assert found is None
    else:
        folder = tmp_path / "lib" / f"llvm{expected}" / "bin"
        assert found == (str(folder / "llvm-bolt"), str(folder / "merge-fdata"))
