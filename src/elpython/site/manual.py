"""The documentation of a checkout as pages with a search, made by Zensical.

The documents stay what they are on a code host: relative links, one folder a kind. They are copied,
links that leave the folder are bent to copies of what they name, and Zensical does the rest: a link
that leads nowhere is an error. No page loads anything from another host; the search is a
script that reads an index beside it, so it needs a web server, the pages do not.
"""

from __future__ import annotations

import functools
import html
import importlib.util
import json
import re
import shutil
import sys
from typing import TYPE_CHECKING

from elpython.core.errors import MissingProgramError
from elpython.core.process import run
from elpython.site.errors import BadDataError
from elpython.site.markup import document_problems, drawing_problems, output_problems

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["manual"]

# Folder -> heading, in the order of the navigation (https://diataxis.fr).
KINDS = {
    "tutorial": "Tutorials",
    "how-to": "How-to guides",
    "reference": "Reference",
    "explanation": "Explanation",
    "measurements": "Measurements",
}
# Documents above the folder that the documents link to -> their copies.
ABOVE = {
    "README.md": "overview.md",
    "GOVERNANCE.md": "governance.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "CODE_OF_CONDUCT.md": "code-of-conduct.md",
    "runtime/README.md": "minpython.md",
    "LICENSE": "license.txt",
}
# What a folder of documents may hold: a page or a script of its own would be published as it is.
PASSED = (".md", ".svg", ".png", ".jpg", ".json", ".txt", ".toml", ".ics", ".tsv", ".csv")
_LINK = re.compile(r"(\]\()([^)\s#]+)((?:#[^)\s]*)?\))")
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
# A list of pages with the day of the build (the site has its own), word stems of other languages,
# and what only a debugger reads.
_LEFT_OUT = re.compile(r"sitemap\.xml(\.gz)?|assets/javascripts/lunr/.*|.*\.map")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_SECONDS = 600.0


def manual(docs: Path, scratch: Path) -> dict[str, bytes]:
    """Return the pages of the manual: name below its folder -> content.

    Args:
        docs: the folder `docs` of a checkout; what it links to above itself lies beside it.
        scratch: an empty folder for copies and the pages.

    Raises:
        MissingProgramError: Zensical is not installed.
        BadDataError: no such folder, or Zensical found something wrong; tells what.
    """
    if not (docs / "README.md").is_file():
        raise BadDataError(
            "no README.md in it", str(docs), "name the folder docs of a checkout of EL Python"
        )
    _needs_zensical()
    source, target = scratch / "docs", scratch / "pages"
    _copied(docs.absolute(), source)
    config = scratch / "mkdocs.yml"
    # JSON is YAML too.
    config.write_text(json.dumps(_config(source), indent=1), "utf-8")
    words = [sys.executable, "-P", "-m", "zensical", "build", "--strict", "-f", str(config)]
    done = run(words, check=False, timeout=_SECONDS)
    if done.returncode:
        # It tells every finding in colours, then ends with a traceback of its own.
        texts = (done.stdout, done.stderr.partition("Traceback (")[0])
        told = [line for text in texts for line in _COLOUR.sub("", text).splitlines()]
        raise BadDataError(
            "Zensical found something wrong with the documents",
            str(docs),
            "correct what it tells",
            details=tuple(told[:40]),
        )
    names = [path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()]
    pages = {
        name: (target / name).read_bytes()
        for name in sorted(names)
        if not _LEFT_OUT.fullmatch(name)
    }
    told = [
        f"{name}: {what}"
        for name, data in pages.items()
        if name.endswith(".html")
        for what in output_problems(data, like=pages.get("404.html", b""))
    ]
    _refuse(told, docs)
    return pages


def _needs_zensical() -> None:
    if importlib.util.find_spec("zensical") is None:
        raise MissingProgramError(
            "the manual is made by Zensical, which is not installed",
            todo="pip install 'elpython[docs]', or leave out --docs",
        )


def _refuse(told: list[str], docs: Path) -> None:
    """Raise what of the documents may not reach a page."""
    if told:
        raise BadDataError(
            "markup that may not reach a page",
            str(docs),
            "write it as code, between backticks, or link to a page with https",
            details=tuple(told[:40]),
        )


