"""Packages from a release's archive: a Debian source package, an RPM spec, a Containerfile."""

from __future__ import annotations

import datetime as dt
import email.utils
import os
import shutil
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from elpython.core.errors import UnknownNameError, UsageError
from elpython.core.process import require, run
from elpython.core.report import SILENT
from elpython.core.store import disk_errors, remove_tree
from elpython.core.suggest import hint
from elpython.release.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.core.report import Reporter
    from elpython.core.version import ElVersion
    from elpython.release.checks import Received
    from elpython.release.manifest import Manifest

__all__ = ["KINDS", "Package", "build_deb", "build_rpm", "choose", "names", "write"]

KINDS = ("debian", "rpm", "container")
_HOURS = 3600.0
_DEBIAN = ("control", "rules", "changelog", "copyright")


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """What is to be packaged.

    Attributes:
        received: the release.
        maintainer: who packages it, `Name <address>`.
        prefix: where it installs; below `/opt` when empty.
    """

    received: Received
    maintainer: str
    prefix: str = ""

    @property
    def manifest(self) -> Manifest:
        """The release's manifest."""
        return self.received.manifest

    @property
    def archive(self) -> Path:
        """The archive that packages build from."""
        return self.received.archive()


def choose(kinds: Sequence[str]) -> list[str]:
    """Return the kinds of packages that were asked for.

    Raises:
        UnknownNameError: there is none of that name.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownNameError(
                f"there is no kind {kind!r} of packages", where="--kind", todo=hint(kind, KINDS)
            )
    return [kind for kind in KINDS if kind in kinds]


def names(package: Package) -> dict[str, Any]:
    """Return what the templates are filled with."""
    manifest = package.manifest
    version: ElVersion = manifest.version
    name = f"{manifest.variant}-{version.series}"
    prefix = package.prefix or f"/opt/{name}"
    when = dt.datetime.fromtimestamp(manifest.epoch, tz=dt.UTC)
    build = manifest.data.get("build", {})
    shared = ["--enable-shared", f"LDFLAGS=-Wl,-rpath,{prefix}/lib"] if build.get("shared") else []
    return {
        "package": name,
        "program": f"{manifest.variant}{version.series}",
        "variant": manifest.variant,
        "version": version.package_version(),
        "version_text": str(version),
        "calver": str(version.calver),
        "series": version.series,
        "base": version.base,
        "top": manifest.top,
        "title": f"{manifest.variant} {version}",
        "summary": _summary(manifest.variant, version),
        "prefix": prefix,
        "configure": [*build.get("configure", ()), *shared],
        "epoch": manifest.epoch,
        "sha256": manifest.files[package.archive.name],
        "maintainer": package.maintainer,
        "rfc_date": email.utils.format_datetime(when),
        # RPM reads English names, whatever the locale is.
        "rpm_date": f"{_DAYS[when.weekday()]} {_MONTHS[when.month - 1]} {when:%d %Y}",
        "image": "docker.io/library/debian:bookworm-slim",
    }


def _summary(variant: str, version: ElVersion) -> str:
    """Return what a package manager shows: how long it is kept is its publisher's word."""
    if variant == "elpython":
        return f"EL Python {version.series}: CPython {version.base} kept for ten years"
    who = variant.removeprefix("elpython-")
    return f"{variant} {version.series}: EL Python on CPython {version.base}, rebuilt by {who}"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _render(template: str, values: dict[str, Any]) -> str:
    import jinja2

    folder = resources.files("elpython.release") / "templates"
    text = (folder / f"{template}.j2").read_text("utf-8")
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - spec files and rules, no HTML
    )
    return environment.from_string(text).render(values)


def write(package: Package, kind: str, to: Path) -> list[Path]:
    """Write the files that one kind of package is built from, the archive among them.

    Args:
        package: what is packaged.
        kind: one of `KINDS`.
        to: a folder; it gets one folder a kind.

    Returns:
        The files that were written.

    Raises:
        UsageError: the folder of that kind is there and not empty.
    """
    folder = to / kind
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("is there and not empty", where=str(folder), todo="name another --to")
    values = names(package)
    with disk_errors(folder):
        if kind == "debian":
            return _write_debian(package, values, folder)
        name = f"{values['package']}.spec" if kind == "rpm" else "Containerfile"
        folder.mkdir(parents=True, exist_ok=True)
        template = "elpython.spec" if kind == "rpm" else "Containerfile"
        (folder / name).write_text(_render(template, values), "utf-8")
        shutil.copyfile(package.archive, folder / package.archive.name)
        return [folder / name, folder / package.archive.name]


