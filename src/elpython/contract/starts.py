"""Start a program in every way that Python starts programs, and tell what it said."""

from __future__ import annotations

import re
import shutil
import tomllib
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.together import together
from elpython.core.errors import ProgramFailedError, ProgramTimeoutError
from elpython.core.process import clean_env
from elpython.core.process import run as run_program

if TYPE_CHECKING:
    from elpython.contract.subject import Subject

__all__ = ["embedded", "started", "unreached", "ways"]

_FOLDER = Path(__file__).with_name("data") / "starts"
_TABLE = Path(__file__).with_name("data") / "starts.toml"
_SECONDS = 60.0
# A library file's line moves with every fix above it; a program's own lines are compared.
_LINE = re.compile(r'(File "\{prefix\}[^"]*", line )\d+')
_SOURCE_LINE = re.compile(
    r'^(  File "\{prefix\}[^"]*", line N[^\n]*\n)(?:    [^\n]*\n)*', re.MULTILINE
)
_BANNER = re.compile(r"(Python \{version\}) \([^\n]*\)\s*\[[^\n]*\]")
_FROZEN = re.compile(r'^  File "<frozen [^\n]*\n', re.MULTILINE)
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def ways() -> dict[str, str]:
    """Return the ways of starting that this machine's shells can take, by name: a line each."""
    return {
        name: line
        for shell, table in _tables().items()
        if shutil.which(shell)
        for name, line in table.items()
    }


def unreached() -> list[str]:
    """Return the ways that need a shell which is not here."""
    return [name for shell, table in _tables().items() if not shutil.which(shell) for name in table]


@cache
def _tables() -> dict[str, dict[str, str]]:
    data = tomllib.loads(_TABLE.read_text("utf-8"))
    line = data["help"]["line"]
    helps = {f"help.{name}": line.format(module=name) for name in data["help"]["modules"]}
    return {"sh": data["start"] | helps, "bash": data["bash"]}


def _shell(name: str) -> str:
    return next(shell for shell, table in _tables().items() if name in table)


@dataclass(frozen=True, slots=True)
class _Place:
    subject: Subject
    folder: Path

    def start(self, name: str, line: str, shell: str = "sh") -> str:
        """Run one line by a shell and give exit code and outputs, without places."""
        folder = self.folder / name
        shutil.copytree(self.folder / "files", folder, symlinks=True)
        env = clean_env({"PY": str(self.subject.python), "HOME": str(folder), "PWD": str(folder)})
        try:
            done = run_program(
                [shell, "-c", line],
                cwd=folder,
                env=env,
                timeout=_SECONDS,
                check=False,
                input_text="",
            )
        except ProgramTimeoutError:
            return f"did not end within {_SECONDS:g} s"
        text = f"exit code {done.returncode}\n{done.stdout}--- errors\n{done.stderr}"
        shutil.rmtree(folder, ignore_errors=True)
        return self._without_places(text, folder)

    def _without_places(self, text: str, folder: Path) -> str:
        for place, name in (
            (str(folder), "{folder}"),
            (str(self.subject.python), "{python}"),
            (str(self.subject.prefix), "{prefix}"),
        ):
            text = text.replace(place, name)
        text = re.sub(r"Python 3\.\d+\.\d+[\w.+]*", "Python {version}", text)
        text = _BANNER.sub(r"\1 {build}", text)
        # Which of the import system's own frames a traceback shows is nobody's promise.
        text = _FROZEN.sub("", text)
        text = _SOURCE_LINE.sub(r"\1", _LINE.sub(r"\1N", text))
        return _ADDRESS.sub("0x", text)


def started(
    subject: Subject, folder: Path, jobs: int, only: tuple[str, ...] = ()
) -> dict[str, str]:
    """Start programs in every way.

    Args:
        subject: the interpreter.
        folder: an empty folder; its path takes part in nothing that is compared.
        jobs: how many at once.
        only: these ways; all when empty.

    Returns:
        For each way the exit code, output and errors.
    """
    _files(subject, folder / "files")
    place = _Place(subject, folder)
    table = {name: line for name, line in ways().items() if not only or name in only}
    told = together(lambda name: place.start(name, table[name], _shell(name)), table, jobs)
    return dict(zip(table, told, strict=True))


def _files(subject: Subject, folder: Path) -> None:
    """Lay out the programs in all the forms that a line of the table starts."""
    shutil.copytree(_FOLDER, folder)
    text = (folder / "started.py").read_text("utf-8")
    raising = (folder / "raising.py").read_text("utf-8")
    (folder / "linked.py").symlink_to("started.py")
    shebang = folder / "started-shebang"
    shebang.write_text(f"#!{subject.python}\n{text}", "utf-8")
    shebang.chmod(0o755)
    (folder / "skipped.py").write_text(f"this line is no Python\n{text}", "utf-8")
    (folder / "wrong.py").write_text("x = 1\ndef é(:\n    pass\n", "utf-8")
    (folder / "short2.py").write_text("x = 1\nprint(x, 'é')\n", "utf-8")
    (folder / "one.json").write_text('{"a": 1}', "utf-8")
    (folder / "bom.py").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (folder / "crlf.py").write_bytes(text.replace("\n", "\r\n").encode())
    latin = "# -*- coding: latin-1 -*-\nprint(ascii('\xe9\xfc'), __name__)\n"
    (folder / "latin.py").write_bytes(latin.encode("latin-1"))
    (folder / "empty-folder").mkdir()
    (folder / "folder.txt").mkdir()
    for name, inside in (("package", "__main__.py"), ("folder", "__main__.py")):
        (folder / name).mkdir()
        (folder / name / inside).write_text(text, "utf-8")
    (folder / "package" / "__init__.py").write_text("", "utf-8")
    for name, content in (
        ("application.zip", text),
        ("application.py", text),
        ("raising.zip", raising),
    ):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr(zipfile.ZipInfo("__main__.py"), content)
    code = "import py_compile; py_compile.compile('started.py', 'started.pyc', doraise=True)"
    run_program([subject.python, "-I", "-S", "-c", code], cwd=folder, timeout=_SECONDS)


def embedded(subject: Subject, include: list[Path], compiler: str, folder: Path) -> str | None:
    """Compile a program that carries the interpreter's library, run it, give what it said.

    None where the interpreter has no library to link against, or it cannot be linked here.
    """
    library = _library(subject)
    if library is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    _files(subject, folder / "files")
    variables = subject.facts["config_vars"]
    words: list[str | Path] = [compiler, "-w", "-o", folder / "embedding", _FOLDER / "embedding.c"]
    words += [*(f"-I{path}" for path in include), library, "-lm", "-ldl", "-lpthread", "-lutil"]
    words += [*str(variables.get("LIBS") or "").split(), "-rdynamic"]
    try:
        run_program(words, timeout=_SECONDS)
    except ProgramFailedError:
        return None
    place = _Place(subject, folder)
    # `start` works in a copy of the files; the interpreter finds its library by its program's name.
    line = f'LD_LIBRARY_PATH="{library.parent}" "{folder}/embedding" "$PY" started.py one'
    return place.start("run", line)


def _library(subject: Subject) -> Path | None:
    if subject.facts["shared_library"]:
        return Path(subject.facts["shared_library"])
    found = sorted(subject.prefix.glob(f"lib/libpython{subject.tag}*.a"))
    found += sorted(subject.stdlib.glob(f"config-*/libpython{subject.tag}*.a"))
    return found[0] if found else None
