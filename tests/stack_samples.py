"""Real interpreters, RPM and sample packages for the tests of stacks."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from elpython.stacks.macros import MacroStack, fedora_names, render
from elpython.stacks.rpmtool import rpmbuild
from elpython.stacks.spec.convert import convert

SAMPLES = Path(__file__).parent / "data" / "stacks"


def find_python(version: str) -> Path | None:
    """Find an upstream interpreter with its headers: under pyenv, else on PATH."""
    root = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    found = sorted(root.glob(f"versions/{version}.*/bin/python{version}"))
    on_path = shutil.which(f"python{version}")
    candidates = [*reversed(found), *([Path(on_path)] if on_path else [])]
    for path in candidates:
        code = "import ensurepip, sysconfig, sys; print(sysconfig.get_default_scheme())"
        done = subprocess.run([path, "-Ic", code], capture_output=True, text=True, check=False)
        if done.stdout.strip() == "posix_prefix":
            return path
    return None


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A place to build and install packages for two stacks."""

    root: Path
    old: MacroStack
    new: MacroStack

    def macros(self, default: MacroStack, other: MacroStack | None) -> list[Path]:
        name = f"{default.version}-{other.version if other else 'alone'}"
        path = self.root / f"macros-{name}"
        path.write_text(render(default, other) + fedora_names())
        return [path]

    def build(
        self, sample: str, default: MacroStack, other: MacroStack | None, *, text: str = ""
    ) -> list[Path]:
        """Convert and build a sample; give its binary packages."""
        folder = SAMPLES / sample
        top = self.root / "build" / f"{sample}-{default.version}"
        (top / "SOURCES").mkdir(parents=True)
        (source,) = (path for path in folder.iterdir() if path.is_dir())
        with tarfile.open(top / "SOURCES" / f"{source.name}.tar.gz", "w:gz") as archive:
            archive.add(source, source.name)
        (spec,) = folder.glob("*.spec")
        converted = top / spec.name
        converted.write_text(text or convert(spec.read_text()).text)
        made = rpmbuild(
            converted,
            files=self.macros(default, other),
            defines={"_topdir": str(top), "_prefix": str(self.prefix)},
            log=top / "log",
        )
        return [path for path in made if not path.name.endswith(".src.rpm")]

    @property
    def prefix(self) -> Path:
        return self.root / "usr"

    def rpm(self, *arguments: object) -> str:
        command = ["rpm", "--dbpath", str(self.root / "db"), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def install(self, packages: list[Path]) -> None:
        self.rpm("-U", "--oldpackage", "--force-debian", "--nodeps", "--nosignature", *packages)

    def run(self, *command: object) -> str:
        done = subprocess.run(
            [str(word) for word in command], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def _tools(folder: Path) -> Path:
    """Link this environment's pip and setuptools into a folder: interpreters build with them."""
    folder.mkdir()
    for name in ("pip", "setuptools"):
        distribution = importlib.metadata.distribution(name)
        tops = {Path(str(file)).parts[0] for file in distribution.files or []}
        for top in tops - {"..", "__pycache__"}:
            if not (folder / top).exists():
                (folder / top).symlink_to(Path(str(distribution.locate_file(top))))
    return folder


def _environment(folder: Path, python: Path, tools: Path, prefix: Path, version: str) -> Path:
    """Make an interpreter that sees the build tools and what is installed under the prefix."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    site = f"lib/python{version}/site-packages"
    # The last line is what setuptools installs as distutils-precedence.pth: 3.12 has no distutils.
    shim = "import _distutils_hack; _distutils_hack.add_shim()"
    (folder / site / "stack.pth").write_text(f"{prefix / site}\n{tools}\n{shim}\n")
    return folder / "bin" / f"python{version}"


def make_machine(root: Path, old: Path, new: Path) -> Machine:
    """Make the place: an environment for each interpreter, with what builds packages."""
    tools = _tools(root / "tools")
    stacks = []
    for version, python in (("3.11", old), ("3.13", new)):
        own = _environment(root / version, python, tools, root / "usr", version)
        nodots = version.replace(".", "")
        stacks.append(MacroStack(version=version, pkgversion=nodots, interpreter=str(own)))
    return Machine(root=root, old=stacks[0], new=stacks[1])


def file_list(package: Path) -> list[str]:
    done = subprocess.run(
        ["rpm", "-qlp", "--nosignature", package], capture_output=True, text=True, check=True
    )
    return [line for line in done.stdout.splitlines() if not re.match(r"\(contains no", line)]