def _write_debian(package: Package, values: dict[str, Any], folder: Path) -> list[Path]:
    """Lay out a Debian source package (3.0, quilt): the archive as orig, and unpacked."""
    source = folder / f"{values['package']}-{values['version']}"
    source.mkdir(parents=True)
    orig = folder / f"{values['package']}_{values['version']}.orig.tar.xz"
    shutil.copyfile(package.archive, orig)
    run([require("tar"), "--no-same-owner", "-xf", orig, "-C", source, "--strip-components=1"])
    debian = source / "debian"
    (debian / "source").mkdir(parents=True)
    (debian / "source" / "format").write_text("3.0 (quilt)\n", "utf-8")
    written = [orig]
    for name in _DEBIAN:
        path = debian / name
        path.write_text(_render(f"debian/{name}", values), "utf-8")
        written.append(path)
    (debian / "rules").chmod(0o755)
    return written


def build_deb(
    package: Package,
    folder: Path,
    *,
    jobs: int = 0,
    reporter: Reporter = SILENT,
) -> list[Path]:
    """Build the Debian source package and the `.deb` from what `write` laid out.

    Args:
        package: what is packaged.
        folder: the folder of `write`, kind `debian`.
        jobs: compilers at once; 0 for the number of cores.
        reporter: told how it goes on.

    Returns:
        The `.dsc` and the `.deb`.

    Raises:
        PackagingError: with the last lines and the log's path.
        MissingProgramError: no `dpkg-buildpackage`.
    """
    require("dpkg-buildpackage")
    values = names(package)
    source = folder / f"{values['package']}-{values['version']}"
    parallel = f"-j{jobs or os.cpu_count() or 1}"
    # -d: what configure needs is told by `elpython doctor`, on systems without Debian's names too.
    argv: list[str | Path] = ["dpkg-buildpackage", "-us", "-uc", "-d", parallel]
    _run(argv, source, folder / "build.log", reporter)
    return [*folder.glob("*.dsc"), *folder.glob("*.deb")]


def build_rpm(
    package: Package,
    folder: Path,
    *,
    jobs: int = 0,
    reporter: Reporter = SILENT,
) -> list[Path]:
    """Build the source RPM and the `.rpm` from what `write` laid out.

    Args:
        package: what is packaged.
        folder: the folder of `write`, kind `rpm`.
        jobs: compilers at once; 0 for the number of cores.
        reporter: told how it goes on.

    Raises:
        PackagingError: with the last lines and the log's path.
        MissingProgramError: no `rpmbuild`.
    """
    require("rpmbuild")
    values = names(package)
    top = folder / "rpmbuild"
    argv: list[str | Path] = ["rpmbuild", "-ba", "--nodeps", "--define", f"_topdir {top}"]
    argv += ["--define", f"_sourcedir {folder}"]
    argv += ["--define", f"_smp_mflags -j{jobs or os.cpu_count() or 1}"]
    _run([*argv, folder / f"{values['package']}.spec"], folder, folder / "build.log", reporter)
    made = sorted(top.rglob("*.rpm"))
    targets = [path.rename(folder / path.name) for path in made]
    remove_tree(top)
    return targets


def _run(
    argv: list[str | Path],
    cwd: Path,
    log: Path,
    reporter: Reporter,
) -> None:
    lines = 0

    def on_line(_line: str) -> None:
        nonlocal lines
        lines += 1
        if lines % 50 == 0:
            reporter.progress("lines of the package's build", lines, max(3000, lines))

    done = run(argv, cwd=cwd, log=log, on_line=on_line, check=False, timeout=6 * _HOURS)
    if done.returncode != 0:
        raise PackagingError(
            f"{argv[0]} ended with exit code {done.returncode}",
            where=str(cwd),
            details=tuple(log.read_text("utf-8", "replace").splitlines()[-12:]),
            todo=f"the whole log is {log}",
        )
