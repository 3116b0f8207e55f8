"""Install old releases of real packages, import them, run their own tests.

What `bench/resurrect.py` measures with: the interpreters of the machine, environments for each
package under the Python it was made for and under the newest one, and the outcomes of its tests.
"""

import hashlib
import json
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from bench.machine import Machine, last_line, run, version_key

HERE = Path(__file__).resolve().parent
RUNTIME = HERE.parent / "runtime"
RECORDER = HERE / "data" / "record_outcomes.py"
IMPORT_TIMEOUT = 60
BUILDS = (3, 9)
"""The last Python whose own setuptools builds what old packages are made of."""
TEST_TIMEOUT = 420


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


def load(data: Path, only: list[str]) -> list[Package]:
    """Read a data file; `only` keeps the packages of these names."""
    rows = json.loads(data.read_text(encoding="utf-8"))
    packages = []
    for row in rows:
        tests = Tests(**row["tests"]) if row["tests"] else None
        packages.append(
            Package(
                name=row["name"],
                version=row["version"],
                needs=row["needs"],
                statement=row["import"],
                reason=row["reason"],
                first_broken=row["first_broken"],
                works_on=row["works_on"],
                tests=tests,
            )
        )
    wanted = {name.lower() for name in only}
    return [
        p for p in packages if not wanted or p.name.lower() in wanted or p.key.lower() in wanted
    ]


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
    name = re.sub(r"[-_.]+", "[-_.]", requirement.split("==", maxsplit=1)[0])
    version = requirement.partition("==")[2]

    def made() -> list[Path]:
        pattern = re.compile(rf"{name}-{re.escape(version)}(\.0)*-", re.IGNORECASE)
        return [p for p in folder.glob("*.whl") if pattern.match(p.name)]

    if not made():
        command = [
            str(python),
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "-w",
            str(folder),
            requirement,
        ]
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


def sources(machine: Machine, package: Package, python: Path, folder: Path) -> Path | None:
    """Unpack the package's source distribution into `folder` and return its root."""
    store = machine.cache / "sdist"
    store.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[-_.]+", "[-_.]", package.name)
    pattern = re.compile(
        rf"{name}-{re.escape(package.version)}\.(tar\.gz|zip|tar\.bz2)$", re.IGNORECASE
    )
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
            opened.extractall(folder)  # noqa: S202
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")


def test_outcomes(
    package: Package, python: Path, root: Path, out: Path, env: dict[str, str]
) -> tuple[dict[str, str], str]:
    """Run the package's tests; return test -> outcome and the end of what was printed."""
    tests = package.tests
    if tests is None:
        return {}, ""
    out.unlink(missing_ok=True)
    words = shlex.split(tests.command)[1:]
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
    version = machine.version_of(base)
    # Features of setuptools were dropped in 46, 2to3 in 58.
    builder = "setuptools<46" if version_key(version) <= BUILDS else "setuptools<58"
    target = machine.cache / "pip" / f"{version}-{builder[11:]}"
    python = target / "bin" / "python"
    if not python.exists():
        run([str(base), "-m", "venv", str(target)])
        tools = ["pip==21.3.1", "wheel<0.38", builder]
        run([str(python), "-m", "pip", "install", "-q", *tools])
    return python


def install_old_side(
    base: Path, folder: Path, requirements: list[str]
) -> subprocess.CompletedProcess[str]:
    """Install with an old Python's own pip; what is installed already helps to build the rest."""
    if not requirements:
        return subprocess.CompletedProcess([], 0, "")
    place = next(folder.glob("lib/python3*/site-packages"))
    command = [
        str(base),
        "-m",
        "pip",
        "install",
        "-q",
        "--ignore-installed",
        "--prefix",
        str(folder),
    ]
    return run([*command, *requirements], env={"PYTHONPATH": str(place)})


