"""Tell CPython from EL Python from another variant, and check EL Python's identity table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import BadVersionError
from elpython.core.version import CalVer, ElVersion
from elpython.interpreter.facts import facts_of

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.interpreter.facts import Interpreter

__all__ = ["Identity", "Row", "identify", "identity_of", "identity_table"]

CPYTHON, EL_PYTHON, REDISTRIBUTED, VARIANT, OTHER = (
    "CPython",
    "EL Python",
    "EL Python, redistributed",
    "variant of CPython",
    "another implementation",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What an interpreter is.

    Attributes:
        kind: `CPython`, `EL Python`, `EL Python, redistributed`, `variant of CPython` or
            `another implementation`.
        name: the variant's own name; `sys.implementation.name` where there is none.
        version: the version of what it is: the EL version, or the release.
        base: the CPython release that it is or stands for.
        redistributor: who rebuilt an EL Python; empty for EL Python itself.
        because: the fact that decided.
        python: the executable.
    """

    kind: str
    name: str
    version: str
    base: str
    redistributor: str
    because: str
    python: str

    @property
    def el(self) -> bool:
        """Whether it is an EL Python, whoever built it."""
        return self.kind in {EL_PYTHON, REDISTRIBUTED}


def _el_version(facts: Interpreter) -> str:
    year, month, micro, level, serial = facts.implementation["version"]
    rc = serial if level == "candidate" else None
    return str(
        ElVersion(base=facts.release, calver=CalVer(year=year, month=month, micro=micro, rc=rc))
    )


def identify(facts: Interpreter) -> Identity:
    """Decide what an interpreter is from its facts.

    `sys.implementation.variant` decides where it is; without it, a `cpython` whose implementation
    version is not its language version is a variant too (the fallback rule); PEP 421 lets an
    implementation that is not named `cpython` be anything.
    """
    implementation = facts.implementation
    name = str(implementation.get("name", ""))
    variant = str(implementation.get("variant") or "")
    own = list(implementation.get("version", []))

    def made(
        kind: str, title: str, version: str, because: str, redistributor: str = ""
    ) -> Identity:
        return Identity(
            kind=kind,
            name=title,
            version=version,
            base=facts.release,
            redistributor=redistributor,
            because=because,
            python=str(facts.path),
        )

    if name != "cpython":
        version = ".".join(str(part) for part in own[:3])
        return made(OTHER, name, version, f"sys.implementation.name is {name!r}")
    if variant == "elpython" or variant.startswith("elpython-"):
        redistributor = variant.partition("-")[2]
        kind = REDISTRIBUTED if redistributor else EL_PYTHON
        because = f"sys.implementation.variant is {variant!r}"
        return made(kind, variant, _el_version(facts), because, redistributor)
    if variant:
        version = ".".join(str(part) for part in own[:3])
        return made(VARIANT, variant, version, f"sys.implementation.variant is {variant!r}")
    if own != list(facts.version_info):
        version = ".".join(str(part) for part in own[:3])
        because = "sys.implementation.version is not sys.version_info"
        return made(VARIANT, "unnamed", version, because)
    return made(CPYTHON, "cpython", facts.release, "sys.implementation names no variant")


def identity_of(python: str | Path, *, seconds: float = 30.0) -> Identity:
    """Ask an interpreter what it is.

    Args:
        python: path, program name, prefix or virtual environment.
        seconds: time limit.

    Raises:
        BadInterpreterError: it is no Python, is broken, or hangs.
    """
    return identify(facts_of(python, seconds=seconds))


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the identity table: what a value must be, and what it is."""

    what: str
    expected: str
    found: str

    @property
    def good(self) -> bool:
        """Whether the interpreter keeps to the table."""
        return self.expected == self.found


def identity_table(facts: Interpreter, version: ElVersion, variant: str) -> list[Row]:
    """Check an interpreter against the variant's identity.

    Args:
        facts: the interpreter's.
        version: the EL version that it should have.
        variant: the value that `sys.implementation.variant` should have.
    """
    base, cal = version.base, version.calver
    tag = f"cpython-{version.series.replace('.', '')}"
    implementation = facts.implementation
    rows: list[tuple[str, object, object]] = [
        ("sys.version_info", base, facts.release),
        ("sys.implementation.name", "cpython", implementation.get("name")),
        ("sys.implementation.cache_tag", tag, implementation.get("cache_tag")),
        (
            "sys.implementation.version",
            list(cal.implementation_version),
            implementation.get("version"),
        ),
        (
            "sys.implementation.hexversion",
            f"{cal.hexversion:#010x}",
            f"{implementation.get('hexversion', 0):#010x}",
        ),
        ("sys.implementation.variant", variant, implementation.get("variant")),
        ("sys.version", f"{version} (", facts.version[: len(str(version)) + 2]),
        ("platform.python_version()", base, facts.platform["python_version"]),
        ("python_full_version", base, facts.markers["python_full_version"]),
        ("python_version", version.series, facts.markers["python_version"]),
        ("implementation_name", "cpython", facts.markers["implementation_name"]),
        ("implementation_version", cal.marker, facts.markers["implementation_version"]),
        (
            "platform_python_implementation",
            "CPython",
            facts.markers["platform_python_implementation"],
        ),
        ("sysconfig py_version", base, facts.sysconfig["vars"]["py_version"]),
        ("SOABI begins", tag, str(facts.sysconfig["vars"]["SOABI"])[: len(tag)]),
    ]
    return [
        Row(what=what, expected=str(expected), found=str(found)) for what, expected, found in rows
    ]


def own_table(facts: Interpreter) -> list[Row] | None:
    """Check an EL Python against the version that it claims; None when it claims none."""
    text = facts.version.partition(" ")[0]
    try:
        version = ElVersion.parse(text)
    except BadVersionError:
        return None
    variant = str(facts.implementation.get("variant") or "elpython")
    return identity_table(facts, version, variant)
