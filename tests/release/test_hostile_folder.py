"""The folder in which the user stands is the attacker's: nothing of it runs, nothing counts."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from release_forgery import TOP, Forgery, forgery

if TYPE_CHECKING:
    from pathlib import Path

    from release_sample import Sample

PROGRAMS = ("git", "ssh-keygen", "tar", "make", "cc", "gcc", "xz", "sigstore", "python3", "sh",
            "ccache", "dpkg-buildpackage", "rpmbuild", "configure")  # fmt: skip
MODULES = ("sitecustomize", "usercustomize", "conftest", "json", "tarfile", "elpython", "click",
           "tuf", "setup")  # fmt: skip
COMMANDS = {
    "verify": ["verify", "{archive}"],
    "verify gzip": ["verify", "{gzip}"],
    "verify folder": ["verify", "{folder}"],
    "verify --rebuild": ["verify", "{archive}", "--rebuild"],
    "upgrade --check": ["upgrade", "{prefix}", "--to", "{archive}", "--check"],
    "package": ["release", "package", "{archive}", "--to", "{out}", "--kind", "container"],
}


@pytest.fixture
def forged(released: Sample, tmp_path: Path) -> Forgery:
    return forgery(released, tmp_path)


def set_traps(folder: Path, marker: Path) -> None:
    """Fill a folder with programs, modules and settings that run something when they are read."""
    shell, python = f"#!/bin/sh\ntouch {marker}\n", f"open({str(marker)!r}, 'w').close()\n"
    folder.mkdir(exist_ok=True)
    for name in PROGRAMS:
        (folder / name).write_text(shell)
        (folder / name).chmod(0o755)
    for name in MODULES:
        (folder / f"{name}.py").write_text(python)
    (folder / "evil.pth").write_text(f"import os; os.system('touch {marker}')\n")
    (folder / "Makefile").write_text(f"all:\n\ttouch {marker}\n$(shell touch {marker})\n")
    (folder / "pyproject.toml").write_text("[tool.elpython]\nunverified = true\n")
    (folder / ".gitattributes").write_text("* filter=evil diff=evil\n")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    with (folder / ".git" / "config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "touch {marker};"\n\tpager = "touch {marker}"\n')
        config.write(f'[filter "evil"]\n\tsmudge = "touch {marker}"\n\tclean = "touch {marker}"\n')
        config.write(f'[alias]\n\tarchive = "!touch {marker}"\n')
    for hook in ("post-checkout", "pre-commit", "post-index-change"):
        path = folder / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(shell)
        path.chmod(0o755)


def run(forged: Forgery, command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    prefix = forged.root / "prefix"
    prefix.mkdir(exist_ok=True)
    places = {
        "archive": forged.folder / f"{TOP}.tar.xz", "gzip": forged.folder / f"{TOP}.tar.gz",
        "folder": forged.folder, "prefix": prefix, "out": forged.root / "packages",
    }  # fmt: skip
    words = [word.format(**places) for word in COMMANDS[command]]
    words += ["--branches", str(forged.sample.example.branches)]
    words += ["--signers", str(forged.sample.signers)]
    env = dict(os.environ) | {"ELPYTHON_STORE": str(forged.root / "store-of-command")}
    # As an installed `elpython` starts: the current folder is no place for modules.
    argv = [sys.executable, "-P", "-m", "elpython", *words]
    return subprocess.run(
        argv, env=env, cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_of_the_current_folder_is_run(forged: Forgery, command: str) -> None:
    """The good release is judged as anywhere else."""
    set_traps(forged.root / "traps", forged.marker)
    forged.marker.unlink(missing_ok=True)
    done = run(forged, command, forged.root / "traps")
    assert not forged.marker.exists(), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    if command.startswith("verify"):
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_traps_within_a_release_are_not_run_either(forged: Forgery, command: str) -> None:
    """They lie beside the archive, in the release's own folder."""
    set_traps(forged.folder, forged.marker)
    forged.marker.unlink(missing_ok=True)
    done = run(forged, command, forged.folder)
    assert not forged.marker.exists(), done.stdout + done.stderr
    assert "the manifest does not know it" in done.stdout + done.stderr
    assert done.returncode != 0


@pytest.mark.parametrize("command", COMMANDS)
def test_a_poisoned_archive_is_not_opened_by_any_command(forged: Forgery, command: str) -> None:
    forged.tree({"configure": forged.poison})
    forged.sign("attacker")
    done = run(forged, command, forged.root)
    assert done.returncode != 0
    assert "the allowed signers do not list its key" in done.stdout + done.stderr
    assert not forged.marker.exists()
    assert not (forged.root / "packages").exists()
