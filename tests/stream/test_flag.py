"""The flag `p`: by table, in configure, and on a real build."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.build.build import build
from elpython.build.request import BuildRequest, profile_named
from elpython.core.errors import SourceUnavailableError
from elpython.define.branch import load_branch
from elpython.prepare.tree import TreeRequest, prepare
from elpython.stream.flag import abi_flags, tags_of, tags_table
from elpython.stream.release import parse_release
from examples import REPOSITORY

if TYPE_CHECKING:
    from elpython.core.store import Store

CORE = REPOSITORY / "branches" / "core"

TABLE = [
    ("3.15.0b4", "x86_64-linux-gnu", {}, "cpython-315p-x86_64-linux-gnu", "cp315p"),
    ("3.9.0a1", "x86_64-linux-gnu", {}, "cpython-39p-x86_64-linux-gnu", "cp39p"),
    ("3.9.0b2", "x86_64-linux-gnu", {"debug": True}, "cpython-39pd-x86_64-linux-gnu", "cp39pd"),
    ("3.9.0b2", "win_amd64", {}, "cp39p-win_amd64", "cp39p"),
    ("3.9.0b2", "win_amd64", {"debug": True}, "cp39p-win_amd64", "cp39pd"),
    ("3.9.0b2", "win32", {}, "cp39p-win32", "cp39p"),
    ("3.9.0rc1", "win_amd64", {}, "cp39-win_amd64", "cp39"),
    ("3.9.0rc1", "x86_64-linux-gnu", {}, "cpython-39-x86_64-linux-gnu", "cp39"),
    ("3.9.0", "x86_64-linux-gnu", {"debug": True}, "cpython-39d-x86_64-linux-gnu", "cp39d"),
    ("3.15.0a3", "x86_64-linux-gnu", {"free_threaded": True},
     "cpython-315pt-x86_64-linux-gnu", "cp315pt"),
    ("3.15.0a3", "win_arm64", {"free_threaded": True}, "cp315pt-win_arm64", "cp315pt"),
]  # fmt: skip


@pytest.mark.parametrize(("version", "platform", "how", "soabi", "wheel"), TABLE)
def test_the_tags_by_table(
    version: str, platform: str, how: dict[str, bool], soabi: str, wheel: str
) -> None:
    tags = tags_of(parse_release(version), platform, **how)
    assert (tags.soabi, tags.wheel_abi) == (soabi, wheel)
    ending = ".pyd" if platform.startswith("win") else ".so"
    assert (
        tags.ext_suffix
        == f"{'_d' if how.get('debug') and ending == '.pyd' else ''}.{soabi}{ending}"
    )


def test_every_build_has_a_row() -> None:
    rows = tags_table(parse_release("3.15.0b4"))
    assert len({(row.build, row.platform) for row in rows}) == len(rows) == 16
    assert len(tags_table(parse_release("3.9.0b4"))) == 8


LEVELS = [
    ("", "ALPHA", None, "p"), ("", "BETA", None, "p"), ("", "GAMMA", None, ""),
    ("", "FINAL", None, ""), ("yes", "FINAL", None, "p"), ("no", "BETA", None, ""),
    ("yes", "GAMMA", None, ""), ("yes", "FINAL", "GAMMA", ""), ("yes", "FINAL", "FINAL", "p"),
]  # fmt: skip


@pytest.mark.parametrize("series", ["3.9", "3.11", "3.13"])
@pytest.mark.parametrize(("option", "level", "el", "flags"), LEVELS)
def test_configure_sets_and_drops_the_flag(
    tmp_path: Path, series: str, option: str, level: str, el: str | None, flags: str
) -> None:
    """The lines that the change adds to configure, run by sh against each release level."""
    patch = (CORE / f"pre-freeze@{series}.patch").read_text()
    part = patch[patch.index("diff --git a/configure b/configure") :]
    part = part[: part.index("diff --git a/configure.ac")]
    hunk = part[part.rindex("\n@@") :]
    added = "\n".join(line[1:] for line in hunk.splitlines() if line.startswith("+"))
    (tmp_path / "Include").mkdir()
    (tmp_path / "Python").mkdir()
    (tmp_path / "Include" / "patchlevel.h").write_text(
        f"#define PY_RELEASE_LEVEL_{level} 0xA\n#define PY_RELEASE_LEVEL\tx\n"
        f"#define PY_RELEASE_LEVEL        PY_RELEASE_LEVEL_{level}\n"
    )
    if el:
        (tmp_path / "Python" / "elpython_version.h").write_text(
            f"#define EL_RELEASE_LEVEL PY_RELEASE_LEVEL_{el}\n"
        )
    set_it = f"enable_pre_freeze={option}" if option else ":"
    script = (
        f'exec 6>&2\nsrcdir={tmp_path}\nABIFLAGS=""\n{set_it}\n{added}\nprintf "[%s]" "$ABIFLAGS"\n'
    )
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == f"[{flags}]"
    assert f"... {'yes' if flags else 'no'}" in done.stderr


@pytest.mark.parametrize("series", ["3.9", "3.11", "3.13"])
def test_configure_and_its_source_say_the_same(series: str) -> None:
    patch = (CORE / f"pre-freeze@{series}.patch").read_text()
    block = re.compile(r"^\+release_level.*?^\+esac$", re.MULTILINE | re.DOTALL)
    shell, macro = block.findall(patch)
    assert shell == macro


@pytest.mark.parametrize("series", ["3.9", "3.11", "3.13"])
def test_the_names_of_the_limited_api_compile(tmp_path: Path, series: str) -> None:
    """Each name has the value of PY_VERSION_HEX's first bytes, and no name is from the future."""
    if shutil.which("gcc") is None:
        pytest.skip("needs gcc")
    patch = (CORE / f"limited-api-names@{series}.patch").read_text()
    added = "\n".join(
        line[1:] for line in patch.splitlines() if line.startswith("+") and line[1:2] != "+"
    )
    last = int(series.split(".")[1])
    checks = "".join(
        f'_Static_assert(Py_LIMITED_API_3_{minor} == 0x{3 << 24 | minor << 16:08x}, "3.{minor}");\n'
        for minor in range(3, last + 1)
    )
    source = tmp_path / "names.c"
    source.write_text(
        f"{added}\n{checks}#define Py_LIMITED_API Py_LIMITED_API_3_8\n"
        "#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= Py_LIMITED_API_3_9\n#error future\n"
        f"#endif\n#ifdef Py_LIMITED_API_3_{last + 1}\n#error too far\n#endif\n"
    )
    subprocess.run(["gcc", "-c", source, "-o", tmp_path / "names.o"], check=True)


