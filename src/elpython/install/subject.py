"""A prefix to be replaced, and the interpreter that comes: what they are, and whether they fit."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import BadVersionError
from elpython.core.process import run
from elpython.core.version import ElVersion
from elpython.install.errors import BadPrefixError, InUseError, NoReplacementError
from elpython.install.inuse import users_of
from elpython.install.layout import entries
from elpython.interpreter.facts import facts_of
from elpython.interpreter.identity import identify

if TYPE_CHECKING:
    from elpython.interpreter.facts import Interpreter
    from elpython.interpreter.identity import Identity

__all__ = [
    "Subject",
    "check_fit",
    "configure_words",
    "has_newer_base",
    "incoming",
    "inspect",
    "refuse_foreign",
    "refuse_users",
]

_SHARED = ("/", "/usr", "/usr/local", "/opt", "/home", "/root", "/var", "/srv", "/tmp")  # noqa: S108
_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """An installed interpreter at its prefix.

    Attributes:
        prefix: the real path.
        python: its executable.
        facts: what it tells about itself.
        identity: what it is.
    """

    prefix: Path
    python: Path
    facts: Interpreter
    identity: Identity

    @property
    def series(self) -> str:
        """`3.11`."""
        return ".".join(str(part) for part in self.facts.version_info[:2])

    @property
    def version(self) -> str:
        """`3.11.2`, or `3.11.2.27.01.0` for an EL Python."""
        return self.identity.version

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.identity.kind} {self.version}"


def _executable(folder: Path, series: str) -> Path | None:
    names = [f"python{series}"] if series else []
    pattern = re.compile(r"python3\.\d+t?")
    found = sorted(path.name for path in (folder / "bin").glob("python3.*"))
    names += [name for name in found if pattern.fullmatch(name)]
    return next((folder / "bin" / name for name in names if (folder / "bin" / name).exists()), None)


def inspect(folder: Path, series: str = "") -> Subject:
    """Look at a prefix that is to be replaced.

    Args:
        folder: the prefix, or a link to it.
        series: which Python of it, where it has several.

    Raises:
        BadPrefixError: it is no whole prefix of its own: an environment, the system's, a mount.
    """
    if not folder.is_dir():
        raise BadPrefixError("there is no such folder", where=str(folder))
    prefix = folder.resolve()
    refuse_foreign(prefix)
    python = _executable(prefix, series)
    if python is None:
        raise BadPrefixError(
            "holds no bin/python3.X",
            where=str(prefix),
            todo="name the prefix that Python was configured for, for example /opt/python3.11",
        )
    _refuse_package(python)
    facts = facts_of(python, seconds=_SECONDS)
    if Path(facts.base_prefix).resolve() != prefix:
        raise BadPrefixError(
            f"its Python belongs to the prefix {facts.base_prefix}", where=str(prefix)
        )
    _refuse_mounts(prefix)
    return Subject(prefix=prefix, python=python, facts=facts, identity=identify(facts))


def refuse_foreign(prefix: Path) -> None:
    """Refuse a folder that is no prefix of its own, before anything is written beside it.

    Raises:
        BadPrefixError: an environment, a folder of conda, the system's folders, a mount point.
    """
    if (prefix / "pyvenv.cfg").is_file():
        config = (prefix / "pyvenv.cfg").read_text("utf-8", "replace")
        home = re.search(r"^home\s*=\s*(.*)/bin\s*$", config, re.MULTILINE)
        raise BadPrefixError(
            "is a virtual environment, not a prefix",
            where=str(prefix),
            todo=f"replace {home[1]} instead: environments follow it" if home else "",
        )
    if (prefix / "conda-meta").is_dir():
        raise BadPrefixError("belongs to conda, which keeps its own account", where=str(prefix))
    if str(prefix) in _SHARED:
        raise BadPrefixError(
            "holds more than a Python: only a prefix of its own can be exchanged whole",
            where=str(prefix),
            todo="install EL Python to a prefix of its own: elpython build BRANCH --prefix FOLDER",
        )
    if os.path.ismount(prefix):
        raise BadPrefixError("is a mount point, which cannot be renamed", where=str(prefix))


def _refuse_package(python: Path) -> None:
    """Refuse what the distribution's package manager has installed."""
    for words in (["dpkg", "-S"], ["rpm", "-qf"]):
        if shutil.which(words[0]) is None:
            continue
        owner = run([*words, python], check=False, timeout=60)
        if owner.returncode == 0:
            name = owner.stdout.strip().partition(":")[0]
            raise BadPrefixError(
                f"belongs to the package {name}",
                where=str(python),
                todo="update it with the distribution's package manager",
            )


