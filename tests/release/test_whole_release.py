"""The real branch, from its release to the way back, each step by the command that its user types.

One test and no more: each step takes what the one before it made, and the workers that share the
tests of a run share nothing else. Bases, trees, builds and what the contract found come from the
user's store, so that a second run is short. `--log-cli-level=info` tells what each command took.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from examples import REPOSITORY
from release_sample import git, make_key

if TYPE_CHECKING:
    from elpython.build.build import Build

TOP = "elpython-3.11.2.27.01.0"
ACME = "elpython-acme-3.11.2.27.01.0"
WHO = "import ctypes, sqlite3, ssl, sys\nprint(getattr(sys.implementation, 'variant', 'stock'))"
ADVISORY = {
    "id": "PSF-2024-9", "modified": "2024-08-19T00:00:00Z", "aliases": ["CVE-2024-7592"],
    "details": "Quadratic complexity in parsing cookies with backslashes.",
    "affected": [{"ranges": [{"type": "GIT", "repo": "https://github.com/python/cpython",
        "events": [{"introduced": "0"}]}], "versions": ["3.11.2"]}],
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """A maintainers' clone, keys, and folders of those who take its releases.

    Attributes:
        root: holds all of it.
    """

    root: Path

    @property
    def release(self) -> Path:
        return self.root / "releases" / TOP

    @property
    def signers(self) -> Path:
        return self.root / "signers"

    def elpython(self, *words: str | Path) -> Any:  # noqa: ANN401 - JSON
        """Run a command in a folder that knows nothing; return its JSON."""
        away = self.root / "away"
        away.mkdir(exist_ok=True)
        env = caching(self.root) | {"ELPYTHON_BRANCHES": str(self.root / "clone" / "branches")}
        argv = [sys.executable, "-m", "elpython", *map(str, words), "--json"]
        started = time.monotonic()
        done = subprocess.run(
            argv, env=env, cwd=away, capture_output=True, text=True, check=False, timeout=1500
        )
        name = " ".join(Path(word).name for word in words[:4])
        logging.getLogger(__name__).info("%6.1f s  %s", time.monotonic() - started, name)
        assert done.returncode == 0, f"{name}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)


def caching(root: Path) -> dict[str, str]:
    """Let the compiler's cache serve packages too, and pack them quickly."""
    return dict(os.environ) | {
        "PATH": f"/usr/lib/ccache{os.pathsep}{os.environ['PATH']}",
        "CCACHE_BASEDIR": str(root),
        "CCACHE_NOHASHDIR": "1",
        "DPKG_DEB_COMPRESSOR_TYPE": "gzip",
        "DPKG_DEB_COMPRESSOR_LEVEL": "1",
        "CCACHE_SLOPPINESS": "time_macros,include_file_mtime,include_file_ctime",
    }


