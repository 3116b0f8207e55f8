"""Stacks side by side under a prefix, switched and rolled back in one step.

    PREFIX/stacks/3.11-<key>/    a stack: its interpreter and its packages, never changed
    PREFIX/generations/0002/     a view: bin/python3, bin/foo, bin/foo-3.11, ... as links
    PREFIX/current               link to the view that holds now
    PREFIX/bin, PREFIX/share     links into `current`

A change makes new stacks and a new view beside the old ones, and then replaces the one link
`current`: whoever looks sees all of the old or all of the new.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import ProgramFailedError, UsageError
from elpython.core.process import run
from elpython.core.store import disk_errors, file_digest, key_of, remove_tree, write_atomic
from elpython.core.strict_json import load_json
from elpython.stacks.errors import CollisionError, PrefixError
from elpython.stacks.view import Laid, View, claims, read_view

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Prefix"]

_SHOWN = ("bin", "share")
_WHOLE = ".elpython-whole"
_FACTS = (
    "import json,sys; v=sys.version_info; "
    "print(json.dumps(['%d.%d' % v[:2], sys.implementation.name, sys.base_prefix]))"
)


def _facts(python: Path) -> tuple[str, str]:
    """Ask an interpreter for its version and its base prefix."""
    try:
        done = run([python, "-Ic", _FACTS], timeout=30)
        version, _, base = load_json(done.stdout)
    except (ProgramFailedError, ValueError) as error:
        raise PrefixError("is no Python that works", str(python)) from error
    return version, base


def _snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Return every file below a folder with its size and time of change (nanoseconds)."""
    found: dict[str, tuple[int, int]] = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            # Byte code is written when a module is first imported.
            if not name.endswith(".pyc"):
                status = path.lstat()
                found[str(path)] = (status.st_size, status.st_mtime_ns)
    return found


