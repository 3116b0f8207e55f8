"""`elpython stream classify, layout`: alpha or beta, by markers, headers and libraries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.render import json_option, print_json
from elpython.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.stream.classify import Classification
    from elpython.stream.release import Release

__all__ = [
    "classified",
    "classify_command",
    "classify_options",
    "doubts_of",
    "features_of",
    "layout_command",
]

_PATH = click.Path(path_type=Path)


def classify_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that tell what is classified."""
    for option in reversed(
        (
            click.option("--repo", type=_PATH, help="Repository whose markers are read."),
            click.option("--since", help="Revision of the last pre-release (a tag)."),
            click.option("--head", default="HEAD", show_default=True, help="Revision to release."),
            click.option("--old", type=_PATH, help="Library of the last pre-release's build."),
            click.option("--new", type=_PATH, help="Library of the build to be released."),
            click.option("--old-headers", type=_PATH, help="Headers of the last pre-release."),
            click.option("--new-headers", type=_PATH, help="Headers of the build to be released."),
            click.option(
                "--variant",
                "variants",
                multiple=True,
                type=click.Choice(["default", "debug", "free-threaded"]),
                help="Builds that the header probe compares; default if omitted.",
            ),
            click.option("--old-debug", type=_PATH, help="Its folder of separate debug files."),
            click.option("--new-debug", type=_PATH, help="Its folder of separate debug files."),
            click.option("--series", default="", help="For the table of deprecations, like 3.13."),
            click.option("--excused", type=_PATH, help="An own table of excused changes."),
            click.option(
                "--override",
                type=click.Choice(["alpha", "beta", "accept"]),
                help="Decide it; accept: a break of the freeze.",
            ),
            click.option("--reason", default="", help="Why; goes on record with --override."),
            click.option(
                "--frozen", is_flag=True, help="The last release was a candidate or final."
            ),
            click.option("--markers-only", is_flag=True, help="A beta needs no measurement."),
        )
    ):
        function = option(function)
    return function


def classified(options: dict[str, Any]) -> Classification:
    """Classify what the options name."""
    from elpython.core.reason import reason_problem
    from elpython.stream.classify import Override, classify
    from elpython.stream.layouts import combine, disagreements

    override = None
    if options["override"]:
        if not options["reason"].strip():
            raise UsageError("an override needs its reason on record", todo="add --reason TEXT")
        if told := reason_problem(options["reason"]):
            raise UsageError(told, where="--reason")
        override = Override(label=options["override"], reason=options["reason"].strip())
    headers, library = _by_headers(options), _by_library(options)
    return classify(
        _marked(options),
        combine(headers, library),
        override=override,
        markers_only=options["markers_only"],
        disagreements=disagreements(headers, library),
        frozen=options["frozen"] or _is_frozen(options["since"]),
    )


def _is_frozen(revision: str | None) -> bool:
    """Whether the last pre-release, by its tag, was a candidate or a final release."""
    from elpython.stream.freeze import frozen_since

    return bool(revision) and frozen_since([str(revision)]) is not None


def _marked(options: dict[str, Any]) -> list[Any]:
    from elpython.stream.history import open_repository, read_range
    from elpython.stream.marks import breaks, read_marks

    if not options["since"]:
        if options["repo"]:
            raise UsageError("--repo without a range", todo="add --since REV")
        return []
    repo = open_repository(options["repo"] or Path())
    return breaks(repo, read_marks(repo, read_range(repo, options["since"], options["head"])))


def features_of(options: dict[str, Any]) -> list[str]:
    """Return the new features that NEWS entries of the range tell of."""
    from elpython.stream.freeze import new_features
    from elpython.stream.history import open_repository, read_range
    from elpython.stream.marks import read_marks

    if not options["since"]:
        return []
    repo = open_repository(options["repo"] or Path())
    marked = read_marks(repo, read_range(repo, options["since"], options["head"]))
    return new_features(
        (entry.section, entry.text)
        for item in marked
        for file in item.files
        for entry in file.entries
    )


def doubts_of(options: dict[str, Any], release: Release) -> list[str]:
    """Return what the range's check finds that a label must not be given over.

    An almost-marker may be a break that nobody counted, so it stands against a beta; what a beta
    has shipped of the stable ABI stays, whatever the release is.
    """
    from elpython.stream.check import check_range

    if not options["since"]:
        return []
    rules = ("stable-abi-",) if release.level == "alpha" else ("stable-abi-", "marker-near-")
    report = check_range(options["repo"] or Path(), options["since"], options["head"])
    return [
        f"{found.rule}: {found.message}"
        for found in report.findings
        if found.level == "error" and found.rule.startswith(rules)
    ]


