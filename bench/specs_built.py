"""Convert real spec files, build them for both stacks with real rpmbuild, and look at the packages.

    python -m bench.specs_built FOLDER [--work FOLDER] [--json] [--only NAME]

Takes each spec file's source archive from the index, by the name and version in `Source0`; what
lies beside the spec file is taken as it is. Each is built as it was, for one stack, and converted,
for Python 3.11 and 3.13, in a sandbox without a network. Then both go into one root and are judged:
no path in two packages, no file of the other stack, the default's files equal to those of the
unconverted build, programs and hashbangs of the other stack its own, requirements of its own stack,
modules importable. Exit code 1 when a package is wrong.

Where RPM is older than 4.20, `BuildSystem:` is spelled out in the original too.

Not looked at: what rpm's own dependency generators of Python would add (Debian's rpm has none), and
tests that need what the index has no wheel for.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.specs_judged import Pair, judge
from elpython.core.errors import ElpythonError
from elpython.core.store import Store, remove_tree
from elpython.mass_rebuild import interpreters
from elpython.mass_rebuild.contain import Sandbox, sandbox_for
from elpython.mass_rebuild.depot import StoreDepot
from elpython.mass_rebuild.model import Limits
from elpython.mass_rebuild.resolve import Resolver, find_uv
from elpython.stacks.macros import MacroStack, fedora_names, render
from elpython.stacks.spec.change import Kind
from elpython.stacks.spec.convert import convert
from elpython.stacks.spec.files import read_text, write_spec
from elpython.stacks.spec.model import apply_edits, read_spec
from elpython.stacks.spec.rules import declarative

OLD, NEW = "3.11", "3.13"
_SOURCES = "[S %{SOURCE}\\n][P %{PATCH}\\n]"
TOOLS = ("pip", "setuptools", "wheel", "packaging", "pytest")
LIMITS = Limits(seconds=900, memory_mb=4096, disk_mb=4096, processes=256)


@dataclass(kw_only=True)
class Judged:
    """What became of one spec file.

    Attributes:
        before, after, alone: how the original failed with the old stack, the converted one with
            both, and, when that failed, the original with the new stack; empty when it was built.
    """

    name: str
    kind: str = ""
    before: str = ""
    after: str = ""
    alone: str = ""
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def state(self) -> str:
        """Sum it up in a word."""
        if self.before:
            return "not buildable before"
        if self.alone:
            return f"not for {NEW}"
        if self.after:
            return "fails converted"
        return "wrong" if self.wrong else "good"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Where builds are done, and with what."""

    root: Path
    depot: StoreDepot
    resolver: Resolver
    pythons: dict[str, Path]

    def stack(self, version: str, folder: Path) -> MacroStack:
        """Return a stack whose interpreter is the environment of one build."""
        own = str(folder / f"env{version}" / "bin" / f"python{version}")
        return MacroStack(version=version, pkgversion=version.replace(".", ""), interpreter=own)


def uv(*words: str) -> bool:
    """Run uv; tell whether it could."""
    done = subprocess.run([find_uv(), *words, "--quiet"], capture_output=True, check=False)
    return done.returncode == 0


def environments(bench: Bench, folder: Path, versions: tuple[str, ...]) -> None:
    """Make an environment for each stack, with what builds packages."""
    for version in versions:
        env = folder / f"env{version}"
        uv("venv", "--python", str(bench.pythons[version]), "--no-project", str(env))
        uv("pip", "install", "--python", str(env / "bin/python"), *TOOLS)


