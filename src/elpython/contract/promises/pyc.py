"""Byte code: what the base compiled, the candidate takes as it is, and the other way round."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.contract.compare import changed, tables
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.pip import bundled_pip
from elpython.contract.probe import ask
from elpython.core.process import clean_env
from elpython.core.process import run as run_program

if TYPE_CHECKING:
    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "elpython_sample.py"
# Test suites hold files that are wrong on purpose.
_LEFT_OUT = ("test", "tests", "idle_test", "site-packages", "dist-packages")


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Compare magic number and cache names, then let each side load the other's byte code."""
    del run
    tables_ = [
        {
            "magic_number": subject.facts["magic"],
            "cache_tag": subject.facts["implementation"]["cache_tag"],
            **{f"cache_name.{k}": v for k, v in subject.facts["cache_names"].items()},
        }
        for subject in pair.both()
    ]
    found = tables(tables_[0], tables_[1], "value", harmless=False)
    checked = len(tables_[0])
    if pair.base.recorded is not None:
        return PromiseFindings(checked=checked, differences=tuple(found), partial=True)
    wheel = bundled_pip(pair.base)
    for writer, reader in (pair.both(), pair.both()[::-1]):
        count, differences = _direction(writer, reader, wheel)
        checked += count
        found += differences
    others = f"as others' code: {wheel.name}" if wheel else "no pip wheel to try others' code with"
    return PromiseFindings(checked=checked, differences=tuple(found), notes=(others,))


def _direction(
    writer: Subject, reader: Subject, wheel: Path | None
) -> tuple[int, list[Difference]]:
    with tempfile.TemporaryDirectory(prefix="elpython-pyc-") as name:
        folder = Path(name)
        _copy_stdlib(writer, folder / "lib")
        if wheel is not None:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder / "lib" / "others")
        lib = folder / "lib"
        modules = sorted(str(path.relative_to(lib)) for path in lib.rglob("*.py"))
        package = folder / "package"
        package.mkdir()
        shutil.copy2(_SAMPLE, package)
        _compile(writer, folder / "lib", package)
        sourceless = _without_source(package)
        expected = ask(writer.python, "pyc", _request(folder, [], sourceless), cwd=folder)
        got = ask(reader.python, "pyc", _request(folder, modules, sourceless), cwd=folder)
    return len(modules) + len(sourceless) + 1, _differences(writer, reader, expected, got)


def _request(folder: Path, modules: list[str], sourceless: list[str]) -> dict[str, Any]:
    return {
        "folder": str(folder / "lib"),
        "modules": modules,
        "sourceless": sourceless,
        "package": str(folder / "package"),
    }


def _differences(
    writer: Subject, reader: Subject, expected: dict[str, Any], got: dict[str, Any]
) -> list[Difference]:
    way = "used" if writer.role == "base" else "roll_back"
    bad = {name: fault for name, fault in got["bad"].items() if name not in expected["bad"]}
    found = [
        changed(f"{way}.{name}", f"{writer.role}'s byte code {fault}", writer.role, reader.role)
        for name, fault in sorted(bad.items())[:50]
    ]
    if len(bad) > len(found):
        what = f"and {len(bad) - len(found)} modules more"
        found.append(changed(f"{way}.more", what, "", ""))
    if not bad and expected["result"] != got["result"]:
        what = f"{writer.role}'s byte code gives other results under the {reader.role}"
        found.append(changed(f"{way}.results", what, expected["result"], got["result"]))
    return found


def _copy_stdlib(subject: Subject, folder: Path) -> None:
    """Copy the library with the byte code that the interpreter itself wrote at installation."""
    shutil.copytree(
        subject.stdlib,
        folder,
        ignore=shutil.ignore_patterns(*_LEFT_OUT, "*.so", "*.a", "config-*", "lib-dynload"),
        ignore_dangling_symlinks=True,
    )


def _compile(subject: Subject, lib: Path, package: Path) -> None:
    """Have the writer compile what has no valid byte code yet."""
    argv: list[str | Path] = [
        subject.python,
        "-I",
        "-m",
        "compileall",
        "-q",
        str(lib),
        str(package),
    ]
    run_program(argv, env=clean_env(), timeout=300, check=False)


def _without_source(package: Path) -> list[str]:
    """Put the sample's byte code where it is imported from when there is no source."""
    compiled = next(iter((package / "__pycache__").glob("*.pyc")), None)
    if compiled is None:
        return []
    target = package / "elpython_sample.pyc"
    shutil.copy2(compiled, target)
    (package / "elpython_sample.py").unlink()
    return [str(target)]