def variant(python: Path) -> str:
    """What an interpreter says it is; it must find what was compiled beside it."""
    words = [python, "-I", "-c", WHO]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def world(tmp_path: Path) -> World:
    clone = tmp_path / "clone"
    for name in ("branches", "runtime"):
        leave = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", ".*_cache")
        shutil.copytree(REPOSITORY / name, clone / name, ignore=leave)
    git(clone, "init", "-q", "-b", "main")
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "Branches")
    (tmp_path / "osv").mkdir()
    (tmp_path / "osv" / "PSF-2024-9.json").write_text(json.dumps(ADVISORY))
    (tmp_path / "signers").write_text(
        make_key(tmp_path / "key", "release@example.org")
        + make_key(tmp_path / "acme-key", "acme@example.org")
    )
    return World(root=tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_released_verified_rebuilt_packaged_and_put_in_place(
    world: World, el311: Build, base311: Build
) -> None:
    released_by_one_command(world, el311)
    verified_on_a_clean_copy(world)
    rebuilt_under_a_name(world)
    packaged_and_installed(world)
    put_in_place_and_back(world, base311)


def released_by_one_command(world: World, el311: Build) -> None:
    root = world.root
    words = ["release", "make", "3.11", "--profile", "quick", "--to", root / "releases"]
    words += ["--key", root / "key", "--signers", world.signers, "--osv", root / "osv"]
    made = world.elpython(*words)
    assert made["fresh"] is True
    assert {step["state"] for step in made["steps"]} == {"done"}
    manifest = json.loads((world.release / "release.json").read_text("utf-8"))
    assert manifest["rehearsal"] is False
    assert manifest["contract"]["broken"] is False
    assert manifest["tree"]["head"]
    assert manifest["cves"]["fixed"]
    assert manifest["tests"]["own"]["ran"] > 100
    verdicts = {item["promise"]: item["verdict"] for item in manifest["contract"]["promises"]}
    assert {verdicts[name] for name in ("abi", "behaviour", "extensions")} <= {"kept", "declared"}
    assert git(root / "clone", "tag", "--list") == f"{TOP}\n"
    assert manifest["identity"]["cache_tag"] == "cpython-311"
    assert variant(el311.python) == "elpython"
    again = world.elpython(*words)
    assert again["fresh"] is False


def verified_on_a_clean_copy(world: World) -> None:
    copy = shutil.copytree(world.release, world.root / "taken" / TOP)
    words = ["verify", copy / f"{TOP}.tar.xz", "--signers", world.signers]
    found = world.elpython(*words, "--rebuild", "--build")
    checks = {item["name"]: item for item in found["release"]["checks"]}
    assert {"signature", "files", "archive", "series", "rebuild", "build"} <= set(checks)
    assert checks["rebuild"]["note"] == "bit for bit the same"
    data = bytearray((copy / f"{TOP}.tar.xz").read_bytes())
    data[len(data) // 2] ^= 1
    (copy / f"{TOP}.tar.xz").write_bytes(data)
    with pytest.raises(AssertionError, match="is not what was signed"):
        world.elpython(*words)


def rebuilt_under_a_name(world: World) -> None:
    words = ["release", "rebrand", world.release, "--signers", world.signers]
    words += ["--redistributor", "acme", "--profile", "quick"]
    words += ["--to", world.root / "acme", "--key", world.root / "acme-key"]
    made = world.elpython(*words)
    assert made["release"]["variant"] == "elpython-acme"
    assert variant(Path(made["installed"]) / "bin" / "python3.11") == "elpython-acme"
    found = world.elpython("verify", world.root / "acme" / ACME, "--signers", world.signers)
    assert found["good"] is True


def packaged_and_installed(world: World) -> None:
    words = [
        "release",
        "package",
        world.root / "acme" / ACME,
        "--signers",
        world.signers,
        "--build",
    ]
    packages = world.root / "packages"
    for kind in ("debian", "rpm"):
        world.elpython(*words, "--kind", kind, "--to", packages)
    root = world.root / "root"
    (root / "rpm").mkdir(parents=True)
    [deb] = (packages / "debian").glob("*.deb")
    subprocess.run(["dpkg-deb", "-x", deb, root / "debian"], check=True)
    [rpm] = [path for path in (packages / "rpm").glob("*.rpm") if ".src." not in path.name]
    install = ["rpm", "--root", root / "rpm", "--nodeps", "--noscripts", "-i", rpm]
    subprocess.run(install, check=True)
    for kind in ("debian", "rpm"):
        link = root / kind / "usr/bin/elpython-acme3.11"
        assert str(link.readlink()) == "/opt/elpython-acme-3.11/bin/python3.11"
        python = root / kind / "opt/elpython-acme-3.11/bin/python3.11"
        told = world.elpython("info", "identity", python)["identity"]
        assert (told["redistributor"], told["version"]) == ("acme", "3.11.2.27.01.0")
        assert variant(python) == "elpython-acme"


def put_in_place_and_back(world: World, base311: Build) -> None:
    prefix = world.root / "py"
    leave = shutil.ignore_patterns("test", "*.a", "__pycache__")
    shutil.copytree(base311.root, prefix, symlinks=True, ignore=leave)
    env = world.root / "env"
    subprocess.run([prefix / "bin/python3.11", "-m", "venv", "--without-pip", env], check=True)
    pythons = (prefix / "bin/python3.11", env / "bin/python")
    assert [variant(path) for path in pythons] == ["stock", "stock"]
    for target in (world.release / f"{TOP}.tar.xz", "3.11"):
        words = ["upgrade", prefix, "--to", target, "--profile", "quick", "--no-network"]
        words += ["--signers", world.signers]
        told = world.elpython(*words)
        assert (told["changed"], told["version"]) == (True, "3.11.2.27.01.0")
        assert [variant(path) for path in pythons] == ["elpython", "elpython"]
        world.elpython("rollback", prefix)
        assert [variant(path) for path in pythons] == ["stock", "stock"]
