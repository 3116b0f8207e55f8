"""The values of a mass rebuild: packages with their edges, the plan, jobs, tasks and outcomes."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "BOOTSTRAP",
    "Artifact",
    "Break",
    "BuildJob",
    "BuildOutcome",
    "BuildTask",
    "Edge",
    "Interpreter",
    "Limits",
    "Package",
    "RebuildPlan",
]

BOOTSTRAP = " (bootstrap)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """A file known by its digest.

    Attributes:
        filename: its name, without a folder.
        sha256: 64 hex digits.
        url: where it can be fetched; empty when only the depot has it.
        size: bytes; 0 when unknown.
    """

    filename: str
    sha256: str
    url: str = ""
    size: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one build may take before it is stopped."""

    seconds: float = 3600.0
    memory_mb: int = 4096
    disk_mb: int = 8192
    processes: int = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """The interpreter that a rebuild is for.

    Attributes:
        path: its executable.
        version: full version, `3.13.0`.
        soabi: what extension modules are named after, `cpython-313-x86_64-linux-gnu`.
        prefix: its base prefix, made readable inside the sandbox.
    """

    path: str
    version: str
    soabi: str
    prefix: str

    @property
    def short(self) -> str:
        """Return `3.13` for `3.13.0`."""
        return ".".join(self.version.split(".")[:2])


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Edge:
    """One package wants another.

    Attributes:
        kind: `build` (must be there to build), `install` (to use it, and for the check),
            `test` (only for its tests), `optional` (better with it).
    """

    source: str
    target: str
    kind: str = "build"


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """One thing to build.

    Attributes:
        name: normalised (PEP 503) for wheels, the source name for RPMs.
        version: as the source has it.
        source: the sdist, source RPM or spec file; None when there is none to be had.
        wheel: a published wheel, which a bootstrap or a declared prebuilt package takes.
        prebuilt: the published wheel is taken instead of a build, because it was declared.
        requested: asked for by the user, not only needed by another one.
        bootstrap: this is the first of two stages.
        can_bootstrap: a first stage is possible.
        backend: what builds it, for reading (`setuptools.build_meta`).
        size: bytes of source, from which a duration is guessed.
        problem: why it cannot be built at all, known before the run; empty when nothing is.
        trouble: which kind of problem: `hook` (its backend failed when it was asked), `resolve`
            or `source`; empty without one.
        details: what was said of the problem, for its log.
        gives: capabilities that its packages have, for RPMs (`python3.13dist(foo)`).
        modules: names to import in the check; empty to find them in the product.
        options: what `rebuild.toml` says about it.
    """

    name: str
    version: str
    source: Artifact | None = None
    wheel: Artifact | None = None
    prebuilt: bool = False
    requested: bool = False
    bootstrap: bool = False
    can_bootstrap: bool = False
    backend: str = ""
    size: int = 0
    problem: str = ""
    trouble: str = ""
    details: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    options: dict[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the name under which the plan and the journal know it."""
        return f"{self.name}=={self.version}" + (BOOTSTRAP if self.bootstrap else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Break:
    """A cycle that was met, and what was done about it.

    Attributes:
        cycle: the shortest cycle, package keys in order.
        rule: `override`, `drop test`, `drop optional`, `bootstrap` or `unbreakable`.
        package: the key whose edge was dropped or which is built in two stages.
        dropped: the target of a dropped edge.
    """

    cycle: tuple[str, ...]
    rule: str
    package: str = ""
    dropped: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RebuildPlan:
    """What is to be built for one interpreter, and in which order.

    Attributes:
        backend: `wheel` or `rpm`.
        title: for people.
        edges: all edges that hold after cycles were broken.
        breaks: the cycles and what became of them.
        seconds: expected duration of each package's build.
        macros: text of the RPM macros that every spec file is built with.
        checks: whether built wheels are installed and imported.
        contained: what kept in the code that planning itself had to run.
    """

    backend: str
    title: str
    interpreter: Interpreter
    packages: tuple[Package, ...]
    edges: tuple[Edge, ...]
    breaks: tuple[Break, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    macros: str = ""
    checks: bool = True
    contained: str = ""

    def by_key(self) -> dict[str, Package]:
        """Return the packages under their keys."""
        return {package.key: package for package in self.packages}


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildJob:
    """One node of the graph that the scheduler sees.

    Attributes:
        key: the package's key, for a check with `check ` before it.
        kind: `build` or `check`.
        needs: keys of the jobs that must have succeeded before.
        seconds: expected duration.
    """

    key: str
    kind: str
    package: str
    needs: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildTask:
    """All that a worker needs to do one job; plain data, so that it can travel.

    Attributes:
        key: the job's key.
        content_key: hash of everything that goes into the product.
        inputs: products to be installed into the fresh environment.
        depot: where files are fetched by digest and products are pushed to.
        contain: `auto`, `bubblewrap` or `none`.
    """

    key: str
    kind: str
    backend: str
    name: str
    version: str
    content_key: str
    interpreter: Interpreter
    depot: dict[str, str]
    source: Artifact | None = None
    inputs: tuple[Artifact, ...] = ()
    limits: Limits = field(default_factory=Limits)
    options: dict[str, object] = field(default_factory=dict)
    contain: str = "auto"
    macros: str = ""
    bootstrap: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildOutcome:
    """What became of a task.

    Attributes:
        status: `built`, `failed`, `needs` (the backend asked for more) or `lost` (worker gone).
        reason: how it failed: `exit`, `timeout`, `memory`, `disk`, `processes`, `source`, `lost`.
        wants: requirement strings, when the status is `needs`.
        log: the output, its middle cut out when it is over a megabyte.
        peak_mb: the most memory that its processes held together.
        contained: what kept it in: `bubblewrap` or `limits only`.
    """

    key: str
    status: str
    reason: str = ""
    exit_code: int = 0
    products: tuple[Artifact, ...] = ()
    wants: tuple[str, ...] = ()
    log: str = field(default="", repr=False)
    worker: str = ""
    started: float = 0.0
    seconds: float = 0.0
    peak_mb: int = 0
    contained: str = ""
