"""Installers of today take it on EL Python that offers what is asked, and refuse it elsewhere."""
# ruff: noqa: E501 - tables and programs

from __future__ import annotations

import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parents[1]
FEATURES = [
    {"name": "itertools.batched", "extra": "itertools-batched", "cpython": "3.12",
     "el": {"3.11": "27.1"}},
    {"name": "uuid.uuid7", "extra": "uuid-uuid7", "cpython": "3.14", "el": {"3.13": "27.1"}},
]  # fmt: skip
REFUSED = ("elpython-refused", "elpython-refused-cpython", "elpython-refused-feature")
BATCHED = 'elpython-features[itertools-batched]>=27.1; python_version < "3.12"'

# A Python that says it is EL Python: what the build asks is in sys.implementation alone.
PRETEND = """
import sys, types
release = ({0}, {1}, 0)
own = sys.implementation
sys.implementation = types.SimpleNamespace(**vars(own))
info = type(own.version)
sys.implementation.variant = "elpython"
class Version(tuple):
    major, minor, micro, releaselevel, serial = *release, "final", 0
sys.implementation.version = Version((*release, "final", 0))
"""


def build(
    data: dict[str, Any],
    tmp_path: Path,
    hook: str,
    *,
    el: tuple[int, int] | None = None,
    module: str = "probe_backend",
    name: str = "elpython-refused",
) -> Any:
    """Call a hook of the backend in a fresh process; give exit code, output and what was made."""
    work = tmp_path / "work"
    if not work.exists():
        shutil.copytree(HERE, work, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    (work / "features.json").write_text(json.dumps(data))
    project = work / "refused" / "pyproject.toml"
    project.write_text(project.read_text().replace('"elpython-refused"', f'"{name}"'))
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    code = PRETEND.format(*el) if el else "import sys\n"
    folder = work / ("refused/backend" if module == "refused_backend" else "backend")
    code += f"sys.path.insert(0, {str(folder)!r}); import {module} as b\n"
    code += f"print(b.{hook}({str(out)!r}))"
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", code], capture_output=True, text=True, check=False
    )
    return done, out / done.stdout.strip()


def data(release: str = "27.01.0") -> dict[str, Any]:
    known = [each for each in ("27.01.0", "27.07.0", "28.01.0") if each <= release]
    return {"release": release, "releases": known, "features": FEATURES}


def is_el() -> bool:
    return str(getattr(sys.implementation, "variant", "")).startswith("elpython")


@pytest.mark.skipif(is_el(), reason="this is an EL Python: the refusal names others")
@pytest.mark.parametrize(
    ("el", "what"),
    [
        (None, "what you install needs EL Python, and CPython 3."),
        ((27, 1), "needs a later EL Python, or a feature that EL Python 27.01.0"),
    ],
)
def test_the_refusal_is_never_built_and_says_why(
    tmp_path: Path, el: tuple[int, int] | None, what: str
) -> None:
    done, _ = build(data(), tmp_path, "build_wheel", el=el, module="refused_backend")
    assert done.returncode == 1
    assert what in done.stderr
    assert "Traceback" not in done.stderr
    done, made = build(
        data(), tmp_path, "prepare_metadata_for_build_wheel", el=el, module="refused_backend"
    )
    assert done.returncode == 0
    assert "Name: elpython-refused" in (made / "METADATA").read_text()


def test_what_is_built_has_the_same_bytes_on_every_python(tmp_path: Path) -> None:
    for module, hook in (
        ("probe_backend", "build_sdist"),
        ("probe_backend", "build_wheel"),
        ("refused_backend", "build_sdist"),
    ):
        _, one = build(data(), tmp_path / "one", hook, el=(27, 1), module=module)
        _, two = build(data(), tmp_path / "two", hook, module=module)
        assert one.read_bytes() == two.read_bytes()


