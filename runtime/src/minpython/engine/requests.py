"""What is asked for, as values, and the text forms of it.

The text form, of ``-X min_version`` and ``PYTHONMINVERSION`` alike::

    3.8                        the whole program acts as on 3.8
    3.8:oldlib,otherlib        only the code of these packages does
    3.8,-distutils,+imp        without one behaviour, with another
    3.8;3.7:oldlib             several, separated by semicolons
    3.8,+crypt,allow_insecure  with one that weakens security
    per-file                   no version, but files that are compiled by pytest, runpy or
                               ``compile`` may ask for themselves, as imported ones always may
"""

from minpython import versions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Version = tuple[int, int, int]
    Where = tuple[bool, frozenset[str]]

ALLOW_INSECURE = "allow_insecure"
PER_FILE = "per-file"
NOWHERE: "Where" = (False, frozenset())


class Requests:
    """Everything asked for: versions and single behaviours, each for the program or a part of it.

    Attributes:
        version: the version that the whole program acts as, or None.
        packages: the version of each package named, by its name.
        files: the version of each file that asks for itself, by its path.
        oldest_file: the oldest of those, or None.
        enabled: for a behaviour switched on by its name: whether for everyone, and the packages.
        disabled: behaviours that were switched off.
        per_file: ``compile`` too looks for text that asks for a version itself.
        insecure: behaviours that weaken security and were allowed to.
    """

    __slots__ = (
        "disabled",
        "enabled",
        "files",
        "insecure",
        "oldest_file",
        "packages",
        "per_file",
        "version",
    )

    def __init__(self) -> None:
        self.version: Version | None = None
        self.packages: dict[str, Version] = {}
        self.files: dict[str, Version] = {}
        self.oldest_file: Version | None = None
        self.enabled: dict[str, Where] = {}
        self.disabled: set[str] = set()
        self.insecure: set[str] = set()
        self.per_file = False

    def copy(self) -> "Requests":
        """Return requests of the same content that change apart from these."""
        new = Requests()
        new.version = self.version
        new.packages = dict(self.packages)
        new.files = dict(self.files)
        new.oldest_file = self.oldest_file
        new.enabled = dict(self.enabled)
        new.disabled = set(self.disabled)
        new.insecure = set(self.insecure)
        new.per_file = self.per_file
        return new

    def ask(self, version: "Version", packages: "Iterable[str] | None" = None) -> None:
        """Take a checked version for the program, or for ``packages``; the oldest wins."""
        if packages is None:
            self.version = version if self.version is None else min(self.version, version)
            return
        for package in packages:
            self.packages[package] = min(self.packages.get(package, version), version)

    def ask_file(self, version: "Version", file: str) -> None:
        """Take a checked version that a file asks for itself; its last word counts."""
        self.files[file] = version
        oldest = self.oldest_file
        self.oldest_file = version if oldest is None else min(oldest, version)

    def enable(self, name: str, packages: "frozenset[str] | None", *, insecure: bool) -> None:
        """Switch one behaviour on, for the program or for ``packages``."""
        everyone, before = self.enabled.get(name, NOWHERE)
        self.enabled[name] = (everyone or packages is None, before | (packages or frozenset()))
        self.disabled.discard(name)
        if insecure:
            self.insecure.add(name)

    def disable(self, name: str) -> None:
        """Switch one behaviour off, for everyone."""
        self.enabled.pop(name, None)
        self.disabled.add(name)


def is_package(name: str) -> bool:
    """Return whether ``name`` can be the name of a package or module."""
    return bool(name) and all(part.isidentifier() for part in name.split("."))


def parse(source: str, where: str, known: "Iterable[str]") -> "Requests":
    """Return what the text form ``source`` asks for.

    Args:
        source: see the module's docstring.
        where: what to call the source in messages, ``PYTHONMINVERSION``.
        known: the names of the behaviours that there are.

    Raises:
        ConfigError: the text can't be read; the message lists every fault.
    """
    requests = Requests()
    problems: list[str] = []
    for part in source.split(";"):
        if part.strip() == PER_FILE:
            requests.per_file = True
        elif part.strip():
            problems.extend(_part(requests, part, known))
    if not source.replace(";", "").strip():
        problems.append("no version given: write 3.8")
    if problems:
        from minpython.errors import ConfigError

        raise ConfigError(f"{where}={source}: " + "; ".join(problems))
    return requests


def _part(  # noqa: PLR0912 - one branch for each kind of word
    requests: "Requests",
    part: str,
    known: "Iterable[str]",
) -> "list[str]":
    """Take one part between semicolons into ``requests``; return what is wrong with it."""
    words = [word.strip() for word in part.replace(":", ":,").split(",") if word.strip()]
    scoped = ":" in part
    problems: list[str] = []
    packages: list[str] = []
    version: Version | None = None
    allowed = ALLOW_INSECURE in words or "+" + ALLOW_INSECURE in words
    switches = [word for word in words if word[:1] in "+-" and word[1:] != ALLOW_INSECURE and word]
    for at, word in enumerate(words):
        if word in (*switches, ALLOW_INSECURE, "+" + ALLOW_INSECURE):
            continue
        if at == 0:
            try:
                version = versions.checked(versions.parse(word.rstrip(":")))
            except ValueError as error:
                problems.append(str(error))
        elif scoped and is_package(word):
            packages.append(word)
        elif scoped:
            problems.append(f"{word!r} is no package name")
        else:
            problems.append(f"{word!r} is unclear: packages stand after a colon, 3.8:{word}")
    problems.extend(unknown(name[1:], known) for name in switches if name[1:] not in known)
    if scoped and not packages and not problems:
        problems.append(f"no package is named after the colon in {part.strip()!r}")
    if problems:
        return problems
    only = frozenset(packages) if scoped else None
    if version is not None:
        requests.ask(version, only)
    for switch in switches:
        if switch[0] == "+":
            requests.enable(switch[1:], only, insecure=allowed)
        else:
            requests.disable(switch[1:])
    return []


def unknown(name: str, known: "Iterable[str]") -> str:
    """Return the message for a behaviour that isn't there, with a near miss where there is one."""
    import difflib

    near = difflib.get_close_matches(name, sorted(known), 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no behaviour {name!r}{hint}"


def text(requests: "Requests") -> str:
    """Return the text form of ``requests`` without the files, for a child process."""
    parts = []
    switches = [f"+{name}" for name, state in requests.enabled.items() if state[0]]
    switches += [f"-{name}" for name in sorted(requests.disabled)]
    if requests.insecure:
        switches.append(ALLOW_INSECURE)
    if requests.version is not None:
        parts.append(",".join([versions.text(requests.version), *switches]))
    elif switches:
        parts.append(",".join(switches))
    if requests.per_file or requests.files:
        parts.append(PER_FILE)
    by_version: dict[Version, list[str]] = {}
    for package, version in requests.packages.items():
        by_version.setdefault(version, []).append(package)
    for version, packages in by_version.items():
        parts.append(f"{versions.text(version)}:{','.join(packages)}")
    return ";".join(parts)