def fetch(bench: Bench, spec: Path, folder: Path, macros: Path) -> str:
    """Put the sources into a folder; return what is missing, empty when nothing is."""
    done = subprocess.run(
        ["rpmspec", "--load", macros, "-q", "--srpm", "--qf", _SOURCES, spec],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        return "rpmspec: " + done.stderr.strip().splitlines()[0]
    for line in done.stdout.splitlines():
        mark, _, name = line.partition(" ")
        if mark not in "SP" or not name or (folder / name).exists():
            continue
        beside = spec.parent / spec.stem / name
        if beside.exists():
            shutil.copy(beside, folder / name)
            continue
        match = re.match(
            r"(?P<name>.+?)-v?(?P<version>\d[^-]*?)\.(?:tar\.(?:gz|bz2|xz)|zip)$", name
        )
        if match is None:
            return f"no source: {name}"
        wanted = f"{match['name']}=={match['version']}"
        try:
            [files] = bench.resolver.files([wanted]).files.values()
            if files.sdist is None:
                return f"the index has no sdist: {wanted}"
            shutil.copy(bench.depot.get(files.sdist), folder / name)
        except (ElpythonError, ValueError):
            return f"the index has no {wanted}"
    return ""


def box_for(bench: Bench, folder: Path) -> Sandbox:
    """Lay a sandbox around one build: its folder, its environments, the interpreters."""
    real = [path.resolve().parent.parent for path in bench.pythons.values()]
    return sandbox_for(
        folder / "box", contain="auto", limits=LIMITS, readable=[folder, *real], env={}
    )


def wanted_names(text: str, version: str) -> list[str]:
    """Return names of distributions that requirements ask for, for one stack."""
    nodots = version.replace(".", "")
    found = re.findall(rf"python{re.escape(version)}dist\(([\w.-]+)", text)
    found += re.findall(rf"^python(?:{nodots}|3)-([\w.+-]+)", text, re.MULTILINE)
    return sorted({name.lower() for name in found} - {"devel", "libs", "rpm-macros", "debug"})


def rpm_in(box: Sandbox, spec: Path, macros: Path, mode: str) -> tuple[bool, str]:
    """Run rpmbuild in the sandbox and return whether it could, with its output."""
    for name in ("BUILD", "BUILDROOT", "RPMS", "SRPMS"):
        (box.root / "rpm" / name).mkdir(parents=True, exist_ok=True)
    box.log.unlink(missing_ok=True)
    defines = [
        f"_topdir {box.inner}/rpm", f"_sourcedir {box.inside(spec.parent)}",
        "debug_package %{nil}", "_build_id_links none",
        f"_tmppath {box.inside(box.root / 'tmp')}", f"_dbpath {box.inner}/db",
    ]  # fmt: skip
    words = [word for item in defines for word in ("--define", item)]
    ended = box.run(
        ["rpmbuild", mode, "--nodeps", "--load", box.inside(macros), *words, box.inside(spec)],
        cwd=box.inside(spec.parent),
    )
    return not ended.reason or ended.exit_code == 11, box.log.read_text("utf-8", "replace")


def supply(folder: Path, box: Sandbox, spec: Path, macros: Path, versions: tuple[str, ...]) -> None:
    """Install what the spec file requires, and what it generates, until nothing is new."""
    done = subprocess.run(
        ["rpmspec", "--load", macros, "-q", "--buildrequires", spec],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    known: set[tuple[str, str]] = set()
    text = done.stdout
    for _ in range(4):
        wanted = {(v, name) for v in versions for name in wanted_names(text, v)} - known
        for version, name in sorted(wanted):
            python = str(folder / f"env{version}" / "bin/python")
            uv("pip", "install", "--python", python, name)
        known |= wanted
        if "%generate_buildrequires" not in read_text(spec):
            return
        rpm_in(box, spec, macros, "-br")
        text = ""
        for path in (box.root / "rpm/SRPMS").glob("*.buildreqs.nosrc.rpm"):
            asked = subprocess.run(
                ["rpm", "-qp", "--requires", path], capture_output=True, text=True, check=False
            )
            text += asked.stdout
            path.unlink()
        if not {(v, name) for v in versions for name in wanted_names(text, v)} - known:
            return


def build(
    bench: Bench, folder: Path, spec: Path, default: str, other: str | None
) -> tuple[str, list[Path]]:
    """Build a spec file; return how it failed, and its binary packages."""
    versions = (default, other) if other else (default,)
    box = box_for(bench, folder)
    stacks = [bench.stack(version, folder) for version in versions]
    macros = box.root / "macros"
    macros.write_text(render(stacks[0], stacks[1] if other else None) + fedora_names(), "utf-8")
    inside = box.root / "src"
    inside.mkdir(exist_ok=True)
    local = inside / spec.name
    shutil.copy(spec, local)
    missing = fetch(bench, spec, inside, macros)
    if missing:
        return missing, []
    environments(bench, folder, versions)
    supply(folder, box, local, macros, versions)
    good, log = rpm_in(box, local, macros, "-ba")
    (folder / "log").write_text(log, "utf-8")
    if not good:
        lines = [
            line
            for line in log.splitlines()
            if re.search(r"[Ee]rror|not found|No such|cannot", line)
            and "Bad exit status" not in line
            and "RPM build errors" not in line
        ]
        return (lines or log.splitlines() or ["nothing said"])[-1].strip()[:200], []
    return "", sorted((box.root / "rpm/RPMS").rglob("*.rpm"))


def written(folder: Path, spec: Path, text: str) -> Path:
    """Write a spec file's new text, with what lies beside the old one."""
    path = folder / spec.name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_spec(path, text)
    beside = spec.parent / spec.stem
    if beside.is_dir():
        shutil.copytree(beside, folder / spec.stem, dirs_exist_ok=True)
    return path


def spelled_out(bench: Bench, spec: Path) -> Path:
    """Return a spec file as this machine's RPM reads it: before 4.20 none reads `BuildSystem:`."""
    text = read_spec(read_text(spec))
    change = declarative.apply(text)
    done = subprocess.run(["rpm", "--version"], capture_output=True, text=True, check=True)
    version = tuple(map(int, re.findall(r"\d+", done.stdout)[:2]))
    if not change.edits or version >= (4, 20):
        return spec
    return written(bench.root / spec.stem / "spelled", spec, apply_edits(text, change.edits).text)


def look(bench: Bench, spec: Path) -> Judged:
    """Build one spec file before and after, and judge."""
    started = time.monotonic()
    judged = Judged(name=spec.stem)
    try:
        conversion = convert(read_text(spec))
    except ElpythonError as error:
        judged.before = str(error)
        return judged
    judged.kind = conversion.kind.value
    first = bench.root / spec.stem / "before"
    remove_tree(first.parent)
    first.mkdir(parents=True)
    judged.before, before = build(bench, first, spelled_out(bench, spec), OLD, None)
    if not judged.before:
        second = bench.root / spec.stem / "after"
        second.mkdir()
        if conversion.refusals:
            judged.after = (
                f"refused: {conversion.refusals[0].rule}: {conversion.refusals[0].reason}"
            )
        else:
            converted = written(bench.root / spec.stem, spec, conversion.text)
            judged.after, after = build(bench, second, converted, OLD, NEW)
            if judged.after and not conversion.refusals:
                third = bench.root / spec.stem / "alone"
                third.mkdir()
                judged.alone, _ = build(bench, third, spelled_out(bench, spec), NEW, None)
            if not judged.after and conversion.kind is Kind.LIBRARY:
                interpreter = bench.stack(NEW, second).interpreter
                pair = Pair(default=OLD, other=NEW, folder=second, interpreter=interpreter)
                judged.wrong = judge(pair, before, after)
    judged.seconds = round(time.monotonic() - started, 1)
    return judged


def report(found: list[Judged]) -> None:
    """Print the figures."""
    libraries = [item for item in found if item.kind == "library"]
    counts = Counter(item.state for item in libraries)
    able = [item for item in libraries if not item.before and not item.alone]
    built = [item for item in able if not item.after]
    print(f"spec files {len(found)}, libraries {len(libraries)}: {dict(counts)}")
    if able:
        share = f"{len(built)} of {len(able)} ({100 * len(built) / len(able):.1f} %)"
        print(f"built for both where each builds alone: {share}, wrong {counts['wrong']}")
    kinds = Counter(
        re.sub(r"[:=].*", "", item.before or item.alone or item.after) for item in found
    )
    for text, count in kinds.most_common(12):
        if text:
            print(f"  {count:3} {text}")


def main() -> int:
    """Run the figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, help="kept folder for builds and logs")
    parser.add_argument("--only", default="", help="one spec file's name")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="specs-built-") as scratch:
        root = (options.work or Path(scratch)).resolve()
        pythons = {version: interpreters.find(version) for version in (OLD, NEW)}
        store = Store.default()
        resolver = Resolver(interpreter=interpreters.ask(pythons[OLD]), scratch=root / "uv")
        bench = Bench(root=root, depot=StoreDepot(store), resolver=resolver, pythons=pythons)
        found = []
        for spec in sorted(options.folder.glob("*.spec")):
            if options.only in spec.stem:
                found.append(look(bench, spec))
                last = found[-1]
                told = last.before or last.alone or last.after or "; ".join(last.wrong[:4])
                print(f"{last.name}: {last.state} ({last.kind}, {last.seconds} s) {told}",
                      file=sys.stderr, flush=True)  # fmt: skip
    if not found:
        print(f"there is no spec file in {options.folder}", file=sys.stderr)
        return 2
    print(json.dumps([asdict(item) for item in found], indent=1)) if options.json else report(found)
    return 1 if any(item.wrong for item in found) else 0


if __name__ == "__main__":
    sys.exit(main())
