"""Real sdists with a build backend of their own, so that a whole rebuild needs no network."""

from __future__ import annotations

import io
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadInterpreterError
from elpython.core.store import Store
from elpython.mass_rebuild import interpreters, wheels
from elpython.mass_rebuild.resolve import IndexOptions

if TYPE_CHECKING:
    from elpython.mass_rebuild.model import Interpreter, RebuildPlan

BACKEND = """
import os, re, sys, zipfile

def get_requires_for_build_wheel(config_settings=None):
    return [line for line in open("dynamic.txt").read().split() if line]

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    exec(open("during.py").read(), {})
    info = open("PKG-INFO").read()
    name = re.search("^Name: (.*)$", info, re.M).group(1)
    version = re.search("^Version: (.*)$", info, re.M).group(1)
    wheel = "%s-%s-py3-none-any.whl" % (name, version)
    folder = "%s-%s.dist-info" % (name, version)
    files = {name + ".py": open("module.py").read(), folder + "/METADATA": info,
             folder + "/WHEEL": "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\n"
                                "Tag: py3-none-any\\n"}
    files[folder + "/RECORD"] = "".join("%s,,\\n" % item for item in files)
    with zipfile.ZipFile(os.path.join(wheel_directory, wheel), "w") as bundle:
        for item in sorted(files):
            bundle.writestr(zipfile.ZipInfo(item, (2020, 1, 1, 0, 0, 0)), files[item])
    return wheel
"""

MakeSdist = Callable[..., Path]


def write_sdist(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    build: tuple[str, ...] = (),
    install: tuple[str, ...] = (),
    module: str = "value = 1\n",
    during: str = "",
    dynamic: str = "",
    says: str = "",
    extra: dict[str, str] | None = None,
) -> Path:
    """Write one sdist.

    Args:
        folder: where it is written.
        name: its name, also of its module.
        version: what its file name says.
        install: what it requires to run.
        build: its build requirements.
        module: its one module.
        during: code that runs inside `build_wheel`.
        dynamic: what its backend asks for when it runs.
        says: the version that its PKG-INFO tells, if another one.
        extra: further members by their full name in the archive.
    """
    requires = ", ".join(f'"{item}"' for item in build)
    info = f"Metadata-Version: 2.2\nName: {name}\nVersion: {says or version}\n"
    info += "".join(f"Requires-Dist: {item}\n" for item in install)
    files = {
        "PKG-INFO": info,
        "pyproject.toml": f'[build-system]\nrequires = [{requires}]\nbuild-backend = "own"\n'
        'backend-path = ["."]\n'
        f'[project]\nname = "{name}"\nversion = "{version}"\n'
        f"dependencies = [{', '.join(repr(item) for item in install)}]\n",
        "own.py": BACKEND,
        "module.py": module,
        "during.py": during,
        "dynamic.txt": dynamic,
    }
    members = {f"{name}-{version}/{key}": text for key, text in files.items()} | (extra or {})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as bundle:
        for key, text in members.items():
            data = text.encode()
            member = tarfile.TarInfo(key)
            member.size = len(data)
            bundle.addfile(member, io.BytesIO(data))
    return path


@pytest.fixture
def sdist(tmp_path: Path) -> MakeSdist:
    """Write an sdist into this test's archive folder."""

    def make(name: str, version: str = "1.0", **parts: object) -> Path:
        return write_sdist(tmp_path / "archives", name, version, **parts)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def own() -> Interpreter:
    """The interpreter that runs the tests."""
    return interpreters.ask(Path(sys.executable))


@pytest.fixture(scope="session")
def other() -> Interpreter:
    """Another CPython."""
    mine = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for version in ("3.13", "3.12", "3.11", "3.10"):
        if version != mine:
            try:
                return interpreters.ask(interpreters.find(version))
            except BadInterpreterError:
                continue
    pytest.skip("no second CPython 3.10 to 3.13 on this machine")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def plan_of(tmp_path: Path, own: Interpreter, store: Store) -> Callable[..., RebuildPlan]:
    """Plan requirements from this test's archive folder alone."""

    def make(*requirements: str, **parts: object) -> RebuildPlan:
        index = IndexOptions(find_links=(str(tmp_path / "archives"),), offline=True)
        return wheels.plan_wheels(
            wheels.WheelSet(
                requirements=requirements,
                index=index,
                store=store,
                **({"interpreter": own} | parts),  # type: ignore[arg-type]
            )
        )

    return make


# A backend whose metadata has to be asked for: nothing in its sdist is static.
ASKED = """
import os
exec(open("while_planning.py").read(), {})

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    folder = os.path.join(metadata_directory, "NAME-1.0.dist-info")
    os.mkdir(folder)
    with open(os.path.join(folder, "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: NAME\\nVersion: 1.0\\nRequires-Dist: alpha\\n")
    return os.path.basename(folder)
"""


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Metadata that was asked for once is kept by uv: this test asks anew."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))


@pytest.fixture
def asked(sdist: MakeSdist) -> Callable[[str, str], None]:
    """Write an sdist that runs some code when its metadata is asked for, and what it needs."""

    def make(name: str, code: str) -> None:
        sdist("alpha")
        sdist(
            name,
            extra={
                f"{name}-1.0/PKG-INFO": f"Metadata-Version: 1.1\nName: {name}\nVersion: 1.0\n",
                f"{name}-1.0/pyproject.toml": "[build-system]\nrequires = []\n"
                'build-backend = "asked"\nbackend-path = ["."]\n',
                f"{name}-1.0/asked.py": ASKED.replace("NAME", name),
                f"{name}-1.0/while_planning.py": code,
            },
        )

    return make
