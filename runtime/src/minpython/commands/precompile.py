"""``minpython compile``: fill the cache of translated modules before they are needed."""

from __future__ import annotations

import os
from importlib.machinery import SourceFileLoader

from minpython.commands import runner
from minpython.errors import ConfigError
from minpython.source import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple
else:
    from collections import namedtuple

if TYPE_CHECKING:

    class Done(NamedTuple):
        """What became of the files: how many were translated, how many not, which failed."""

        translated: int
        ordinary: int
        failed: list[tuple[str, str]]

else:
    Done = namedtuple("Done", "translated ordinary failed")


def fill(paths: list[str], version: str | None) -> Done:
    """Compile every ``.py`` file under ``paths`` as an import would, keeping the translations.

    Args:
        paths: files and folders.
        version: the minimum version, as `minpython.engine.requests` reads it; without, the one
            in force.

    Raises:
        ConfigError: a path isn't there, or the version can't be read.
    """
    runner.ask(version, None)
    from minpython.source import hooks

    hooks.hook_sources()
    translated = ordinary = 0
    failed = []
    for path in _files(paths):
        loader = SourceFileLoader(_module_name(path), path)
        try:
            with open(path, "rb") as file:
                loader.source_to_code(file.read(), path)
        except (OSError, SyntaxError, ValueError) as error:
            failed.append((path, f"{type(error).__name__}: {error}"))
        else:
            if sources.was_translated(loader):
                translated += 1
            else:
                ordinary += 1
    return Done(translated, ordinary, failed)


def _module_name(path: str) -> str:
    """Return the dotted name of the file when its top folder is on the path."""
    folder, file = os.path.split(os.path.abspath(path))
    parts = [] if file == "__init__.py" else [file[: -len(".py")]]
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        parts.insert(0, name)
    return ".".join(parts) or "__init__"


def _files(paths: list[str]) -> Iterator[str]:
    for path in paths:
        if os.path.isfile(path):
            yield path
        elif not os.path.isdir(path):
            raise ConfigError(f"{path}: no such file or folder")
        for folder, folders, files in os.walk(path):
            folders.sort()
            yield from (os.path.join(folder, file) for file in sorted(files) if file[-3:] == ".py")