def requirements(tmp_path: Path, *, el: tuple[int, int] | None) -> list[str]:
    done, _ = build(data("27.07.0"), tmp_path, "prepare_metadata_for_build_wheel", el=el)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out" / "elpython_features-27.7.dist-info" / "METADATA").read_text()
    return [line[15:] for line in text.splitlines() if line.startswith("Requires-Dist: ")]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, False),
        ({"extra": "itertools-batched"}, False),
        ({"extra": "el-27-7"}, False),
        ({"extra": "el-27-7", "implementation_version": "27.1.0"}, True),
        ({"extra": "el-27-1", "implementation_version": "27.1.0"}, False),
        ({"implementation_version": "27.1.0"}, False),
        ({"implementation_version": "3.11.7"}, True),
        ({"implementation_version": "31.7.0"}, False),
        ({"implementation_version": "3.15.0rc1"}, True),
        ({"implementation_name": "pypy"}, True),
        ({"extra": "uuid-uuid7"}, True),
        ({"extra": "uuid-uuid7", "python_version": "3.13"}, False),
        ({"extra": "itertools-batched", "python_version": "3.10"}, True),
        ({"extra": "itertools-batched", "python_version": "3.12"}, False),
    ],
)
def test_metadata_are_the_same_everywhere_and_markers_refuse(
    tmp_path: Path, changes: dict[str, str], *, refused: bool
) -> None:
    markers = pytest.importorskip("packaging.requirements")
    lines = requirements(tmp_path / "stock", el=None)
    assert lines == requirements(tmp_path / "el", el=(27, 7))
    environment = {
        "implementation_name": "cpython", "implementation_version": "27.7.0",
        "python_version": "3.11", "extra": "",
    }  # fmt: skip
    found = [markers.Requirement(line) for line in lines]
    asked = [
        item.name for item in found if item.marker and item.marker.evaluate(environment | changes)
    ]
    assert bool(asked) is refused
    assert set(asked) <= set(REFUSED)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """Serve an index with two releases (PEP 503), as any web server would."""
    root = tmp_path / "index"
    for release in ("27.01.0", "27.07.0"):
        _, made = build(data(release), tmp_path / release, "build_wheel")
        (root / "elpython-features").mkdir(parents=True, exist_ok=True)
        shutil.copy2(made, root / "elpython-features")
    for name in REFUSED:
        _, made = build(data(), tmp_path / name, "build_sdist", module="refused_backend", name=name)
        (root / name).mkdir()
        shutil.copy2(made, root / name)
    (root / "elpython-features-api").mkdir()
    lay_api(root / "elpython-features-api")
    for folder in root.iterdir():
        links = "".join(f'<a href="{path.name}">{path.name}</a>\n' for path in folder.iterdir())
        (folder / "index.html").write_text(f"<html><body>{links}</body></html>")
    handler = functools.partial(Quiet, directory=str(root))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        del format, args


def lay_api(folder: Path) -> None:
    import zipfile

    info = "elpython_features_api-27.1.dist-info"
    source = HERE / "api/src/elpython_features/__init__.py"
    with zipfile.ZipFile(folder / "elpython_features_api-27.1-py3-none-any.whl", "w") as archive:
        archive.write(source, "elpython_features/__init__.py")
        head = "Metadata-Version: 2.1\nName: elpython-features-api\nVersion: 27.1\n"
        archive.writestr(f"{info}/METADATA", head)
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")


