"""Bring old releases of real packages back to life under the newest Python.

For each package of ``bench/data/old_packages.json``: install it with its pinned needs under the
Python it was made for and under the newest interpreter found, import it there without and with
minpython, and run its own tests. Everything made is kept under ``--cache``; a second run goes on
where the last one ended.
"""

import argparse

import datetime
import hashlib
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RUNTIME = HERE.parent / "runtime"
RECORDER = HERE / "data" / "record_outcomes.py"
BUILD_TIMEOUT = 300
IMPORT_TIMEOUT = 60
TEST_TIMEOUT = 420
_OWN_FOLDER = re.compile(r"[^\[\s]*/(?:old|new)-src/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tests:
    """How a package runs its own tests."""

    command: str
    needs: list[str]
    python: str
    in_source: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One old release, as told by the data file."""

    name: str
    version: str
    needs: list[str]
    statement: str
    reason: str
    first_broken: str
    works_on: list[str]
    tests: Tests | None

    @property
    def key(self) -> str:
        """The folder of this package in the cache."""
        return f"{self.name}-{self.version}"

    @property
    def minimum(self) -> str:
        """The Python that minpython is asked to be: one on which the package works as it is."""
        return self.tests.python if self.tests else self.works_on[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of one package."""

    name: str
    version: str
    minimum: str
    reason: str
    built_by: str = ""
    breaks_with: str = ""
    imports: bool = False
    import_error: str = ""
    old_python: str = ""
    old_passed: int | None = None
    new_passed: int | None = None
    kept: int | None = None
    lost: list[str] = field(default_factory=list)
    note: str = ""


class Machine:
    """The interpreters found and the folder in which things are kept."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.pythons = dict(find_pythons())
        self.newest = max(self.pythons, key=version_key)

    def version_of(self, python: Path) -> str:
        """Return the minor version of an interpreter found."""
        return next(version for version, path in self.pythons.items() if path == python)

    def python(self, version: str) -> Path | None:
        """Return the interpreter of a version such as ``3.8``."""
        return self.pythons.get(version)


def version_key(text: str) -> tuple[int, ...]:
    """Return a sortable key for ``3.10``."""
    return tuple(int(part) for part in text.split("."))


def find_pythons() -> Iterator[tuple[str, Path]]:
    """Find released CPythons on the PATH and under pyenv, one for each minor version."""
    roots = [os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv")]
    if shutil.which("pyenv"):
        roots.append(run(["pyenv", "root"]).stdout.strip())
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for path in sorted(Path(folder).glob("python3.*")):
            if re.fullmatch(r"python3\.\d+", path.name) and "shims" not in path.parts:
                yield path.name[6:], path
    for root in filter(None, roots):
        for path in sorted(Path(root).glob("versions/3.*/bin/python")):
            found = re.match(r"3\.\d+(?=\.\d+$)", path.parent.parent.name)
            if found:
                yield found[0], path


def run(
    command: list[str],
    *,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    timeout: int = BUILD_TIMEOUT,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; a timeout is a failure with code 124."""
    base = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    try:
        return subprocess.run(
            command, cwd=cwd, env=base | (env or {}), timeout=timeout, text=True, errors="replace",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
        )
    except subprocess.TimeoutExpired as error:
        output = error.stdout.decode(errors="replace") if isinstance(error.stdout, bytes) else ""
        return subprocess.CompletedProcess(command, 124, f"{output}\ntimeout after {timeout} s")


def load(only: list[str]) -> list[Package]:
    """Read the data file; `only` keeps the packages of these names."""
    rows = json.loads((HERE / "data" / "old_packages.json").read_text())
    packages = []
    for row in rows:
        tests = Tests(**row["tests"]) if row["tests"] else None
        packages.append(
            Package(
                name=row["name"], version=row["version"], needs=row["needs"],
                statement=row["import"], reason=row["reason"], first_broken=row["first_broken"],
                works_on=row["works_on"], tests=tests,
            )
        )
    wanted = {name.lower() for name in only}
    return [p for p in packages if not wanted or p.name.lower() in wanted or p.key.lower() in wanted]


def venv(python: Path, folder: Path) -> Path:
    """Make a virtual environment without pip and return its interpreter."""
    found = folder / "bin" / "python"
    if not found.exists():
        run([str(python), "-m", "venv", "--without-pip", str(folder)])
    return found


def pip(machine: Machine, target: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Install into an environment with the newest interpreter's pip."""
    base = machine.pythons[machine.newest]
    return run([str(base), "-m", "pip", "--python", str(target), "install", "-q", *arguments])


def old_wheel(python: Path, requirement: str, folder: Path) -> Path | str:
    """Build a wheel with the Python the package was made for; return it, or what went wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[-_.]+", "[-_.]", requirement.split("==")[0])
    version = requirement.partition("==")[2]

    def made() -> list[Path]:
        pattern = re.compile(rf"{name}-{re.escape(version)}(\.0)*-", re.IGNORECASE)
        return [p for p in folder.glob("*.whl") if pattern.match(p.name)]

    if not made():
        command = [str(python), "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), requirement]
        result = run(command)
        if not made():
            return last_line(result.stdout)
    return made()[0]


def as_pure(wheel: Path, folder: Path) -> Path:
    """Copy a wheel that 2to3 or optional C parts tied to one Python under a tag for every one."""
    parts = wheel.name[: -len(".whl")].split("-")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / ("-".join([*parts[:2], "py3", "none", "any"]) + ".whl")
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(target, "w") as made:
        for item in source.infolist():
            if not item.filename.endswith((".so", ".pyd")):
                made.writestr(item, source.read(item))
    return target


def last_line(text: str) -> str:
    """Return the line that tells most of a failure."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [ln for ln in lines if re.match(r"[\w.]*(Error|Exception|Interface|Exit)\b", ln)]
    return (errors or lines or ["no output"])[-1][:200]


def sources(machine: Machine, package: Package, python: Path, folder: Path) -> Path | None:
    """Unpack the package's source distribution into `folder` and return its root."""
    store = machine.cache / "sdist"
    store.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[-_.]+", "[-_.]", package.name)
    pattern = re.compile(rf"{name}-{re.escape(package.version)}\.(tar\.gz|zip|tar\.bz2)$", re.I)
    if not any(pattern.match(path.name) for path in store.iterdir()):
        command = [str(python), "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]
        built_with = next(folder.parent.glob("old-*/lib/python3*/site-packages"), folder)
        run(
            [*command, "-d", str(store), f"{package.name}=={package.version}"],
            env={"PYTHONPATH": str(built_with)},
        )
    for path in store.iterdir():
        if pattern.match(path.name):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            unpack(path, folder)
            return next(p for p in folder.iterdir() if p.is_dir())
    return None


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a source distribution."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")


def test_outcomes(
    package: Package, python: Path, root: Path, out: Path, env: dict[str, str]
) -> tuple[dict[str, str], str]:
    """Run the package's tests; return test -> outcome and the end of what was printed."""
    assert package.tests is not None
    out.unlink(missing_ok=True)
    words = shlex.split(package.tests.command)[1:]
    command = [str(python), "-Wignore", str(RECORDER), str(out), *words]
    result = run(command, cwd=root, env=env, timeout=TEST_TIMEOUT)
    out.with_suffix(".log").write_text(result.stdout)
    if out.exists():
        return json.loads(out.read_text()), last_line(result.stdout)
    return {}, last_line(result.stdout)


def old_side(machine: Machine, package: Package) -> dict[str, object]:
    """Install and test the package under the Python it was made for."""
    wanted = package.tests.python if package.tests else package.minimum
    base = machine.python(wanted) or machine.python(package.minimum)
    if base is None:
        return {"note": f"no Python {wanted} found"}
    folder = machine.cache / package.key
    target = venv(base, folder / f"old-{wanted}")
    tests = package.tests.needs if package.tests else []
    base = with_resolver(machine, base)
    needed = install_old_side(base, folder / f"old-{wanted}", [*package.needs, *tests])
    result = install_old_side(
        base, folder / f"old-{wanted}", [*package.needs, f"{package.name}=={package.version}"]
    )
    imported = run([str(target), "-c", package.statement], cwd=folder, timeout=IMPORT_TIMEOUT)
    state: dict[str, object] = {"python": wanted, "imports": imported.returncode == 0}
    if needed.returncode:
        state["needs"] = last_line(needed.stdout)
    if imported.returncode:
        state["note"] = last_line(imported.stdout if not result.returncode else result.stdout)
    elif package.tests:
        root = sources(machine, package, base, folder / "old-src")
        if root is None:
            state["note"] = "no source distribution with tests"
        else:
            cwd = root if package.tests.in_source else folder
            state["outcomes"], state["end"] = test_outcomes(
                package, target, cwd, folder / "old.json", {}
            )
    return state


def with_resolver(machine: Machine, base: Path) -> Path:
    """Return a Python of the same version with build tools of that time.

    Its pip backs off from releases that refuse the Python, its setuptools still has 2to3.
    """
    if version_key(machine.version_of(base)) >= (3, 12):
        return base
    target = machine.cache / "pip" / machine.version_of(base)
    python = target / "bin" / "python"
    if not python.exists():
        run([str(base), "-m", "venv", str(target)])
        tools = ["pip==21.3.1", "wheel<0.38", "setuptools<58"]
        run([str(python), "-m", "pip", "install", "-q", *tools])
    return python


def install_old_side(
    base: Path, folder: Path, requirements: list[str]
) -> subprocess.CompletedProcess[str]:
    """Install with an old Python's own pip; what is installed already helps to build the rest."""
    if not requirements:
        return subprocess.CompletedProcess([], 0, "")
    place = next(folder.glob("lib/python3*/site-packages"))
    command = [str(base), "-m", "pip", "install", "-q", "--ignore-installed", "--prefix", str(folder)]
    return run([*command, *requirements], env={"PYTHONPATH": str(place)})


def new_install(machine: Machine, package: Package) -> dict[str, object]:
    """Install the package and what it needs under the newest Python."""
    folder = machine.cache / package.key
    target = venv(machine.pythons[machine.newest], folder / "new")
    wanted = package.tests.python if package.tests else package.minimum
    old = machine.python(wanted) or machine.python(package.minimum)
    built_by = machine.newest
    problems = []
    for need in package.tests.needs if package.tests else []:
        if pip(machine, target, need).returncode:
            problems.append(install_old(machine, target, need, old))
    for need in [*package.needs, f"{package.name}=={package.version}"]:
        if pip(machine, target, "--no-deps", need).returncode:
            problems.append(install_old(machine, target, need, old))
            if need.startswith(package.name):
                built_by = wanted
    return {"built_by": built_by, "problems": [p for p in problems if p]}


def install_old(machine: Machine, target: Path, need: str, old: Path | None) -> str:
    """Install a wheel that the old Python built; return what went wrong, or nothing."""
    if old is None:
        return f"{need}: no old Python to build it"
    folder = machine.cache / "wheels" / machine.version_of(old)
    wheel = old_wheel(with_resolver(machine, old), need, folder)
    if isinstance(wheel, str):
        return f"{need}: {wheel}"
    pure = as_pure(wheel, machine.cache / "pure")
    result = pip(machine, target, "--no-deps", str(pure))
    return f"{need}: {last_line(result.stdout)}" if result.returncode else ""


def bare_import(machine: Machine, package: Package) -> dict[str, object]:
    """Import the package under the newest Python as it is."""
    folder = machine.cache / package.key
    target = folder / "new" / "bin" / "python"
    result = run([str(target), "-Wignore", "-c", package.statement], cwd=folder, timeout=IMPORT_TIMEOUT)
    return {"ok": result.returncode == 0, "error": "" if not result.returncode else last_line(result.stdout)}


def minpython_wheels(machine: Machine) -> list[Path]:
    """Build minpython's wheel and fetch what its extra ``modules`` names; once a state of it."""
    folder = machine.cache / "minpython" / source_digest()
    if not folder.exists():
        made = folder.with_suffix(".new")
        shutil.rmtree(made, ignore_errors=True)
        base = str(machine.pythons[machine.newest])
        result = run([base, "-m", "pip", "wheel", "-q", "-w", str(made), f"{RUNTIME}[modules]"])
        if result.returncode:
            sys.exit(f"minpython cannot be built: {last_line(result.stdout)}")
        made.rename(folder)
    return sorted(folder.glob("*.whl"))


def source_digest() -> str:
    """Return a digest of minpython's source files."""
    digest = hashlib.sha256()
    for path in sorted([RUNTIME / "pyproject.toml", *RUNTIME.glob("src/**/*")]):
        if path.is_file() and "__pycache__" not in path.parts and ".egg-info" not in str(path):
            digest.update(str(path.relative_to(RUNTIME)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def with_minpython(machine: Machine, package: Package) -> dict[str, object]:
    """Install minpython beside the package, import it, run its tests."""
    folder = machine.cache / package.key
    target = folder / "new" / "bin" / "python"
    pinned = {re.split(r"[=<>]", need)[0].lower() for need in package.needs} | {package.name.lower()}
    wheels = [w for w in minpython_wheels(machine) if w.name.split("-")[0].lower() not in pinned]
    result = pip(machine, target, "--no-deps", "--force-reinstall", *map(str, wheels))
    if result.returncode:
        return {"imports": False, "error": last_line(result.stdout)}
    env = {"PYTHONMINVERSION": package.minimum}
    command = [str(target), "-Wignore", "-c", package.statement]
    imported = run(command, cwd=folder, env=env, timeout=IMPORT_TIMEOUT)
    if imported.returncode:
        return {"imports": False, "error": last_line(imported.stdout), "log": imported.stdout[-3000:]}
    state: dict[str, object] = {"imports": True}
    if package.tests:
        base = machine.python(package.tests.python) or machine.pythons[machine.newest]
        root = sources(machine, package, base, folder / "new-src")
        if root is not None:
            cwd = root if package.tests.in_source else folder
            state["outcomes"], state["end"] = test_outcomes(
                package, target, cwd, folder / "new.json", env
            )
    return state


def step(path: Path, name: str, key: str, make: Callable[[], dict[str, object]]) -> dict[str, Any]:
    """Return a step's result, made now unless it was made before from the same `key`."""
    known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    if known.get(name, {}).get("key") != key:
        known[name] = {"key": key, **make()}
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(known, indent=0))
        fresh.replace(path)
    result: dict[str, Any] = known[name]
    return result


def examine(machine: Machine, package: Package, *, old_only: bool) -> Row:
    """Take one package through every step and return its row."""
    path = machine.cache / package.key / "state.json"
    data = hashlib.sha256(repr(package).encode()).hexdigest()[:16]
    old = step(path, "old", data, lambda: old_side(machine, package))
    row = Row(name=package.name, version=package.version, minimum=package.minimum, reason=package.reason)
    if old_only:
        return replace(row, old_python=old.get("python", ""), old_passed=len(passed(old)), note=old.get("note", old.get("end", "")))
    install = step(path, "install", data, lambda: new_install(machine, package))
    bare = step(path, "bare", data, lambda: bare_import(machine, package))
    new = step(path, "new", data + source_digest(), lambda: with_minpython(machine, package))
    before, after = passed(old), passed(new)
    tested = bool(package.tests) and bool(before)
    return replace(
        row,
        built_by=install["built_by"],
        breaks_with=bare["error"],
        imports=new["imports"],
        import_error=new.get("error", ""),
        old_python=old.get("python", ""),
        old_passed=len(before) if tested else None,
        new_passed=len(after) if tested else None,
        kept=len(before & after) if tested else None,
        lost=sorted(before - after) if tested else [],
        note="; ".join(install["problems"]) or old.get("note", ""),
    )


def passed(side: dict[str, Any]) -> set[str]:
    """Return the tests that passed on one side."""
    outcomes = side.get("outcomes", {}).items()
    return {_OWN_FOLDER.sub("", name) for name, outcome in outcomes if outcome == "passed"}


def table(rows: list[Row], machine: Machine) -> str:
    """Return the result as a Markdown table with its date and machine."""
    lines = [
        "| package | for | breaks with | imports with minpython | own tests kept | built by |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        tests = "none known" if row.old_passed is None else f"{row.kept} of {row.old_passed}"
        works = "yes" if row.imports else f"no: {row.import_error}"
        breaks = f"`{row.breaks_with}`".replace("|", "\\|") if row.breaks_with else "imports as it is"
        lines.append(
            f"| {row.name} {row.version} | {row.minimum} | {breaks} | {works} | {tests} | {row.built_by} |"
        )
    old = sum(row.old_passed or 0 for row in rows)
    kept = sum(row.kept or 0 for row in rows)
    lines += [
        "",
        f"{sum(row.imports for row in rows)} of {len(rows)} packages import. Of {old} tests that pass on the old "
        f"Python, {kept} pass under {machine.newest} ({kept / max(old, 1):.1%}).",
        "",
        f"Measured {datetime.datetime.now(datetime.UTC):%Y-%m-%d} on {os.cpu_count()}-core "
        f"{platform.machine()}, CPython {platform_version(machine)}.",
    ]
    return "\n".join(lines)


def platform_version(machine: Machine) -> str:
    """Return the full version of the newest interpreter."""
    code = "import platform; print(platform.python_version())"
    return run([str(machine.pythons[machine.newest]), "-c", code]).stdout.strip()


def main(arguments: list[str] | None = None) -> int:
    """Examine the packages and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "minpython-resurrect"
    parser.add_argument("--cache", type=Path, default=default, help="where things are kept")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--old-only", action="store_true", help="only the old Python's side")
    parser.add_argument("--lost", action="store_true", help="name the tests that are lost")
    options = parser.parse_args(arguments)
    machine = Machine(options.cache.resolve())
    rows = []
    for package in load(options.only):
        row = examine(machine, package, old_only=options.old_only)
        rows.append(row)
        if not options.json:
            print(progress(row, old_only=options.old_only), flush=True)
        if options.lost:
            print(*(f"    {name}" for name in row.lost), sep="\n")
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    elif not options.old_only:
        print("\n" + table(rows, machine))
    return 0


def progress(row: Row, *, old_only: bool) -> str:
    """Return one line of progress."""
    if old_only:
        return f"{row.name} {row.version}: {row.old_passed} pass on {row.old_python} ({row.note})"
    state = "imports" if row.imports else f"fails: {row.import_error}"
    tests = "" if row.old_passed is None else f", {row.kept} of {row.old_passed} tests"
    return f"{row.name} {row.version}: {state}{tests} {row.note}"


if __name__ == "__main__":
    sys.exit(main())