def new_install(machine: Machine, package: Package) -> dict[str, object]:
    """Install the package and what it needs under the newest Python."""
    folder = machine.cache / package.key
    target = venv(machine.pythons[machine.newest], folder / "new")
    able = [v for v in package.works_on if version_key(v) <= BUILDS] or package.works_on
    builder = max(able, key=version_key)
    old = machine.python(builder)
    built_by = machine.newest
    problems = [
        install_old(machine, target, need, old)
        for need in (package.tests.needs if package.tests else [])
        if pip(machine, target, need).returncode
    ]
    for need in [*package.needs, f"{package.name}=={package.version}"]:
        if pip(machine, target, "--no-deps", need).returncode:
            problems.append(install_old(machine, target, need, old))
            if need.startswith(package.name):
                built_by = builder
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
    (folder / "new" / "minpython.cfg").unlink(missing_ok=True)
    result = run(
        [str(target), "-Wignore", "-c", package.statement], cwd=folder, timeout=IMPORT_TIMEOUT
    )
    return {
        "ok": result.returncode == 0,
        "error": "" if not result.returncode else last_line(result.stdout),
    }


def minpython_wheels(machine: Machine) -> list[Path]:
    """Build minpython's wheel and fetch what its extra ``modules`` names; once a state of it."""
    folder = machine.cache / "minpython" / source_digest()
    if not folder.exists():
        made = folder.with_suffix(".new")
        shutil.rmtree(made, ignore_errors=True)
        base = str(machine.pythons[machine.newest])
        # A copy, since an interrupted build leaves folders behind that break the next one.
        source = made.parent / "source"
        shutil.rmtree(source, ignore_errors=True)
        shutil.copytree(RUNTIME, source, ignore=shutil.ignore_patterns("build", "*.egg-info"))
        result = run([base, "-m", "pip", "wheel", "-q", "-w", str(made), f"{source}[modules]"])
        if result.returncode:
            sys.exit(f"minpython cannot be built: {last_line(result.stdout)}")
        made.rename(folder)
    return sorted(folder.glob("*.whl"))


def install_minpython(
    machine: Machine, target: Path, wheels: list[Path]
) -> subprocess.CompletedProcess[str]:
    """Install minpython afresh, and once the modules that it names."""
    (ours,) = (wheel for wheel in wheels if wheel.name.startswith("minpython-"))
    modules = sorted(wheel.name for wheel in wheels if wheel != ours)
    done = target.parent.parent / "modules.txt"
    if not done.exists() or done.read_text().split() != modules:
        places = [str(ours.parent / name) for name in modules]
        result = pip(machine, target, "--no-deps", "--force-reinstall", *places)
        if result.returncode:
            return result
        done.write_text("\n".join(modules))
    return pip(machine, target, "--no-deps", "--force-reinstall", str(ours))


def source_digest() -> str:
    """Return a digest of minpython's source files."""
    digest = hashlib.sha256()
    for path in sorted([RUNTIME / "pyproject.toml", *RUNTIME.glob("src/**/*")]):
        unused = {"__pycache__", "scan"}.intersection(path.parts) or ".egg-info" in str(path)
        if path.is_file() and not unused:
            digest.update(str(path.relative_to(RUNTIME)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def with_minpython(machine: Machine, package: Package, *, tested: bool) -> dict[str, object]:
    """Install minpython beside the package, import it, run its tests."""
    folder = machine.cache / package.key
    target = folder / "new" / "bin" / "python"
    pinned = {re.split(r"[=<>]", need)[0].lower() for need in package.needs} | {
        package.name.lower()
    }
    wheels = [w for w in minpython_wheels(machine) if w.name.split("-")[0].lower() not in pinned]
    result = install_minpython(machine, target, wheels)
    if result.returncode:
        return {"imports": False, "error": last_line(result.stdout)}
    # In the environment's folder, since tests start Pythons that inherit no variables.
    config = folder / "new" / "minpython.cfg"
    config.write_text(f"[minpython]\nmin_version = {package.minimum}\n")
    command = [str(target), "-Wignore", "-c", package.statement]
    imported = run(command, cwd=folder, timeout=IMPORT_TIMEOUT)
    if imported.returncode:
        return {
            "imports": False,
            "error": last_line(imported.stdout),
            "log": imported.stdout[-3000:],
        }
    state: dict[str, object] = {"imports": True}
    if package.tests and tested:
        base = machine.python(package.tests.python) or machine.pythons[machine.newest]
        root = sources(machine, package, base, folder / "new-src")
        if root is not None:
            cwd = root if package.tests.in_source else folder
            state["outcomes"], state["end"] = test_outcomes(
                package, target, cwd, folder / "new.json", {}
            )
    return state
