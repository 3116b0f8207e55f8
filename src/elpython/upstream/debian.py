"""Debian source packages, fetched with the ordinary client from lists and state of our own.

Works as an ordinary user, and changes nothing of the system's apt configuration: every folder
that apt writes to lies in the store. The mirrors are those that the machine is configured with.
"""

from __future__ import annotations

import functools
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from elpython.core.errors import ElpythonError, ProgramFailedError, SourceUnavailableError
from elpython.core.process import require, run
from elpython.core.store import Store, disk_errors

__all__ = [
    "Apt",
    "apt_of",
    "fetch_debian_tar",
    "fetch_orig",
    "mirror_of",
    "package_versions",
    "take_file",
]

_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_HELPER = "/usr/lib/apt/apt-helper"
_UPDATED: set[Path] = set()
_ASKING = threading.Lock()
_TIMEOUT = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Apt:
    """One suite's own apt: its folder and the options that point apt there."""

    folder: Path
    options: tuple[str, ...]


@functools.cache
def _asked_mirrors() -> dict[bool, str]:
    require("apt-get")
    lines = run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(ORIGIN)"],
        check=False,
        timeout=60,
    ).stdout.splitlines()
    found: dict[bool, str] = {}
    for line in lines:
        uri, _, rest = line.partition(" ")
        release = rest.partition(" ")[0]
        if re.fullmatch(r"https?://\S+/debian(-security)?/?", uri):
            found.setdefault(release.endswith("-security"), uri.rstrip("/"))
    return found


def _mirrors() -> dict[bool, str]:
    """Return the configured mirrors: for the security archive (True) and the main one (False)."""
    with _ASKING:
        # Once a process: apt reads all lists of the system for it.
        found = dict(_asked_mirrors())
    named = os.environ.get("ELPYTHON_DEBIAN_MIRROR")
    if named:
        found[False] = named.rstrip("/")
        found[True] = re.sub(r"/debian$", "/debian-security", named.rstrip("/"))
    if not found:
        raise SourceUnavailableError(
            "apt is configured with no Debian mirror",
            todo="set ELPYTHON_DEBIAN_MIRROR to the address of one, ending in /debian",
        )
    if True not in found:
        found[True] = re.sub(r"/debian$", "/debian-security", found[False])
    if False not in found:
        found[False] = re.sub(r"/debian-security$", "/debian", found[True])
    return found


def mirror_of(suite: str) -> str:
    """Return the address of the mirror that has a suite.

    Raises:
        SourceUnavailableError: it is no suite's name, or apt is configured with no mirror.
    """
    if not re.fullmatch(r"[a-z][a-z0-9.-]*", suite):
        raise SourceUnavailableError(f"{suite!r} is no name of a Debian suite")
    return _mirrors()[suite.endswith("-security")]