MODULE = """\
#ifdef LIMITED
#define Py_LIMITED_API Py_LIMITED_API_3_8
#endif
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *none) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, 0}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "spam", 0, -1, methods};
PyMODINIT_FUNC PyInit_spam(void) { return PyModule_Create(&module); }
"""
ASK = """\
import json, sys, sysconfig
print(json.dumps([sys.abiflags, sysconfig.get_config_var("SOABI"),
                  sysconfig.get_config_var("EXT_SUFFIX"), sysconfig.get_path("include")]))
"""


@pytest.fixture(scope="session")
def pre_freeze(real_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EL Python 3.13 with the flag switched on, quick profile; made once in the user's store."""
    folder = tmp_path_factory.mktemp("stream") / "branches"
    shutil.copytree(CORE, folder / "core")
    # A core change lays files of the repository over the tree.
    (folder.parent / "runtime").symlink_to(REPOSITORY / "runtime")
    shutil.copytree(REPOSITORY / "branches" / "3.13", folder / "3.13")
    # A change of its takes code from 3.11's base.
    for name in ("fixes", "3.11"):
        shutil.copytree(REPOSITORY / "branches" / name, folder / name)
    path = folder / "3.13" / "branch.toml"
    text = path.read_text()
    found = re.search(r"^series = \[(.*?)\]", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    names = dict.fromkeys(re.findall(r'"([^"]+)"', found[1]))
    names |= dict.fromkeys(["pre-freeze", "limited-api-names"])
    text = text.replace(found[0], f"series = {json.dumps(list(names))}")
    text = text.replace("[build]\n", '[build]\nconfigure = ["--enable-pre-freeze"]\n')
    path.write_text(text)
    branch = load_branch(folder, "3.13")
    try:
        tree = prepare(real_store, TreeRequest(branches=folder, branch=branch))
    except SourceUnavailableError as error:
        pytest.skip(f"the 3.13 source cannot be had: {error}")
    profile = profile_named("quick")
    made = build(real_store, BuildRequest(tree=tree, settings=branch.build, profile=profile))
    return made.python


def ask(python: Path) -> tuple[str, str, str, Path]:
    done = subprocess.run([python, "-I", "-c", ASK], capture_output=True, text=True, check=True)
    flags, soabi, suffix, include = json.loads(done.stdout)
    return flags, soabi, suffix, Path(include)


def compiled(folder: Path, python: Path, *flags: str) -> Path:
    """Build the module for an interpreter, named as that interpreter wants it."""
    _, _, suffix, include = ask(python)
    folder.mkdir(exist_ok=True)
    source = folder / "spam.c"
    source.write_text(MODULE)
    out = folder / f"spam{suffix}"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", f"-I{include}", *flags, source, "-o", out], check=True
    )
    return out


def finds(python: Path, folder: Path) -> bool:
    code = (
        "import importlib.machinery as m, importlib.util as u\n"
        f"spec = m.PathFinder.find_spec('spam', [{str(folder)!r}])\n"
        "if spec: mod = u.module_from_spec(spec); spec.loader.exec_module(mod); print(mod.answer())"
    )
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip() == "42"


def stable_313() -> Path:
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [path / "bin" / "python3.13" for path in sorted(root.glob("3.13.*"))]
    found += [Path(path)] if (path := shutil.which("python3.13")) else []
    usable = [path for path in found if path.is_file()]
    if not usable:
        pytest.skip("needs a stock CPython 3.13 (pyenv or PATH)")
    return usable[0]


@pytest.mark.slow
def test_a_real_build_has_the_tags_of_the_table(pre_freeze: Path) -> None:
    flags, soabi, suffix, include = ask(pre_freeze)
    beta = parse_release("3.13.0b4")
    assert flags == abi_flags(beta) == "p"
    assert soabi.startswith("cpython-313p-")
    assert suffix == tags_of(beta, soabi.removeprefix("cpython-313p-")).ext_suffix
    assert include.name == "python3.13p"


@pytest.mark.slow
def test_before_and_after_the_freeze_do_not_load_each_others_modules(
    pre_freeze: Path, tmp_path: Path
) -> None:
    stable = stable_313()
    early, late = compiled(tmp_path / "early", pre_freeze), compiled(tmp_path / "late", stable)
    assert "cpython-313p" in early.name
    assert "cpython-313-" in late.name
    assert finds(pre_freeze, early.parent)
    assert finds(stable, late.parent)
    assert not finds(stable, early.parent)
    assert not finds(pre_freeze, late.parent)


@pytest.mark.slow
def test_the_stable_abi_crosses_the_freeze(pre_freeze: Path, tmp_path: Path) -> None:
    """An abi3 module, built with the new name of the limited API, is loaded by both."""
    built = compiled(tmp_path / "abi3", pre_freeze, "-DLIMITED")
    built.rename(built.with_name("spam.abi3.so"))
    assert finds(pre_freeze, built.parent)
    assert finds(stable_313(), built.parent)


@pytest.mark.slow
def test_what_packaging_makes_of_it(pre_freeze: Path) -> None:
    """Packaging knows no `p`: it must be told the ABI tag (docs/explanation/streams.md)."""
    from packaging import tags

    wanted = tags_of(parse_release("3.13.0b4")).wheel_abi
    told = [str(tag) for tag in tags.cpython_tags((3, 13), [wanted], ["linux_x86_64"])]
    assert "cp313-cp313p-linux_x86_64" in told
    assert ask(pre_freeze)[1].split("-")[1] == wanted.removeprefix("cp")
