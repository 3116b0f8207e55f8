"""What stands in for a base whose source cannot be had: real libraries, headers and makefiles.

They come from Debian's binary packages, or from an installed CPython. The C files, which no binary
package has, are those of a base that can be had, with what upstream is known to have changed.
Where one is out of reach, tests that need it skip and say so.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import ElpythonError
from elpython.define.branch import load_branch
from elpython.upstream import release_folder
from elpython.upstream.debian import take_file
from elpython.upstream.debian_binary import binaries
from examples import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elpython.core.store import Store

SUITE = "forky"
C_BASE = "3.13"
# What the interpreter of the suite needs to run beside another system's libraries.
_RUNS = ("libc6", "zlib1g", "libexpat1", "libssl3t64", "libzstd1", "libffi8", "libuuid1")
_VERSION, _SYS = "Python/getversion.c", "Python/sysmodule.c"
_TWO_FORMATS = """\
#ifdef Py_GIL_DISABLED
    const char *buildinfo_format = "%.80s experimental free-threading build (%.80s) %.80s";
#else
    const char *buildinfo_format = "%.80s (%.80s) %.80s";
#endif
    PyOS_snprintf(version, sizeof(version), buildinfo_format,
"""
_ONE_FORMAT = """\
    PyOS_snprintf(version, sizeof(version), "%.80s (%.80s) %.80s",
"""
_READY = "    /* dict ready */\n"
_ISOLATED = f"""\
    res = PyDict_SetItemString(impl_info, "supports_isolated_interpreters", Py_True);
    if (res < 0)
        goto error;

{_READY}"""
_SINCE = ((_VERSION, " experimental free-threading", " free-threading"), (_SYS, _READY, _ISOLATED))
# What upstream is known to have changed around our lines since, or before, the base of the C files.
C_EDITS = {"3.12": ((_VERSION, _TWO_FORMATS, _ONE_FORMAT),), "3.14": _SINCE, "3.15": _SINCE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Later:
    """A CPython of which all but the C source can be had.

    Attributes:
        series: `3.14`.
        library, headers: its folders.
        makefile: the makefile that it was built with.
        command: how its interpreter is started, with whatever library `PYTHONHOME` names.
    """

    series: str
    library: Path
    headers: Path
    makefile: Path
    command: tuple[str, ...]

    @property
    def release(self) -> str:
        """The release that its headers name, `3.14.8`."""
        text = (self.headers / "patchlevel.h").read_text()
        found = re.search(r'#define PY_VERSION\s+"([\w.]+)\+?"', text)
        assert found is not None
        return found[1]


def _later(series: str, root: Path, command: tuple[str, ...]) -> Later:
    library = root / "lib" / f"python{series}"
    return Later(
        series=series,
        library=library,
        headers=root / "include" / f"python{series}",
        makefile=next(library.glob("config-*/Makefile")),
        command=command,
    )


def of_debian(store: Store, series: str) -> Later:
    """Return a later CPython from the suite's binary packages; the store keeps them, unpacked."""
    names = [f"libpython{series}-{part}" for part in ("minimal", "stdlib", "dev", "testsuite")]
    names += [f"python{series}-minimal", *_RUNS]
    if shutil.which("dpkg-deb") is None:
        pytest.skip("there is no dpkg-deb here")
    try:
        found = binaries(store, SUITE, names)
    except ElpythonError as error:
        pytest.skip(f"the packages of Debian's {SUITE} cannot be listed: {error.what}")
    mine = [item for item in found if not item.url.endswith(("_arm64.deb", "_i386.deb"))]
    latest = {item.package: item for item in mine}
    if len(latest) != len(names):
        pytest.skip(f"Debian's {SUITE} has not all of: {' '.join(names)}")

    def unpack(folder: Path) -> None:
        for item in latest.values():
            path = take_file(store, item.url, folder / ".deb", sha256=item.sha256)
            subprocess.run(["dpkg-deb", "-x", path, folder], check=True)
            path.unlink()

    key = "-".join([series, *(item.sha256[:8] for _, item in sorted(latest.items()))])
    try:
        root = store.product("test-later", key[:100], unpack) / "usr"
    except ElpythonError as error:
        pytest.skip(f"the packages of Debian's {SUITE} cannot be had: {error.what}")
    loader = next(root.glob("lib/*/ld-linux*.so.*"), None)
    if loader is None:
        pytest.skip("the loader of these packages is not where it is looked for")
    words = (str(loader), "--library-path", str(loader.parent), str(root / f"bin/python{series}"))
    return _later(series, root, words)


def installed(series: str) -> Later:
    """Return an installed CPython of a series with its makefile, as pyenv installs them."""
    homes = sorted((Path.home() / ".pyenv" / "versions").glob(f"{series}.*"))
    if not homes:
        pytest.skip(f"no CPython {series} is installed under ~/.pyenv")
    return _later(series, homes[-1], (str(homes[-1] / f"bin/python{series}"),))


def touched_files(changes: Iterable[str]) -> set[str]:
    """Return the files that core changes alter, on whatever series."""
    core = REPOSITORY / "branches" / "core"
    texts = [path.read_text() for name in changes for path in core.glob(f"{name}*.patch")]
    return {name for text in texts for name in re.findall(r"^--- a/(\S+)", text, re.MULTILINE)}


def write_base(store: Store, later: Later, changes: Iterable[str], target: Path) -> set[str]:
    """Write the files of a base that core changes alter; give those taken from another base."""
    branch = load_branch(REPOSITORY / "branches", C_BASE)
    try:
        older = release_folder(store, branch.sources)
    except ElpythonError as error:
        pytest.skip(f"no provider gives the source of CPython {branch.base} here: {error.what}")
    borrowed = set()
    for name in sorted(touched_files(changes) | {"Include/patchlevel.h"}):
        top, _, inner = name.partition("/")
        place = {
            "Lib": later.library / inner, "Include": later.headers / inner,
            "Makefile.pre.in": later.makefile,
        }.get(top, older / name)  # fmt: skip
        if not place.is_file():
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place, target / name)
        if place.is_relative_to(older):
            borrowed.add(name)
    (target / "Lib" / "platform.py").chmod(0o755)
    for name, old, new in C_EDITS[later.series]:
        text = (target / name).read_text()
        assert text.count(old) == 1, f"{name} has not what upstream is known to have changed"
        (target / name).write_text(text.replace(old, new))
    return borrowed
