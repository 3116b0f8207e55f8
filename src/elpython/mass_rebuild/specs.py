"""Plan the rebuild of a folder of spec files or source RPMs.

rpm itself says what a spec file needs and gives (`rpmspec -q` with the stack's macros), inside a
sandbox: a spec file runs programs while it is read. A need that vanishes with `--without tests` or
`--without check` is a test-only edge.
"""

from __future__ import annotations

import fnmatch
import io
import re
import shutil
import tarfile
import tempfile
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from elpython.core.process import require
from elpython.core.store import Store
from elpython.mass_rebuild.build_rpm import readable_of_macros, unpack_source
from elpython.mass_rebuild.contain import Sandbox, kept_in_by, sandbox_for
from elpython.mass_rebuild.depot import StoreDepot
from elpython.mass_rebuild.errors import BadInputError
from elpython.mass_rebuild.model import Artifact, Edge, Interpreter, Limits, Package, RebuildPlan
from elpython.mass_rebuild.options import Options
from elpython.mass_rebuild.plan import finish

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["SpecFacts", "SpecSet", "plan_specs"]

_NAME = re.compile(r"^(?:\(.*\)|[^\s<>=]+)")
_PYTHON_PACKAGE = re.compile(r"^python(?P<stack>3(?:\.?\d+)?)-(?P<name>.+)$")
_BOOTSTRAP = re.compile(r"%(?:bcond\w*\s+bootstrap|\{\??with(?:out)?[ _]bootstrap\})")
_SPEC_LIMITS = Limits(seconds=60, memory_mb=1024, disk_mb=256, processes=64)


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecSet:
    """What is to be rebuilt.

    Attributes:
        folder: holds `*.spec` with their sources beside them, or in folders of their own, or
            `*.src.rpm`.
        macros: text of the stack's macro file.
    """

    folder: Path
    interpreter: Interpreter
    macros: str = ""
    options: Options = field(default_factory=Options)
    store: Store = field(default_factory=Store.default)
    title: str = "spec files"
    earlier: Mapping[str, float] = field(default_factory=dict)
    contain: str = "auto"


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecFacts:
    """What rpm says about one spec file."""

    path: Path
    name: str
    version: str = ""
    needs: frozenset[str] = frozenset()
    test_needs: frozenset[str] = frozenset()
    gives: frozenset[str] = frozenset()
    can_bootstrap: bool = False
    problem: str = ""
    artifact: Artifact | None = None


def plan_specs(wanted: SpecSet) -> RebuildPlan:
    """Read every spec file, join needs with what others give, break the cycles.

    Raises:
        MissingProgramError: rpm's tools are not installed.
        BadInputError: no spec files, or two of the same name.
    """
    require("rpmbuild")
    require("rpmspec")
    found = sorted({*wanted.folder.rglob("*.spec"), *wanted.folder.rglob("*.src.rpm")})
    if not found:
        raise BadInputError("holds no spec file and no source RPM", where=str(wanted.folder))
    facts = [_facts(wanted, path) for path in found]
    _check_names(facts, wanted.folder)
    givers: dict[str, str] = {}
    for item in facts:
        for capability in item.gives:
            givers.setdefault(capability, item.name)
    patterns = (*_system(), *wanted.options.system)
    keys = {item.name: f"{item.name}=={item.version or '0'}" for item in facts}
    edges: set[Edge] = set()
    packages = []
    for item in facts:
        lacking = []
        for need in sorted(item.needs):
            giver = givers.get(need)
            if giver is not None:
                kind = "test" if need in item.test_needs else "build"
                edges.add(Edge(source=keys[item.name], target=keys[giver], kind=kind))
            elif not any(fnmatch.fnmatchcase(need, pattern) for pattern in patterns):
                lacking.append(need)
        packages.append(_package(wanted, item, lacking))
    return finish(
        RebuildPlan(
            backend="rpm",
            title=wanted.title,
            interpreter=wanted.interpreter,
            packages=tuple(packages),
            edges=tuple(_strongest(edges)),
            limits=wanted.options.limits,
            macros=wanted.macros,
            checks=False,
            contained=kept_in_by(wanted.contain),
        ),
        wanted.earlier,
    )


def _strongest(edges: Iterable[Edge]) -> set[Edge]:
    """Keep a test edge only where no build edge joins the same two."""
    listed = set(edges)
    hard = {(edge.source, edge.target) for edge in listed if edge.kind == "build"}
    return {e for e in listed if e.kind == "build" or (e.source, e.target) not in hard}


def _package(wanted: SpecSet, item: SpecFacts, lacking: list[str]) -> Package:
    problem = item.problem
    if lacking and not problem:
        problem = (
            f"needs {', '.join(lacking)}, which nothing in the set gives and the system is not "
            "stated to give"
        )
    return Package(
        name=item.name,
        version=item.version or "0",
        source=item.artifact,
        requested=True,
        can_bootstrap=item.can_bootstrap,
        backend="rpmbuild",
        size=item.artifact.size if item.artifact else 0,
        problem=problem,
        trouble="source" if problem else "",
        gives=tuple(sorted(item.gives)),
        options=dict(wanted.options.of(canonicalize_name(item.name))),
    )