def _program_owners(home: Path) -> dict[str, str]:
    """Return each program of a stack with the distribution whose RECORD lists it."""
    owners: dict[str, str] = {}
    for record in sorted(home.glob("lib*/python*/site-packages/*.dist-info/RECORD")):
        project = record.parent.name.removesuffix(".dist-info").rsplit("-", 1)[0]
        for line in record.read_text("utf-8").splitlines():
            path = line.split(",")[0].strip('"')
            if "/bin/" in path and path.startswith("../"):
                owners[Path(path).name] = project
    return owners


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix at a folder; making one touches nothing on disk."""

    root: Path

    def current(self) -> View | None:
        """Return the view that holds now, or None for an empty prefix.

        Raises:
            PrefixError: what is there is no prefix of ours, or it is damaged.
        """
        link = self.root / "current"
        if not link.is_symlink():
            return None
        return read_view(link / "view.json")

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock

        with disk_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.root / ".lock")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _own_ground(self) -> None:
        """Refuse a folder in which something else has the names that are needed."""
        for name in (*_SHOWN, "current", "stacks", "generations"):
            path = self.root / name
            link = name in {*_SHOWN, "current"}
            if path.is_symlink() != link and (path.exists() or path.is_symlink()):
                raise PrefixError(
                    f"{name} is there and not made by elpython", str(self.root), "take another one"
                )

    def install(
        self,
        pythons: Sequence[Path] = (),
        *,
        default: str | None = None,
        wheels: Path | None = None,
        packages: Sequence[str] = (),
    ) -> View:
        """Bring stacks, add packages to all of them, choose the default; all or nothing.

        Args:
            pythons: interpreters, one a stack to bring or to replace.
            default: the version that owns `bin/python3`; kept, or the first one, when None.
            wheels: folder of wheels to install from; no index is asked.
            packages: requirements to install into every stack.

        Raises:
            CollisionError: two stacks would own the same path; nothing is changed.
            PrefixError: the folder is not ours, or a package cannot be installed.
        """
        with self._locked():
            self._own_ground()
            before = self.current()
            laid = dict(before.laid) if before else {}
            wanted = {version: (Path(item.python), item.packages) for version, item in laid.items()}
            for python in pythons:
                found = python.absolute()
                version, _ = _facts(found)
                wanted[version] = (found, wanted.get(version, (found, ()))[1])
            if not wanted:
                raise UsageError(
                    "there is no stack yet: name at least one interpreter", str(self.root)
                )
            self._take_wheels(wheels)
            for version, (python, has) in wanted.items():
                asked = tuple(dict.fromkeys([*has, *packages]))
                laid[version] = self._lay(version, python, asked)
            chosen = default or (before.default if before else next(iter(wanted)))
            return self._show(laid, chosen, before)

    def switch(self, version: str) -> View:
        """Make a stack the default, by one rename.

        Raises:
            UsageError: there is no such stack here.
        """
        return self.install(default=version)

    def roll_back(self) -> View:
        """Go back to the view before the one that holds now.

        Raises:
            PrefixError: there is none.
        """
        with self._locked():
            now = self.current()
            if now is None or not now.parent:
                raise PrefixError("there is nothing to go back to", str(self.root))
            before = read_view(self._generation(now.parent) / "view.json")
            self._point(before.number)
            return before

    def _generation(self, number: int) -> Path:
        return self.root / "generations" / f"{number:04d}"

    def _take_wheels(self, wheels: Path | None) -> None:
        """Keep copies of the wheels, so that a stack can be made again from the same ones."""
        if wheels is None:
            return
        kept = self.root / "wheels"
        for path in sorted(wheels.glob("*.whl")):
            target = kept / path.name
            if not target.exists() or file_digest(target) != file_digest(path):
                write_atomic(target, path.read_bytes())

    def _lay(self, version: str, python: Path, packages: tuple[str, ...]) -> Laid:
        """Make a stack's folder, or find the one made of the same things."""
        kept = self.root / "wheels"
        digests = {path.name: file_digest(path) for path in sorted(kept.glob("*.whl"))}
        used = digests if packages else {}
        key = key_of([str(python.resolve()), packages, used], length=8)
        home = f"stacks/{version}-{key}"
        folder = self.root / home
        if not (folder / _WHOLE).exists():
            others = {
                str(path): _snapshot(path)
                for path in (self.root / "stacks").glob("*")
                if path != folder and (path / _WHOLE).exists()
            }
            self._make(folder, version, python, packages)
            self._untouched(others)
        programs = _program_owners(folder)
        return Laid(
            version=version, python=str(python), home=home, packages=packages, programs=programs
        )

    def _make(self, folder: Path, version: str, python: Path, packages: tuple[str, ...]) -> None:
        """Make a stack in its final place: its scripts name it, so it cannot be moved there."""
        remove_tree(folder)
        with disk_errors(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            run([python, "-m", "venv", folder], timeout=300)
            own = folder / "bin" / f"python{version}"
            if not own.exists():
                own.symlink_to("python3")
            if packages:
                options = ["--no-index", "--find-links", str(self.root / "wheels")]
                quiet = ["--disable-pip-version-check", "--no-input", "--quiet"]
                run([own, "-m", "pip", "install", *quiet, *options, *packages], timeout=900)
        except ProgramFailedError as error:
            remove_tree(folder)
            what = f"{' '.join(packages)} cannot be installed for Python {version}"
            raise PrefixError(
                what if packages else f"no stack can be made from {python}",
                str(self.root),
                details=error.details[-5:],
            ) from error
        write_atomic(folder / _WHOLE, b"")

    def _untouched(self, before: Mapping[str, Mapping[str, tuple[int, int]]]) -> None:
        """Check file by file that making a stack changed no other one."""
        changed = [
            path
            for folder, files in before.items()
            for path, status in {**files, **_snapshot(Path(folder))}.items()
            if files.get(path) != status or not os.path.lexists(path)
        ]
        if changed:
            raise CollisionError(
                f"installing one stack changed {len(changed)} files of another",
                str(self.root),
                details=tuple(changed[:20]),
            )

    def _show(self, laid: Mapping[str, Laid], default: str, before: View | None) -> View:
        """Make the view, and let `current` lead to it."""
        if default not in laid:
            raise UsageError(
                f"there is no stack {default} to be the default",
                str(self.root),
                f"there is: {', '.join(sorted(laid))}",
            )
        links = claims(self.root, laid, default)
        if before and (before.default, before.laid, before.links) == (default, laid, links):
            return before
        numbers = [int(path.name) for path in (self.root / "generations").glob("[0-9]*")]
        number = max(numbers, default=0) + 1
        view = View(
            number=number,
            parent=before.number if before else 0,
            default=default,
            laid=laid,
            links=links,
        )
        scratch = self.root / "generations" / f".making-{number:04d}"
        remove_tree(scratch)
        with disk_errors(scratch):
            self._fill(scratch, view)
            scratch.rename(self._generation(number))
        self._point(number)
        return view

    def _fill(self, folder: Path, view: View) -> None:
        for name in _SHOWN:
            (folder / name).mkdir(parents=True)
        for shown, target in view.links.items():
            path = folder / shown
            path.parent.mkdir(parents=True, exist_ok=True)
            if Path(target).name.startswith("python3."):
                # A link would start the base interpreter, without the stack's packages.
                inner = shlex.quote(str(self.root.absolute() / target))
                path.write_text(f'#!/bin/sh\nexec {inner} "$@"\n', "utf-8")
                path.chmod(0o755)
            else:
                path.symlink_to(os.path.relpath(self.root / target, path.parent))
        write_atomic(folder / "view.json", view.dump().encode())

    def _point(self, number: int) -> None:
        """Replace the link `current`; the names that lead through it are made once."""
        fresh = self.root / ".current.new"
        with disk_errors(self.root):
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(Path("generations", f"{number:04d}"))
            fresh.replace(self.root / "current")
            for name in _SHOWN:
                path = self.root / name
                if not path.is_symlink():
                    path.symlink_to(Path("current", name))
