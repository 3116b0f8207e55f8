"""Builds: the same inputs give the same key and no work; what fails says where and why."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.build.build import Build, build, build_key, copy_build, find_build
from elpython.build.request import BuildRequest, profile_named
from elpython.build.steps import not_built
from elpython.core.errors import BuildError, MissingProgramError, UnknownNameError, UsageError
from elpython.core.process import clean_env
from elpython.core.report import Reporter
from elpython.core.store import Store
from elpython.define.branch import BuildSettings
from examples import Example, make_archive

if TYPE_CHECKING:
    from elpython.prepare.tree import Tree

# A "CPython" that configures, compiles and installs in a second: a Makefile with the same targets.
MAKEFILE = """\
PREFIX := $(shell cat prefix)
all build_all: python
main.o: ../src/main.c
\t$(CC) -c $(CFLAGS_NODIST) ../src/main.c -o main.o
python: main.o
\t$(CC) -o python main.o
install: python
\tinstall -D -m 755 python $(DESTDIR)$(PREFIX)/bin/python3.11
"""
CONFIGURE = """\
#!/bin/sh
for word in "$@"; do case $word in --prefix=*) echo "${word#--prefix=}" > prefix;; esac; done
: "${CC:=gcc}"
{ echo "CC = $CC"; cat ../src/Makefile.in; } > Makefile
"""
MAIN = "int main(void) { return 0; }\n"


def small(example: Example, main: str = MAIN, makefile: str = MAKEFILE) -> Tree:
    """Prepare a tree that builds in a second."""
    files = {"main.c": main, "Makefile.in": makefile, "configure": CONFIGURE, "Lib/os.py": ""}
    example.sha256 = make_archive(example.root / "base.tar.gz", files)
    example.write()
    return example.prepare()


def request(tree: Tree, **extra: object) -> BuildRequest:
    plain = BuildRequest(
        tree=tree, settings=BuildSettings(), profile=profile_named("quick"), jobs=1
    )
    return dataclasses.replace(plain, **extra)  # type: ignore[arg-type]


needs_compiler = pytest.mark.skipif(
    shutil.which("gcc") is None or shutil.which("make") is None, reason="needs gcc and make"
)


OLD_LOG = """\
Python build finished successfully!
The necessary bits to build these optional modules were not found:
_dbm                  _tkinter              nis
To find the necessary bits, look in setup.py in detect_modules() for the module's name.
"""
NEW_LOG = """\
The necessary bits to build these optional modules were not found:
_gdbm          _tkinter
readline
To find the necessary bits, look in configure.ac and config.log.
"""


@pytest.mark.parametrize(
    ("log", "names"),
    [
        (OLD_LOG, ["_dbm", "_tkinter", "nis"]),
        (NEW_LOG, ["_gdbm", "_tkinter", "readline"]),
        ("Python build finished successfully!\n", []),
    ],
)
def test_what_was_left_out_is_read_from_the_log(log: str, names: list[str]) -> None:
    assert not_built(log) == names


@needs_compiler
def test_what_was_left_out_is_kept_with_the_build(example: Example) -> None:
    """An optional module without its header: the build succeeds, and says so whenever asked."""
    echo = "".join(f"\t@echo '{line}'\n" for line in NEW_LOG.splitlines())
    target = "all build_all: python\n"
    asked = request(small(example, makefile=MAKEFILE.replace(target, target + echo)))
    assert list(build(example.store, asked).not_built) == ["_gdbm", "_tkinter", "readline"]
    again = build(example.store, asked)
    assert (again.fresh, list(again.not_built)) == (False, ["_gdbm", "_tkinter", "readline"])


@needs_compiler
def test_a_build_is_made_once(example: Example) -> None:
    asked = request(small(example))
    seen: list[tuple[str, int, int]] = []
    first = build(example.store, asked, reporter=Reporter(progress=lambda *step: seen.append(step)))
    assert subprocess.run([first.python], check=False).returncode == 0
    assert (first.fresh, first.objects, first.prefix) == (True, 1, first.root)
    assert {"configure", "objects", "installed files"} <= {label for label, _, _ in seen}
    second = build(example.store, asked)
    assert (second.fresh, second.key) == (False, first.key)
    found = find_build(example.store, asked)
    assert found is not None
    assert not list(example.store.root.glob("builds/.making*"))


@needs_compiler
def test_a_compiler_error_is_shown_first(example: Example) -> None:
    tree = small(example, "int main(void) { return absent; }\n")
    with pytest.raises(BuildError) as caught:
        build(example.store, request(tree))
    text = str(caught.value)
    assert "main.c:1:" in text
    assert "error: " in text
    log = Path(text.rpartition("the whole log is ")[2].strip())
    assert "absent" in log.read_text()
    assert find_build(example.store, request(tree)) is None


@needs_compiler
def test_prefix_and_destdir(example: Example, tmp_path: Path) -> None:
    asked = request(small(example), prefix=Path("/opt/el"))
    made = build(example.store, asked)
    assert made.prefix == Path("/opt/el")
    target = copy_build(made, tmp_path / "stage")
    assert target == tmp_path / "stage" / "opt" / "el"
    assert (target / "bin" / "python3.11").is_file()
    with pytest.raises(UsageError, match="not empty"):
        copy_build(made, tmp_path / "stage")


def test_keys_follow_what_goes_in(example: Example) -> None:
    tree = small(example)
    facts = {"compiler": "gcc 1"}
    plain = build_key(request(tree), facts)
    others = [
        build_key(request(dataclasses.replace(tree, head="0" * 40)), facts),
        build_key(request(tree, profile=profile_named("debug")), facts),
        build_key(request(tree, settings=BuildSettings(shared=True)), facts),
        build_key(request(tree, prefix=Path("/opt/el")), facts),
        build_key(request(tree), {"compiler": "gcc 2"}),
    ]
    assert len({plain, *others}) == 6
    assert build_key(request(tree, jobs=7), facts) == plain


@needs_compiler
def test_wrong_requests(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = small(example)
    with pytest.raises(UnknownNameError, match="did you mean 'quick'"):
        profile_named("quik")
    with pytest.raises(UsageError, match="absolute"):
        build(example.store, request(tree, prefix=Path("relative")))
    with pytest.raises(UsageError, match="training run"):
        build(example.store, request(tree, bolt=True))
    monkeypatch.setenv("PATH", str(example.root))
    with pytest.raises(MissingProgramError, match="apt-get install build-essential"):
        build(example.store, request(tree))


@needs_compiler
def test_a_killed_build_is_made_anew(example: Example) -> None:
    """Kill -9 of the whole group in the middle of make; the next run builds."""
    tree = small(example, MAIN)
    slow = tree.folder / "Makefile.in"
    slow.write_text("all:\n\tsleep 30\nbuild_all: all\n")
    subprocess.run(["git", "-C", str(tree.folder), "commit", "-qam", "slow"], check=True)
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from pathlib import Path; from elpython.core.store import Store\n"
        "import elpython.build.build as b\n"
        "from elpython.define.branch import BuildSettings\n"
        "from elpython.prepare.tree import _load\n"
        "tree = _load(Path(sys.argv[2]).parent)\n"
        "b.build(Store(Path(sys.argv[1])), b.BuildRequest(tree=tree, settings=BuildSettings(),\n"
        "    profile=b.profile_named('quick')))\n"
    )
    import sys

    argv = [sys.executable, "-c", code, str(example.store.root), str(tree.folder)]
    with subprocess.Popen(argv, start_new_session=True) as child:
        builds = example.store.root / "builds"
        for _ in range(200):
            if list(builds.glob(".making-*-work/build/Makefile")):
                break
            time.sleep(0.05)
        time.sleep(0.3)
        os.killpg(child.pid, 9)
        child.wait()
    assert not list(builds.glob("[0-9a-f]*"))
    slow.write_text(MAKEFILE)
    subprocess.run(["git", "-C", str(tree.folder), "commit", "-qam", "quick"], check=True)
    made = build(example.store, request(tree))
    assert made.fresh
    assert subprocess.run([made.python], check=False).returncode == 0


@needs_compiler
def test_a_full_disk_leaves_nothing(example: Example, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(words, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small file system needs root")
    from elpython.core.errors import DiskFullError

    try:
        tree = small(example)
        large = tree.folder / "Makefile.in"
        large.write_text("all build_all:\n\thead -c 3000000 /dev/zero > python\n")
        subprocess.run(["git", "-C", str(tree.folder), "commit", "-qam", "large"], check=True)
        with pytest.raises(DiskFullError, match="no space left"):
            build(Store(folder), request(tree))
        assert not [path for path in (folder / "builds").rglob("*") if path.is_file()]
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
def test_a_real_build_is_whole(el311: Build) -> None:
    """Every module that the machine has headers for, pip, and an untouched tree."""
    code = "import ctypes, ssl, sqlite3, lzma, bz2, zlib, readline, curses, dbm.gnu, uuid, pip"
    subprocess.run([el311.python, "-I", "-c", code], check=True)
    log = (el311.folder / "build.log").read_text()
    assert "Failed to build these modules" not in log
    assert el311.objects > 150
    assert el311.files > 3000
    code = "import sysconfig; print(*sysconfig.get_config_vars('CC', 'OPT'))"
    told = subprocess.run([el311.python, "-c", code], capture_output=True, text=True, check=True)
    assert "ccache" not in told.stdout
    assert "-fwrapv" in told.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "module", ["test_sys", "test_platform", "test_sysconfig", "test_site", "test_cmd_line"]
)
def test_upstreams_own_tests_pass(el311: Build, module: str) -> None:
    """Upstream's tests of what the variant touches."""
    done = subprocess.run(
        [el311.python, "-m", "test", "-q", module],
        env=clean_env(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


@needs_compiler
@pytest.mark.parametrize(
    "text",
    [
        "Failed to build these modules:\n_spam                 _eggs\n",
        (
            "Following modules built successfully but were removed because they could not be "
            "imported:"
            "\n_spam                 _eggs\n"
        ),
    ],
)
def test_modules_that_were_left_out_are_a_failure(example: Example, text: str) -> None:
    """Up to 3.11 make ends well without a module that does not compile: we do not."""
    tree = small(example)
    lines = "".join(f"\t@echo '{line}'\n" for line in text.splitlines())
    (tree.folder / "Makefile.in").write_text(f"all build_all:\n{lines}")
    subprocess.run(["git", "-C", str(tree.folder), "commit", "-qam", "left out"], check=True)
    with pytest.raises(BuildError, match="could not be built: _eggs, _spam"):
        build(example.store, request(tree))
