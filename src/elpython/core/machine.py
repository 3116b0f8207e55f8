"""What this machine is, and what it lacks for a purpose.

Runs on any Python from 3.6 with the standard library alone, as `build/first_run.py` does, which
loads it before there is a virtual environment. Package names are in `data/packages.json` and
nowhere else.
"""

import functools
import importlib
import importlib.util
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, Iterable, List, NamedTuple, Optional, Tuple

__all__ = [
    "OLDEST",
    "PURPOSES",
    "Check",
    "Need",
    "System",
    "as_root",
    "check",
    "forget",
    "install_line",
    "needs",
    "package_for",
    "package_of",
    "present_headers",
    "system",
    "table",
    "way_out",
]

_DATA = Path(__file__).with_name("data") / "packages.json"
# What asks for more asks for everything before it too.
PURPOSES = ("run", "build", "test", "release", "contract")
OLDEST = (3, 11)


class Need(NamedTuple):
    """Something that a purpose needs.

    Attributes:
        id: its name in the table.
        what: what it is for.
        purpose: one of `PURPOSES`.
        required: whether the purpose fails without it.
        programs: programs, of which each must be on PATH.
        headers: spellings of one header, of which any must compile.
        modules: modules that this Python must have.
        builds: extension modules of CPython that are not built without it.
        pkg_config: names that pkg-config is asked for the header's flags.
        include: folders that are searched for the header too.
        packages: package manager -> package, empty where the system has none.
    """

    id: str
    what: str
    purpose: str
    required: bool
    programs: Tuple[str, ...]
    headers: Tuple[str, ...]
    modules: Tuple[str, ...]
    builds: Tuple[str, ...]
    pkg_config: str
    include: Tuple[str, ...]
    packages: Dict[str, str]


class System(NamedTuple):
    """An operating system, by `/etc/os-release`.

    Attributes:
        id: `debian`.
        version: `13`; empty for rolling releases.
        manager: its package manager, a key of the table; empty when it is not known.
        title: its name for messages.
    """

    id: str
    version: str
    manager: str
    title: str


class Check(NamedTuple):
    """Whether a need is met.

    Attributes:
        need: the need.
        met: whether it is met.
        header: the spelling of its header that compiles.
    """

    need: Need
    met: bool
    header: str = ""


@functools.lru_cache(maxsize=None)
def table() -> dict:  # type: ignore[type-arg]
    """Return the data table: managers, systems, needs, and what to do about an old Python."""
    return dict(json.loads(_DATA.read_text("utf-8")))


def system(os_release: Path = Path("/etc/os-release")) -> System:
    """Return what system this is; unknown ones are those whose relatives are unknown too."""
    facts = {"ID": platform.system().lower()}
    for path in (os_release, Path("/usr/lib/os-release")):
        if path.is_file():
            for line in path.read_text("utf-8", "replace").splitlines():
                key, _, value = line.partition("=")
                facts[key.strip()] = "".join(shlex.split(value, comments=True)[:1])
            break
    known = table()["systems"]
    names = [facts["ID"], *facts.get("ID_LIKE", "").split()]
    manager = next((known[name] for name in names if name in known), "")
    version = facts.get("VERSION_ID", "")
    return System(facts["ID"], version, manager, facts.get("PRETTY_NAME", facts["ID"]))


def _for_version(text: str, choices: Dict[str, Dict[str, str]], host: System) -> str:
    for key, values in choices.items():
        value = values.get(f"{host.id}:{host.version}", values.get("", ""))
        text = text.replace("{" + key + "}", value)
    return text


def needs(host: Optional[System] = None) -> List[Need]:
    """Return the table of needs, with the package names of a system (this one if omitted)."""
    host = host or system()
    found = []
    for row in table()["needs"]:
        choices = row.get("versions", {})
        packages = {
            manager: _for_version(name, choices, host) for manager, name in row["packages"].items()
        }
        found.append(
            Need(
                id=row["id"],
                what=row["what"],
                purpose=row["for"],
                required=row["required"],
                programs=tuple(row.get("programs", ())),
                headers=tuple(row.get("headers", ())),
                modules=tuple(row.get("modules", ())),
                builds=tuple(row.get("builds", ())),
                pkg_config=row.get("pkg_config", ""),
                include=tuple(row.get("include", ())),
                packages=packages,
            )
        )
    return found


def _flags(need: Need) -> List[str]:
    flags = [f"-I{place}" for place in need.include if Path(place).is_dir()]
    for name in need.pkg_config.split():
        if shutil.which("pkg-config"):
            asked = subprocess.run(
                ["pkg-config", "--cflags", name],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                check=False,
            )
            flags += asked.stdout.decode("utf-8", "replace").split()
    return flags