def _refuse_mounts(prefix: Path) -> None:
    device = prefix.stat().st_dev
    for entry in entries(prefix):
        if entry.is_folder and entry.state.st_dev != device:
            raise BadPrefixError(
                "is a mount point inside the prefix", where=str(prefix / entry.path)
            )


def incoming(folder: Path, series: str) -> Subject:
    """Look at the interpreter that is to come.

    Raises:
        NoReplacementError: there is none, or it is no EL Python.
    """
    python = _executable(folder, series)
    if python is None or python.name != f"python{series}":
        found = python.name if python else "no Python"
        raise NoReplacementError(
            f"holds {found}, and python{series} is needed",
            where=str(folder),
            todo=f"name a build of branch {series}",
        )
    facts = facts_of(python, seconds=_SECONDS)
    identity = identify(facts)
    if not identity.el:
        raise NoReplacementError(f"is {identity.kind}, not an EL Python", where=str(folder))
    root = Path(facts.base_prefix)
    shared = str(facts.sysconfig["vars"].get("Py_ENABLE_SHARED") or "") == "1"
    if shared and root.resolve() != folder.resolve():
        raise NoReplacementError("finds its library elsewhere", where=str(folder))
    return Subject(prefix=folder, python=python, facts=facts, identity=identity)


def has_newer_base(present: Subject, base: str) -> bool:
    """Return whether what is there has a newer base than what comes."""
    return present.facts.version_info[2] > int(base.split(".")[2])


def check_fit(present: Subject, comes: Subject) -> bool:
    """Return whether there is anything to do; a newer base is `newer.refuse_losses`' affair.

    Raises:
        NoReplacementError: what comes is older, or of another kind of build.
    """
    if present.identity.kind not in {"CPython", "EL Python", "EL Python, redistributed"}:
        raise NoReplacementError(
            f"{present.title} is there: only CPython and EL Python are replaced",
            where=str(present.prefix),
        )
    if present.identity.el:
        try:
            here, there = ElVersion.parse(present.version), ElVersion.parse(comes.version)
        except BadVersionError as error:
            raise NoReplacementError(error.what, where=str(present.prefix)) from error
        if here > there:
            raise NoReplacementError(
                f"{present.title} is there, which is newer than {comes.version}",
                where=str(present.prefix),
                todo="elpython rollback PREFIX puts back what was there before",
            )
        if here == there and present.identity.name == comes.identity.name:
            return present.facts.version != comes.facts.version
    for name in ("Py_ENABLE_SHARED", "Py_DEBUG", "SOABI"):
        here_is, there_is = (side.facts.sysconfig["vars"].get(name) for side in (present, comes))
        if (here_is or "0") != (there_is or "0"):
            raise NoReplacementError(
                f"is built otherwise: {name} is {there_is!r} and was {here_is!r}",
                where=str(comes.prefix),
                todo="name the branch or an archive instead: it is built as what is there",
            )
    return True


def refuse_users(prefix: Path) -> int:
    """Refuse a prefix that running programs use; return how many could not be looked at.

    Raises:
        InUseError: tells each program's number and command line.
    """
    users, hidden = users_of(prefix)
    if users:
        shown = [f"  {user.pid}: {user.command}" for user in users[:10]]
        shown += [f"  and {len(users) - 10} more"] if len(users) > 10 else []
        own = any(user.pid == os.getpid() for user in users)
        first = "run the toolchain on another Python; " if own else ""
        raise InUseError(
            f"{len(users)} running program(s) use it",
            where=str(prefix),
            details=tuple(shown),
            todo=f"{first}stop them and run again; --force replaces it under them (what they "
            "import later comes from the new interpreter)",
        )
    return hidden


_TAKEN_OVER = re.compile(
    r"--(?:en|dis)able-(?:loadable-sqlite-extensions|ipv6|big-digits)\S*"
    r"|--with(?:out)?-(?:system-expat|system-ffi|dbmliborder|platlibdir|tzpath|wheel-pkg-dir"
    r"|ensurepip|openssl|openssl-rpath|ssl-default-suites|readline|libc|libm|doc-strings"
    r"|c-locale-coercion|hash-algorithm|builtin-hashlib-hashes|suffix|computed-gotos)\S*"
)


def configure_words(python: Path) -> tuple[bool, tuple[str, ...]]:
    """Ask an interpreter how it was configured.

    Returns:
        Whether its libpython is shared, and the options that its replacement takes over.
    """
    code = "import sysconfig; print(sysconfig.get_config_var('CONFIG_ARGS') or '')"
    words = shlex.split(run([python, "-I", "-c", code], timeout=_SECONDS).stdout)
    return "--enable-shared" in words, tuple(word for word in words if _TAKEN_OVER.fullmatch(word))