def _checked(source: Path) -> list[str]:
    """Return what is wrong with the copied documents; each is told with its name."""
    told = []
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if path.is_dir():
            continue
        if path.suffix not in PASSED:
            told.append(f"{name}: only {', '.join(PASSED)} are published")
            continue
        try:
            text = path.read_text("utf-8") if path.suffix in {".md", ".svg"} else ""
        except UnicodeDecodeError as error:
            told.append(f"{name}: is not UTF-8: byte {error.start}")
            continue
        if path.suffix == ".md":
            told += [f"{name}: {what}" for what in document_problems(text)]
        elif path.suffix == ".svg":
            told += [f"{name}: {what}" for what in drawing_problems(text)]
    return told


def _copied(docs: Path, source: Path) -> None:
    """Copy the documents, and those above the folder that they link to."""
    links = [path for path in docs.rglob("*") if path.is_symlink()]
    if links:
        # It would publish what lies anywhere on this machine.
        raise BadDataError(
            "is a symbolic link: refused", str(links[0]), "put the file itself there"
        )
    shutil.copytree(docs, source)
    above = {
        docs.parent / name: source / copy
        for name, copy in ABOVE.items()
        if (docs.parent / name).is_file()
    }
    for original, copy in above.items():
        shutil.copyfile(original, copy)
    places = {docs / path.relative_to(source): path for path in source.rglob("*")} | above
    _refuse(_checked(source), docs)
    origins = {copy: original for original, copy in places.items() if copy.suffix == ".md"}
    for copy, original in origins.items():
        bend = functools.partial(_bent, original=original, copy=copy, places=places)
        copy.write_text(_LINK.sub(bend, copy.read_text("utf-8")), "utf-8")


def _bent(link: re.Match[str], original: Path, copy: Path, places: dict[Path, Path]) -> str:
    """Return a link of a document as it has to be in the document's copy."""
    to = link[2]
    if "://" in to or to.startswith(("mailto:", "/")):
        return link[0]
    meant = places.get((original.parent / to).resolve())
    if meant is None:
        # Left for Zensical to tell, with the document's name.
        return link[0]
    steps = len(copy.relative_to(_root(places)).parts) - 1
    return f"{link[1]}{'../' * steps}{meant.relative_to(_root(places)).as_posix()}{link[3]}"


def _root(places: dict[Path, Path]) -> Path:
    return min(places.values(), key=lambda path: len(path.parts)).parent


def _config(source: Path) -> dict[str, object]:
    """Return the settings (those of MkDocs, which Zensical reads) for a folder of documents."""
    pages = [
        {heading: [_page(path, source) for path in sorted((source / kind).glob("*.md"))]}
        for kind, heading in KINDS.items()
        if (source / kind).is_dir()
    ]
    own = [source / name for name in ("README.md", "overview.md")]
    others = sorted(path for path in source.glob("*.md") if path not in own)
    start = [_page(path, source) for path in own if path.is_file()]
    return {
        "site_name": "EL Python",
        "docs_dir": "docs",
        "site_dir": "pages",
        # Pages work from a folder too, without a server.
        "use_directory_urls": False,
        "nav": [*start, *pages, {"The project": [_page(path, source) for path in others]}],
        # Not `offline`: it loads a script from another host.
        "plugins": ["search"],
        "markdown_extensions": ["tables", "fenced_code", "attr_list", {"toc": {"permalink": True}}],
        "theme": {
            "name": "material",
            "font": False,
            "features": ["navigation.indexes", "navigation.sections", "search.highlight"],
            "palette": [
                {"media": "(prefers-color-scheme: light)", "scheme": "default"},
                {"media": "(prefers-color-scheme: dark)", "scheme": "slate"},
            ],
        },
        "validation": {"links": {"absolute_links": "warn", "anchors": "warn", "not_found": "warn"}},
    }


def _page(path: Path, source: Path) -> dict[str, str]:
    found = _TITLE.search(path.read_text("utf-8"))
    # Zensical puts names of pages into its navigation as they are.
    title = html.escape(found[1].replace("`", "") if found else path.stem)
    return {title: path.relative_to(source).as_posix()}