def pythons() -> dict[str, Path]:
    """Real interpreters: EL Python as `ELPYTHON_TEST_EL` names it, and those of pyenv."""
    found: dict[str, Path] = {}
    roots = [os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv")]
    for root in filter(None, roots):
        for path in sorted(Path(root).glob("versions/3.*/bin/python")):
            found.setdefault(".".join(path.parts[-3].split(".")[:2]), path)
    return found


def install(
    tool: str, python: Path, index: str, tmp_path: Path, *requirements: str
) -> subprocess.CompletedProcess[str]:
    """Install into a fresh environment with pip or uv, from the index alone."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PYTHON"))}
    env |= {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "UV_CACHE_DIR": str(tmp_path / "uv"),
            "PIP_CACHE_DIR": str(tmp_path / "pip"), "UV_PYTHON_DOWNLOADS": "never"}  # fmt: skip
    place = tmp_path / f"env-{tool}-{python.parts[-3]}"
    if tool == "uv":
        uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
        if uv is None:
            pytest.skip("uv is not installed")
        words: list[str | Path] = [uv, "pip", "install", "--python", place / "bin/python"]
    else:
        words = [place / "bin/python", "-m", "pip", "install", "--disable-pip-version-check"]
    if not place.exists():
        start: list[str | Path] = [
            python,
            "-m",
            "venv",
            *(["--without-pip"] if tool == "uv" else []),
            place,
        ]
        subprocess.run(start, check=True, env=env)
    return subprocess.run(
        [*words, "--index-url", index, *requirements], capture_output=True, text=True, check=False,
        env=env, timeout=300,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_installers_refuse_on_cpython_and_skip_where_a_marker_says_so(
    tool: str, index: str, tmp_path: Path
) -> None:
    found = pythons()
    if not {"3.11", "3.13"} <= set(found):
        pytest.skip("needs a CPython 3.11 and 3.13 of pyenv on this machine")
    refused = install(tool, found["3.11"], index, tmp_path, BATCHED)
    told = refused.stdout + refused.stderr
    assert refused.returncode != 0
    assert "what you install needs EL Python, and CPython 3.11." in " ".join(told.split())
    skipped = install(tool, found["3.13"], index, tmp_path, BATCHED, "elpython-features-api")
    assert skipped.returncode == 0, skipped.stderr
    assert "elpython-features==" not in skipped.stdout + skipped.stderr


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_installers_take_it_on_el_python_and_refuse_what_it_lacks(
    tool: str, index: str, tmp_path: Path, el_python: Path
) -> None:
    taken = install(tool, el_python, index, tmp_path, BATCHED, "elpython-features[el-27-1]")
    assert taken.returncode == 0, taken.stderr
    code = "import elpython_features as e; e.require('27.01'); print('taken')"
    place = tmp_path / f"env-{tool}-{el_python.parts[-3]}"
    asked = subprocess.run(
        [place / "bin/python", "-c", code], capture_output=True, text=True, check=True
    )
    assert asked.stdout.strip() == "taken"
    for extra in ("el-27-7", "uuid-uuid7"):
        refused = install(tool, el_python, index, tmp_path, f"elpython-features[{extra}]>=27.7")
        assert refused.returncode != 0
        told = " ".join((refused.stdout + refused.stderr).split())
        assert "needs a later EL Python, or a feature that EL Python 27.01.0" in told
    # What the cache now holds is refused on another interpreter all the same.
    stock = pythons().get("3.11")
    if stock is not None:
        again = install(tool, stock, index, tmp_path, "elpython-features==27.1")
        assert again.returncode != 0
        assert "needs EL Python, and CPython" in " ".join((again.stdout + again.stderr).split())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["el", "stock"])
def test_uv_locks_on_every_python_and_the_lock_refuses_where_it_must(
    kind: str, index: str, tmp_path: Path, el_python: Path
) -> None:
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    python = el_python if kind == "el" else pythons().get("3.11")
    if uv is None or python is None:
        pytest.skip("needs uv and a CPython 3.11")
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\n'
        f"dependencies = ['{BATCHED}']\n"
        f'[[tool.uv.index]]\nurl = "{index}"\ndefault = true\n'
    )
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PYTHON"))}
    env |= {"UV_CACHE_DIR": str(tmp_path / "uv"), "UV_PYTHON_DOWNLOADS": "never"}
    for words, code in ((["lock"], 0), (["sync", "--no-install-project"], int(kind != "el"))):
        done = subprocess.run(
            [uv, *words, "--python", python], cwd=tmp_path, env=env, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
    assert kind == "el" or "needs EL Python, and CPython 3.11" in " ".join(done.stderr.split())