def take_file(store: Store, url: str, target: Path, *, sha256: str = "") -> Path:
    """Download one file of a mirror with apt's own downloader.

    Args:
        store: where its state lies.
        url: the file's address.
        target: where to.
        sha256: what its content must have; empty for what changes all the time.

    Raises:
        SourceUnavailableError: out of reach, or of another content.
    """
    folder = store.root / "apt" / "files"
    with disk_errors(folder):
        (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    settings = ["-o", f"Dir::State={folder}", "-o", "Acquire::http::Timeout=20",
                "-o", "APT::Sandbox::User=", "-o", "Acquire::Retries=1"]  # fmt: skip
    digest = [f"SHA256:{sha256}"] if sha256 else []
    words: list[str | Path] = ["download-file", url, target, *digest]
    try:
        run([_HELPER, *settings, *words], timeout=60)
    except ElpythonError as error:
        last = error.details[-1] if error.details else error.what
        raise SourceUnavailableError(f"cannot be taken: {last}", where=url) from error
    return target


def apt_of(store: Store, suite: str, *, kind: str = "deb-src") -> Apt:
    """Return an apt of our own for one suite, with its lists up to date.

    Args:
        store: where its folders lie.
        suite: the suite.
        kind: `deb-src` for source packages, `deb` for binary ones.

    Raises:
        SourceUnavailableError, ProgramFailedError: the suite cannot be read.
    """
    mirror = mirror_of(suite)
    folder = store.root / "apt" / (suite if kind == "deb-src" else f"{suite}.binary")
    with disk_errors(folder):
        for name in ("lists/partial", "cache/archives/partial", "etc"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        signed = f"[signed-by={_KEYRING}] " if _KEYRING.exists() else ""
        (folder / "sources.list").write_text(f"{kind} {signed}{mirror} {suite} main\n")
    settings = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": folder / "etc",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::State": folder,
        "Dir::State::Lists": folder / "lists",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "",
        "APT::Get::List-Cleanup": "false",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "30",
        "Acquire::Languages": "none",
        "Acquire::PDiffs": "false",
        # Nobody asks this apt's cache after an update of binary lists: the lists are read.
        "pkgCacheFile::Generate": "true" if kind == "deb-src" else "false",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
    }
    options = tuple(word for key, value in settings.items() for word in ("-o", f"{key}={value}"))
    apt = Apt(folder=folder, options=options)
    if folder not in _UPDATED:
        # An old list names versions that point releases have since replaced.
        run(["apt-get", *options, "update"], timeout=_TIMEOUT)
        _UPDATED.add(folder)
    return apt


def package_versions(store: Store, suite: str, package: str) -> list[str]:
    """Return the versions of a source package in a suite, newest last.

    Raises:
        SourceUnavailableError: the suite cannot be read.
    """
    with store.lock("apt", suite):
        apt = _updated(store, suite)
        text = run(
            ["apt-cache", *apt.options, "showsrc", "--only-source", package],
            check=False,
            timeout=60,
        ).stdout
    return re.findall(r"^Version: (\S+)$", text, re.MULTILINE)


def _updated(store: Store, suite: str) -> Apt:
    try:
        return apt_of(store, suite)
    except ElpythonError as error:
        raise SourceUnavailableError(
            f"the Debian suite {suite!r} cannot be read: {error.what}", details=error.details
        ) from error


def _download(
    store: Store, suite: str, package: str, version: str, folder: Path, only: str
) -> None:
    with store.lock("apt", suite):
        apt = _updated(store, suite)
        wanted = f"{package}={version}" if version else package
        try:
            run(
                ["apt-get", *apt.options, "source", "--download-only", only, wanted],
                cwd=folder,
                timeout=_TIMEOUT,
            )
        except ProgramFailedError as error:
            reason = next((line for line in error.details if line.startswith("E:")), error.what)
            raise SourceUnavailableError(
                f"{wanted} of {suite} cannot be downloaded: {reason}"
            ) from error


def fetch_orig(store: Store, suite: str, package: str, version: str, folder: Path) -> list[Path]:
    """Download a source package's upstream archive into a folder.

    Args:
        store: where apt's own state lies.
        suite: Debian suite.
        package: source package.
        version: upstream version that the package version must begin with; the newest one first,
            since a point release may list a version whose files are not there yet.
        folder: where to.

    Raises:
        SourceUnavailableError: no version can be downloaded; lists what was there.
    """
    versions = package_versions(store, suite, package)
    wanted = [name for name in reversed(versions) if re.match(rf"{re.escape(version)}[-+~]", name)]
    reasons = []
    for name in wanted:
        try:
            _download(store, suite, package, name, folder, "--tar-only")
        except SourceUnavailableError as error:
            reasons.append(error.what)
            continue
        return sorted(path for path in folder.iterdir() if ".orig." in path.name)
    raise SourceUnavailableError(
        f"{package} {version} is not in {suite}" if not wanted else "no version can be downloaded",
        details=tuple(reasons) or (f"versions there: {', '.join(versions) or 'none'}",),
    )


def fetch_debian_tar(store: Store, suite: str, package: str, version: str) -> Path:
    """Return the archive of a source package's `debian` folder; kept in the store.

    Raises:
        SourceUnavailableError: that version is not to be had.
    """

    def download(folder: Path) -> None:
        _download(store, suite, package, version, folder, "--diff-only")
        if not list(folder.glob("*.debian.tar.*")):
            raise SourceUnavailableError(f"{package} {version} has no debian.tar archive")

    key = re.sub(r"[^a-z0-9.+_-]", "_", f"{package}_{version}".lower())
    folder = store.product("debian", key, download)
    return next(folder.glob("*.debian.tar.*"))