def _by_headers(options: dict[str, Any]) -> Any:  # noqa: ANN401 - imported when it is asked for
    old, new = options["old_headers"], options["new_headers"]
    if not (old and new):
        if (old or new) and not (options["old"] and options["new"]):
            raise UsageError("the header probe needs two sides",
                             todo="give both --old-headers and --new-headers")  # fmt: skip
        return None
    from elpython.interpreter.layout.headers import header_folders
    from elpython.stream.layouts import HeaderPair, measure_headers

    sides = [path.is_file() or header_folders(path) for path in (old, new)]
    if options["old"] and not all(sides):
        return None  # headers for abidiff alone, without a Python.h
    pair = HeaderPair(old=old, new=new, variants=options["variants"] or ("default",))
    return measure_headers(pair, series=options["series"], excused=str(options["excused"] or ""))


def _by_library(options: dict[str, Any]) -> Any:  # noqa: ANN401 - imported when it is asked for
    if not options["old"] and not options["new"]:
        return None
    if not (options["old"] and options["new"]):
        raise UsageError("a measurement needs two builds", todo="give both --old and --new")
    from elpython.stream.measure import Build, measure

    sides = [
        Build(
            library=options[side],
            headers=_folder(options[f"{side}_headers"]),
            debug=options[f"{side}_debug"],
        )
        for side in ("old", "new")
    ]
    return measure(*sides, series=options["series"], excused=str(options["excused"] or ""))


def _folder(place: Path | None) -> Path | None:
    """Return the include folder of a place; the place itself where it holds no `Python.h`."""
    from elpython.interpreter.layout.headers import header_folders

    return None if place is None else next(iter(header_folders(place)), place)


@click.command("layout")
@click.argument("place", type=_PATH)
@click.option(
    "--variant",
    type=click.Choice(["default", "debug", "free-threaded"]),
    default="default",
    show_default=True,
    help="Which build of these headers.",
)
@click.option("--compiler", default="", help="A C compiler; cc if omitted.")
@click.option("--to", type=_PATH, help="Write the layout to this file, for a later classify.")
@json_option
def layout_command(
    *, place: Path, variant: str, compiler: str, to: Path | None, as_json: bool
) -> None:
    """Measure what the public headers at PLACE fix for the modules compiled against them.

    PLACE is an include folder, a prefix, or an unpacked package (`dpkg-deb -x`).
    """
    import json

    from elpython.core.store import write_atomic
    from elpython.stream.layouts import layout_of

    layout = layout_of(place, variant, compiler)
    if to is not None:
        write_atomic(to, json.dumps(layout.as_json(), indent=1).encode() + b"\n")
    if as_json:
        print_json(layout.as_json())
        return
    click.echo(
        f"CPython {layout.version}, {layout.variant}, {layout.machine}: "
        f"{len(layout.structs)} structs, {len(layout.enumerators)} enumerators, "
        f"{len(layout.functions)} functions, {len(layout.macros)} macros, "
        f"{len(layout.inlines)} inline functions, "
        f"PYC_MAGIC_NUMBER {layout.magic or 'not known'}"
    )
    for line in layout.not_looked_at:
        click.echo(f"not looked at: {line}")


@click.command("classify")
@classify_options
@json_option
def classify_command(as_json: bool, **options: Any) -> int:  # noqa: ANN401 - click's options
    """Label what came since the last pre-release: alpha or beta, by markers and measurement.

    Headers suffice (`--old-headers`, `--new-headers`: installed or unpacked ones, or a layout that
    `stream layout --to` wrote); libraries with debug information add what abidiff sees. After a
    candidate or final release the answer is `kept` or `broken`.

    Exit code 0 for an answer, 1 for `unknown`, a broken freeze, or where markers and measurement
    disagree.
    """
    found = classified(options)
    if as_json:
        print_json(found)
    else:
        click.echo(f"{found.verdict} (evidence: {found.tier})")
        for reason in found.reasons:
            click.echo(f"  {reason}")
        for item in found.mismatches:
            place = f" at {item.file}:{item.line}" if item.file else ""
            click.echo(f"{item.kind}: {item.symbol or '(no symbol named)'}{place}: {item.what}")
        for line in (*found.disagreements, *found.not_looked_at):
            click.echo(line)
    bad = found.verdict in {"unknown", "broken"} or bool(found.mismatches)
    return 1 if bad else 0
