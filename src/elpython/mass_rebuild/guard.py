"""Keep in what planning executes: the hooks of sdists that tell no static metadata.

To learn what such an sdist needs, uv makes an environment and runs the package's backend in it.
uv is given an interpreter of ours for that: a small program that hands every such call on to the
sandbox of builds. Inside, the real interpreter stands at the same path; of the outside a hook sees
only its own source tree and its own environment, and no network.

Run as `python -m elpython.mass_rebuild.guard CONFIG SELF ARGUMENT...`, by that program alone.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError
from elpython.core.machine import way_out
from elpython.core.process import run
from elpython.mass_rebuild.contain import Sandbox, kept_in_by, sandbox_for
from elpython.mass_rebuild.errors import ContainmentError
from elpython.mass_rebuild.model import Limits  # noqa: TC001 - from_plain reads it
from elpython.mass_rebuild.plain import from_plain, to_plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elpython.mass_rebuild.model import Interpreter

__all__ = ["Guard", "guarded", "main"]

_TOLD = {
    "timeout": "took longer than {seconds:g} s",
    "memory": "took more than {memory_mb} MiB of memory",
    "disk": "wrote more than {disk_mb} MiB",
    "processes": "started more than {processes} processes",
    "lost": "was stopped",
}
# What uv says to its children that a hook may know.
_KEPT = ("PYTHONIOENCODING", "UV_INTERNAL__BUILD_DIR")


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """An interpreter whose every use from an environment is kept in.

    Attributes:
        python: what uv is given.
        name: what keeps hooks in: `bubblewrap`, `limits only`, or `nothing`.
    """

    python: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Config:
    """What the program at the interpreter's place has to know."""

    python: str
    prefix: str
    contain: str
    limits: Limits


def guarded(interpreter: Interpreter, folder: Path, *, contain: str, limits: Limits) -> Guard:
    """Put a guarded interpreter into a folder.

    Args:
        interpreter: the real one.
        folder: an absent folder, kept as long as the guard is used.
        contain: `auto`, `bubblewrap` (else an error) or `none` (limits only).
        limits: what stops one hook.

    Raises:
        ContainmentError: bubblewrap was demanded and is not to be had.
    """
    real = Path(os.path.realpath(interpreter.path))
    name = kept_in_by(contain)
    if contain == "bubblewrap" and name != contain:
        raise ContainmentError(
            "this machine cannot contain what planning runs",
            todo=f"{way_out('bwrap')}; and allow user namespaces",
        )
    python = folder / "bin" / f"python{interpreter.short}"
    python.parent.mkdir(parents=True)
    config = folder / "guard.json"
    told = _Config(python=str(real), prefix=interpreter.prefix, contain=contain, limits=limits)
    config.write_text(json.dumps(to_plain(told)), "utf-8")
    words = [sys.executable, "-P", "-m", __name__, str(config)]
    python.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$0" "$@"\n', "utf-8")
    python.chmod(0o755)
    if not _answers(python, interpreter):
        # An interpreter that finds its library by its own place finds it beside this one.
        for part in ("lib", "include"):
            (folder / part).symlink_to(Path(interpreter.prefix) / part)
        if not _answers(python, interpreter, prefix=str(folder)):
            if contain == "bubblewrap":
                raise ContainmentError("cannot be run from another place", where=str(real))
            return Guard(python=interpreter.path, name="nothing")
    return Guard(python=str(python), name=name)


def _answers(python: Path, interpreter: Interpreter, *, prefix: str = "") -> bool:
    """Return whether the guarded interpreter is the real one, with its library."""
    question = "import sys, sysconfig; print(sys.base_prefix)"
    try:
        done = run([python, "-I", "-c", question], timeout=60, check=False)
    except ElpythonError:
        return False
    return done.returncode == 0 and done.stdout.strip() == (prefix or interpreter.prefix)


def _environment_of(python: Path) -> Path | None:
    """Return the folder that uv made for one build; None outside of an environment."""
    root = python.parent.parent
    if not (root / "pyvenv.cfg").is_file():
        return None
    return root.parent if root.name == ".venv" else root


def _box(config: _Config, self: Path, scratch: Path, environ: Mapping[str, str]) -> Sandbox:
    """Lay the sandbox around one hook: its source tree, its environment, nothing else of ours."""
    made = _environment_of(self)
    source = Path(environ.get("UV_INTERNAL__BUILD_DIR") or Path.cwd())
    real = Path(config.python)
    guard = self.resolve()
    venv = self.parent.parent
    box = sandbox_for(
        scratch / "box",
        contain=config.contain,
        limits=config.limits,
        readable=[Path(config.prefix), real.parent.parent, guard.parent.parent],
        env={
            "PATH": f"{venv}/bin:/usr/local/bin:/usr/bin:/bin",
            "VIRTUAL_ENV": str(venv),
            **{name: environ[name] for name in _KEPT if name in environ},
        },
    )
    written = tuple(path for path in (made, source) if path is not None)
    return replace(box, writable=written, placed=((real, guard),))


def main(argv: Sequence[str]) -> int:
    """Run the interpreter for uv: as it is when uv asks it who it is, else in the sandbox."""
    config = from_plain(_Config, json.loads(Path(argv[0]).read_text("utf-8")))
    self, words = Path(argv[1]), list(argv[2:])
    # Its own name goes with it: by that the interpreter finds the environment that it is in.
    named = [config.python, "-I", "-S", "-c", _AS_NAMED, config.python, str(self), *words]
    if _environment_of(self) is None:
        os.execv(config.python, [str(self), *words])  # noqa: S606 - uv's own question
    from elpython.core.process import stop_on_terminate

    with tempfile.TemporaryDirectory(prefix="elpython-guard-") as scratch, stop_on_terminate():
        box = _box(config, self, Path(scratch), os.environ)
        ended = box.run([str(self), *words] if box.tool else named, cwd=str(Path.cwd()))
        sys.stdout.write(box.log.read_text("utf-8", "replace"))
    if ended.reason in _TOLD:
        limits = to_plain(config.limits)
        sys.stdout.write(f"stopped while planning: it {_TOLD[ended.reason].format(**limits)}\n")
    return ended.exit_code if ended.exit_code > 0 else int(bool(ended.reason))


_AS_NAMED = "import os, sys; os.execv(sys.argv[1], sys.argv[2:])"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
