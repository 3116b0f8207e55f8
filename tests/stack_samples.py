"""Real interpreters, RPM and sample packages for the tests of stacks."""

from __future__ import annotations

import importlib.metadata
import io
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
        """Convert and build a sample; return its binary packages."""
        top = self.root / "build" / f"{sample}-{default.version}"
        converted = lay_out(sample, top / "SOURCES")
        converted.write_text(text or convert(converted.read_text()).text)
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


def _add_tools(site: Path) -> None:
    """Copy this environment's pip and setuptools: interpreters build packages with them."""
    for name in ("pip", "setuptools"):
        distribution = importlib.metadata.distribution(name)
        tops = {Path(str(file)).parts[0] for file in distribution.files or []}
        for top in sorted(tops - {"..", "__pycache__"}):
            source = Path(str(distribution.locate_file(top)))
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "tests", "*.exe")
                shutil.copytree(source, site / top, ignore=ignored, dirs_exist_ok=True)
            elif source.exists():
                shutil.copy(source, site / top)


def _environment(folder: Path, python: Path, prefix: Path, version: str) -> Path:
    """Make an interpreter that has the build tools and sees what is installed under the prefix."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    site = f"lib/python{version}/site-packages"
    _add_tools(folder / site)
    (folder / site / "stack.pth").write_text(f"{prefix / site}\n")
    return folder / "bin" / f"python{version}"


def make_machine(root: Path, old: Path, new: Path) -> Machine:
    """Make the place: an environment for each interpreter, with what builds packages."""
    stacks = []
    for version, python in (("3.11", old), ("3.13", new)):
        own = _environment(root / version, python, root / "usr", version)
        nodots = version.replace(".", "")
        stacks.append(MacroStack(version=version, pkgversion=nodots, interpreter=str(own)))
    return Machine(root=root, old=stacks[0], new=stacks[1])


def lay_out(sample: str, folder: Path) -> Path:
    """Put a sample's spec file, as it is, and its source archive into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (source,) = (path for path in (SAMPLES / sample).iterdir() if path.is_dir())
    with tarfile.open(folder / f"{source.name}.tar.gz", "w:gz") as archive:
        archive.add(source, source.name)
    (spec,) = (SAMPLES / sample).glob("*.spec")
    return Path(shutil.copy(spec, folder))


def file_list(package: Path) -> list[str]:
    done = subprocess.run(
        ["rpm", "-qlp", "--nosignature", package], capture_output=True, text=True, check=True
    )
    return [line for line in done.stdout.splitlines() if not re.match(r"\(contains no", line)]


BACKEND = """
import os, zipfile

NAME, REQUIRES = {name!r}, {requires!r}


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    info = NAME + "-1.0.dist-info/"
    requires = "Requires-Dist: " + REQUIRES + "\\n" if REQUIRES else ""
    files = {{
        NAME + ".py": "import sys\\ndef main():\\n"
        "    print({name!r} + ' on %d.%d' % sys.version_info[:2])\\n",
        info + "METADATA": f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: 1.0\\n{{requires}}",
        info + "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        info + "entry_points.txt": "[console_scripts]\\n" + NAME + " = " + NAME + ":main\\n",
    }}
    files[info + "RECORD"] = "".join(path + ",,\\n" for path in [*files, info + "RECORD"])
    wheel = NAME + "-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, wheel), "w") as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), files[path])
    return wheel
"""


def write_sdist(folder: Path, name: str, *, requires: str = "") -> Path:
    """Write an sdist that builds itself, with a program of its own name."""
    dependencies = f'dependencies = ["{requires}"]' if requires else "dependencies = []"
    metadata = f"Metadata-Version: 2.2\nName: {name}\nVersion: 1.0\n"
    files = {
        "PKG-INFO": metadata + (f"Requires-Dist: {requires}\n" if requires else ""),
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "own"\n'
        'backend-path = ["."]\n\n'
        f'[project]\nname = "{name}"\nversion = "1.0"\n{dependencies}\n',
        "own.py": BACKEND.format(name=name, requires=requires),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for member, text in files.items():
            item = tarfile.TarInfo(f"{name}-1.0/{member}")
            item.size = len(text.encode())
            archive.addfile(item, io.BytesIO(text.encode()))
    return path
