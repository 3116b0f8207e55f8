"""How EL Python carries this distribution as a core change: what to lay over a CPython tree.

On EL Python nothing is installed: the package lies in the standard library, and ``site`` has what
`_minpython` is on a stock CPython, and runs it where that reads ``minpython.pth``. So ``-S`` leaves
it out, ``-E`` and ``-I`` mean what they mean for ``site`` itself. The package makes no assumption
about where it lies: it finds its own files by ``__file__`` and imports its own modules by its own
name.

Usage: ``python -m minpython.core TREE`` prints the manifest as JSON; with ``--write`` it lays the
files over the tree and changes ``Lib/site.py``.
"""

from __future__ import annotations

import os
import shutil
import sys

from minpython.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = "Lib/minpython"
SITE = "Lib/site.py"
# The hook stands before the .pth files are read, so that what they start sees the version too.
HOOK_BEFORE = "    known_paths = venv(known_paths)\n"
HOOK = "    _start_minpython()\n"
# What the hook calls stands where few changes are made.
TEXT_BEFORE = "def execsitecustomize():\n"
START, BEGIN, END = "_minpython.py", "# EL Python's site has", "# The end of what EL Python's site"
# Not needed in an interpreter: tools that make things from the sources of this distribution.
LEFT_OUT = frozenset({"core.py", "reference.py"})


def files() -> Iterator[tuple[str, str]]:
    """Yield source path and path in the tree of each file to lay over it, sorted."""
    for folder, folders, names in os.walk(HERE):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            source = os.path.join(folder, name)
            inner = os.path.relpath(source, HERE).replace(os.sep, "/")
            if inner not in LEFT_OUT and not name.endswith(".pyc"):
                yield source, f"{TARGET}/{inner}"


def start_text() -> str:
    """Return what ``site`` has of `_minpython`."""
    with open(os.path.join(os.path.dirname(HERE), START), encoding="utf-8") as file:
        text = file.read()
    return text.partition(BEGIN)[2].partition("\n")[2].partition(END)[0]


def hooked(site: str) -> str:
    """Return the text of ``Lib/site.py`` with the start-up functions and their call in ``main``.

    Raises:
        ConfigError: there is no place for it, so this is no ``site.py`` of a known CPython.
    """
    if HOOK in site:
        return site
    for line in (HOOK_BEFORE, TEXT_BEFORE):
        if site.count(line) != 1:
            raise ConfigError(f"{SITE}: the line {line.strip()!r} isn't there exactly once")
    site = site.replace(HOOK_BEFORE, HOOK + HOOK_BEFORE)
    return site.replace(TEXT_BEFORE, start_text() + TEXT_BEFORE)


def folders() -> list[str]:
    """Return the folders of the package, for ``LIBSUBDIRS`` in ``Makefile.pre.in``."""
    return sorted({os.path.dirname(path)[len("Lib/") :] for _, path in files()})


def manifest() -> dict[str, Any]:
    """Return what the core change consists of, as JSON data."""
    from minpython import __version__

    return {
        "schema": "minpython-core/1",
        "version": __version__,
        "files": [path for _, path in files()],
        "folders": folders(),
        "hook": {"file": SITE, "before": HOOK_BEFORE, "text": HOOK},
        "start": {"file": SITE, "before": TEXT_BEFORE, "text": start_text()},
        "declares": "api:+sys.set_min_python_version",
    }


def lay_over(tree: str) -> list[str]:
    """Write the files and the hook into the CPython tree at ``tree``; return the paths written.

    Raises:
        ConfigError: ``tree`` is no CPython tree.
    """
    site = os.path.join(tree, SITE)
    if not os.path.isfile(site):
        raise ConfigError(f"{tree}: no CPython source tree, {SITE} is missing")
    with open(site, encoding="utf-8") as file:
        text = hooked(file.read())
    written = []
    for source, path in files():
        target = os.path.join(tree, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(source, target)
        written.append(path)
    with open(site, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return [*written, SITE]


def main(argv: list[str]) -> int:
    """See the module's docstring."""
    import json

    write = "--write" in argv
    trees = [each for each in argv if each != "--write"]
    try:
        if write and len(trees) == 1:
            sys.stdout.write("\n".join(lay_over(trees[0])) + "\n")
        else:
            sys.stdout.write(json.dumps(manifest(), indent=1) + "\n")
    except ConfigError as error:
        sys.stderr.write(f"minpython.core: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
