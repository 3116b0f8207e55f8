"""Build one wheel from its sdist, or check one, in a fresh environment."""

from __future__ import annotations

import json
import shutil
import zipfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name, parse_wheel_filename

from elpython.mass_rebuild.contain import Ended, Sandbox
from elpython.mass_rebuild.errors import BadSourceError
from elpython.mass_rebuild.resolve import find_uv
from elpython.mass_rebuild.sources import apply_patches, build_system, check_identity, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elpython.mass_rebuild.depot import Depot
    from elpython.mass_rebuild.model import BuildTask

__all__ = ["Made", "build", "check", "modules_of"]

Made = tuple[Ended, "Path | None", "tuple[str, ...]"]
Stopped = "Callable[[], bool] | None"


def _tool(box: Sandbox, name: str) -> str:
    """Put one of our stand-alone scripts into the build's folder."""
    folder = box.root / "tool"
    folder.mkdir(exist_ok=True)
    text = resources.files("elpython.mass_rebuild.probes").joinpath(name).read_text("utf-8")
    (folder / name).write_text(text, "utf-8")
    return box.inside(folder / name)


def _environment(
    box: Sandbox, task: BuildTask, depot: Depot, stopped: Callable[[], bool] | None
) -> Ended:
    """Make the virtual environment: the interpreter and the task's inputs, nothing else."""
    wheels = box.root / "wheels"
    wheels.mkdir(exist_ok=True)
    names = []
    for item in task.inputs:
        shutil.copyfile(depot.get(item), wheels / item.filename)
        names.append(box.inside(wheels / item.filename))
    program = find_uv()
    environment = str(box.inner / "env")
    common = ["--quiet", "--no-cache", "--no-config", "--offline", "--no-progress"]
    ended = box.run(
        [program, "venv", *common, "--no-project", "--python", task.interpreter.path, environment],
        stopped=stopped,
    )
    if ended.reason or not names:
        return ended
    return box.run(
        [program, "pip", "install", *common, "--no-index", "--no-deps", "--link-mode", "copy",
         "--python", f"{environment}/bin/python", *names],
        stopped=stopped,
    )  # fmt: skip


def build(
    task: BuildTask, box: Sandbox, depot: Depot, stopped: Callable[[], bool] | None = None
) -> Made:
    """Build one wheel.

    Returns:
        How it ended, the wheel outside the sandbox, and requirements that the backend asked for
        and that are not there.

    Raises:
        BadSourceError: the sdist or its wheel lies about name or version, or is hostile.
    """
    if task.source is None:
        raise BadSourceError("has no source", where=task.key)
    source = unpack(depot.get(task.source), box.root / "src", limit_mb=task.limits.disk_mb)
    if task.source.filename.endswith(".whl"):  # pragma: no cover - planned as prebuilt instead
        raise BadSourceError("is a wheel already", where=task.source.filename)
    stated = task.options.get("patches")
    apply_patches(source, [str(item) for item in stated] if isinstance(stated, list) else [])
    check_identity(source, task.name, task.version)
    system = build_system(source)
    ended = _environment(box, task, depot, stopped)
    if ended.reason:
        return ended, None, ()
    request = {
        "source": box.inside(source),
        "out": box.inside(box.root / "out"),
        "backend": system.backend,
        "backend_path": list(system.backend_path),
        "settings": task.options.get("settings", {}),
        "have": [str(parse_wheel_filename(item.filename)[0]) for item in task.inputs],
    }
    (box.root / "request.json").write_text(json.dumps(request), "utf-8")
    answer = box.root / "answer.json"
    ended = box.run(
        [str(box.inner / "env/bin/python"), _tool(box, "hook.py"),
         box.inside(box.root / "request.json"), box.inside(answer)],
        cwd=box.inside(source),
        stopped=stopped,
    )  # fmt: skip
    if ended.reason:
        return ended, None, ()
    said = json.loads(answer.read_text("utf-8"))
    if said["missing"]:
        return ended, None, tuple(str(item) for item in said["missing"])
    return ended, _checked_wheel(task, box.root / "out" / Path(str(said["wheel"])).name), ()


def _checked_wheel(task: BuildTask, wheel: Path) -> Path:
    """Hold a wheel to the name and version that were asked for."""
    if not wheel.is_file() or wheel.is_symlink():
        raise BadSourceError("the backend named a wheel that is not there", where=wheel.name)
    name, version, _, _ = parse_wheel_filename(wheel.name)
    if canonicalize_name(name) != canonicalize_name(task.name) or str(version) != _plain(
        task.version
    ):
        raise BadSourceError(
            f"built {name} {version}, wanted is {task.name} {task.version}", where=wheel.name
        )
    if not zipfile.is_zipfile(wheel):
        raise BadSourceError("the backend made a wheel that is no zip file", where=wheel.name)
    return wheel


def _plain(version: str) -> str:
    from packaging.version import Version

    return str(Version(version))


def modules_of(wheel: Path) -> list[str]:
    """Return the importable names at the top of a wheel; tests and scripts are left out."""
    found = set()
    with zipfile.ZipFile(wheel) as bundle:
        names = bundle.namelist()
    for name in names:
        parts = name.split("/")
        if parts[0].endswith((".data", ".dist-info")):
            continue
        if len(parts) == 1 and name.endswith((".py", ".so")):
            found.add(parts[0].partition(".")[0])
        elif len(parts) == 2 and parts[1] == "__init__.py":
            found.add(parts[0])
    tests = {"test", "tests", "testing", "docs", "examples", "setup", "conftest", "benchmarks"}
    return sorted(name for name in found - tests if name.isidentifier())


def check(
    task: BuildTask, box: Sandbox, depot: Depot, stopped: Callable[[], bool] | None = None
) -> Made:
    """Install a wheel and what it needs, import its modules, run its stated test command."""
    own = next(
        item
        for item in task.inputs
        if canonicalize_name(parse_wheel_filename(item.filename)[0]) == canonicalize_name(task.name)
    )
    stated = task.options.get("imports")
    modules = list(stated) if isinstance(stated, list) else modules_of(depot.get(own))
    ended = _environment(box, task, depot, stopped)
    if ended.reason or not modules:
        return ended, None, ()
    python = str(box.inner / "env/bin/python")
    ended = box.run([python, _tool(box, "imports.py"), *modules], stopped=stopped)
    command = task.options.get("test")
    if ended.reason or not isinstance(command, list) or not command:
        return ended, None, ()
    words: Sequence[str] = [python if word == "python" else str(word) for word in command]
    return box.run(words, stopped=stopped), None, ()