def _system() -> tuple[str, ...]:
    text = resources.files("elpython.mass_rebuild").joinpath("data/system.toml").read_text("utf-8")
    return tuple(str(item) for item in tomllib.loads(text)["patterns"])


def _check_names(facts: Iterable[SpecFacts], folder: Path) -> None:
    by_name: dict[str, list[str]] = defaultdict(list)
    for item in facts:
        by_name[canonicalize_name(item.name)].append(str(item.path.relative_to(folder)))
    twice = [f"{name}: {', '.join(paths)}" for name, paths in by_name.items() if len(paths) > 1]
    if twice:
        raise BadInputError(
            "source packages stand twice (also in another spelling)",
            where=str(folder),
            details=tuple(twice),
            todo="keep one of each",
        )


def _facts(wanted: SpecSet, path: Path) -> SpecFacts:
    with tempfile.TemporaryDirectory(prefix="elpython-spec-") as scratch:
        box = sandbox_for(
            Path(scratch, "box"),
            contain=wanted.contain,
            limits=_SPEC_LIMITS,
            readable=readable_of_macros(wanted.macros, wanted.interpreter),
        )
        archive = pack(path, box.root / "tmp")
        artifact = StoreDepot(wanted.store).put(archive)
        spec = unpack_source(box, archive)
        if spec is None:
            return SpecFacts(path=path, name=path.stem, problem="holds no spec file")
        (box.root / "macros").write_text(wanted.macros, "utf-8")
        return _ask(box, spec, path, artifact)


def pack(path: Path, folder: Path) -> Path:
    """Put a spec file and the files beside it into one archive of equal bytes for equal files.

    A source RPM is taken as it is. Other spec files of the folder, and sources of more than their
    own spec file, do no harm: rpm takes what the spec file names.
    """
    if path.name.endswith(".src.rpm"):
        return Path(shutil.copy(path, folder / path.name))
    target = folder / f"{path.stem}.spec.tar"
    text = path.read_text("utf-8", "replace")
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as bundle:
        for item in sorted(path.parent.iterdir()):
            alone = len(list(path.parent.glob("*.spec"))) == 1
            if item == path or (
                item.is_file() and item.suffix != ".spec" and (alone or _named(item, text))
            ):
                data = item.read_bytes()
                info = tarfile.TarInfo(item.name)
                info.size, info.mode = len(data), 0o644
                bundle.addfile(info, io.BytesIO(data))
    return target


def _named(item: Path, text: str) -> bool:
    """Return whether a spec file of a shared folder may name a file: by a part of its name."""
    stem = re.split(r"[-_.]\d", item.name)[0]
    return item.name in text or stem in text


def _query(box: Sandbox, *words: str) -> tuple[bool, list[str]]:
    box.log.unlink(missing_ok=True)
    macros = box.inside(box.root / "macros")
    ended = box.run(
        ["rpmspec", "--load", macros, "--define", f"_sourcedir {box.inner}/src", *words]
    )
    lines = box.log.read_text("utf-8", "replace").splitlines()
    return not ended.reason, [line for line in lines if line.strip()]


def _ask(box: Sandbox, spec: Path, path: Path, artifact: Artifact) -> SpecFacts:
    inside = box.inside(spec)
    shape = "N %{NAME}\\nV %{VERSION}-%{RELEASE}\\n[B %{REQUIRENEVRS}\\n]"
    good, lines = _query(box, "-q", "--srpm", "--qf", shape, inside)
    if not good:
        errors = [line for line in lines if "error" in line] or lines
        where = f"{path.name}: " + "; ".join(errors[:3]).replace(inside, path.name)
        return SpecFacts(path=path, name=path.stem, problem=where, artifact=artifact)
    _, without = _query(
        box, "--without", "tests", "--without", "check", "-q", "--srpm", "--qf", shape, inside
    )
    _, built = _query(
        box, "-q", "--builtrpms", "--qf", "P %{NAME}\\n[V %{PROVIDENEVRS}\\n]", inside
    )
    needs = _capabilities(lines, "B ")
    return SpecFacts(
        path=path,
        name=next(line[2:] for line in lines if line.startswith("N ")),
        version=next(line[2:] for line in lines if line.startswith("V ")),
        needs=needs,
        test_needs=needs - _capabilities(without, "B "),
        gives=_with_dist(_capabilities(built, "V ") | _capabilities(built, "P ")),
        can_bootstrap=bool(_BOOTSTRAP.search(spec.read_text("utf-8", "replace"))),
        artifact=artifact,
    )


def _capabilities(lines: Iterable[str], mark: str) -> frozenset[str]:
    found = set()
    for line in lines:
        match = _NAME.match(line[len(mark) :]) if line.startswith(mark) else None
        if match:
            found.add(match[0])
    return frozenset(found)


def _with_dist(gives: frozenset[str]) -> frozenset[str]:
    """Add the `python3.Xdist(name)` that rpm's generators will give to a package of that name."""
    more = set()
    for name in gives:
        match = _PYTHON_PACKAGE.match(name)
        if match:
            plain = canonicalize_name(match["name"])
            stack = match["stack"]
            dotted = stack if "." in stack or stack == "3" else f"3.{stack[1:]}"
            more |= {f"python{dotted}dist({plain})", f"python3dist({plain})"}
    return gives | more