@functools.lru_cache(maxsize=None)
def _compiling(wanted: Tuple[Need, ...], compiler: str, flags: str) -> Dict[str, str]:
    """Compile every spelling of every header, all at once; need -> first spelling that compiles."""
    command = shlex.split(compiler)
    if not command or shutil.which(command[0]) is None:
        return {}
    running = []
    for need in wanted:
        extra = [*shlex.split(flags), *_flags(need)]
        for header in need.headers:
            child = subprocess.Popen(
                [*command, "-fsyntax-only", "-w", "-x", "c", *extra, "-"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            running.append((need, header, child))
    good = {}  # type: Dict[str, str]
    for need, header, child in running:
        child.communicate(f"#include <stdio.h>\n#include <{header}>\n".encode())
        if child.returncode == 0:
            good.setdefault(need.id, header)
    return good


def _hashable(need: Need) -> Need:
    return need._replace(packages=_NoNames())


class _NoNames(Dict[str, str]):
    """No package names: a key of a cache."""

    def __hash__(self) -> int:  # type: ignore[override]
        return 0


def forget() -> None:
    """Look at the headers again: something was installed."""
    _compiling.cache_clear()
    importlib.invalidate_caches()


def check(purpose: str = "contract", host: Optional[System] = None) -> List[Check]:
    """Look at every need of a purpose, headers by compiling them."""
    asked = PURPOSES[: PURPOSES.index(purpose) + 1]
    wanted = [need for need in needs(host) if need.purpose in asked]
    flags = " ".join(os.environ.get(name, "") for name in ("CPPFLAGS", "CFLAGS"))
    headers = tuple(_hashable(need) for need in wanted if need.headers)
    compiled = _compiling(headers, os.environ.get("CC", "gcc"), flags)
    checks = []
    for need in wanted:
        met = (
            all(_program(name) for name in need.programs)
            and all(importlib.util.find_spec(name) for name in need.modules)
            and (not need.headers or need.id in compiled)
        )
        if need.programs or need.headers or need.modules:
            checks.append(Check(need, met, compiled.get(need.id, "")))
    return checks


def _program(name: str) -> bool:
    if name == "gcc" and os.environ.get("CC"):
        name = (shlex.split(os.environ["CC"]) or [name])[0]
    return shutil.which(name) is not None


def present_headers() -> List[str]:
    """Return the headers that compile here: they decide which modules a build has."""
    return [item.header for item in check("build") if item.header and item.need.builds]


def package_of(name: str, host: Optional[System] = None) -> str:
    """Return the package of a program or need on a system; empty when the table has none."""
    host = host or system()
    for need in needs(host):
        if name == need.id or name in need.programs or name in need.builds:
            return package_for(need, host)
    return ""


def package_for(need: Need, host: System) -> str:
    """Return the package of a need on a system; empty when it has none."""
    package = need.packages.get(host.manager, "")
    if need.id == "venv" and package and not _is_system_python():
        return package.replace("python3", "python%d.%d" % sys.version_info[:2], 1)
    return package


def _is_system_python() -> bool:
    default = Path("/usr/bin/python3")
    return not default.exists() or default.resolve().name.endswith("%d.%d" % sys.version_info[:2])


def as_root(host: System) -> str:
    """Return what comes before a command that installs: `sudo `, or nothing for root."""
    manager = table()["managers"].get(host.manager, {})
    return "" if os.geteuid() == 0 or manager.get("as_user") else "sudo "


def install_line(
    packages: Iterable[str], host: Optional[System] = None, *, whole: bool = False
) -> str:
    """Return the line that installs packages; empty when there are none or no manager is known.

    Args:
        packages: their names.
        host: the system, this one if omitted.
        whole: ready to paste: package lists are read first and nothing is asked.
    """
    host = host or system()
    names = " ".join(sorted(set(" ".join(packages).split())))
    if not names or not host.manager:
        return ""
    manager = table()["managers"][host.manager]
    sudo = as_root(host)
    words = [manager["install"], manager["options"] if whole else "", names]
    line = sudo + " ".join(filter(None, words))
    return f"{sudo}{manager['refresh']} && {line}" if whole and manager["refresh"] else line


def way_out(*names: str) -> str:
    """Return what to do when programs or needs are missing: one line, with this system's names."""
    host = system()
    packages = [package_of(name, host) for name in names]
    line = install_line(filter(None, packages), host)
    return f"install it: {line}" if line else f"install {' and '.join(names)}"
