"""NEWS entries: blurb's files under `Misc/NEWS.d`, and the merged `Misc/NEWS`."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from elpython.core.errors import ElpythonError
from elpython.core.suggest import hint
from elpython.stream.release import BadReleaseError, Release, parse_release
from elpython.stream.rest import rest_problems
from elpython.stream.tables import read_toml

__all__ = [
    "BadNewsError",
    "NewsFile",
    "NewsRelease",
    "NewsRules",
    "StreamNewsEntry",
    "is_entry_path",
    "parse_entry_file",
    "parse_merged",
    "rules",
]

_NONCE = re.compile(r"[A-Za-z0-9_-]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:-\d{2}-\d{2}-\d{2})?")
_ISSUE = re.compile(r"(?P<kind>bpo|gh-issue)-(?P<number>.*)")
_METADATA = re.compile(r"\.\. *([a-z-]+): *(.*)")
_HEADING = re.compile(r"What's New in Python (?P<version>[^?]+)\?")
_RELEASED = re.compile(r"\*Release date:\s*(?P<date>\S+)\*")
_ITEM = re.compile(
    r"- (?:(?P<issue>(?:bpo|gh(?:-issue)?)-\d+|Issue #\d+)(?:, \S+)*: ?)?(?P<text>.*)"
)


class BadNewsError(ElpythonError):
    """A merged Misc/NEWS that cannot be read."""

    exit_code = 62


@dataclass(frozen=True, kw_only=True, slots=True)
class NewsRules:
    """What blurb takes; the fields are those of `news_rules.toml`."""

    sections: tuple[str, ...]
    folder: str
    released_folder: str
    lowest_github_issue: int
    forbidden_starts: tuple[str, ...]
    not_entries: tuple[str, ...]

    def section(self, folder: str) -> str:
        """Return the section that a folder spells, in either spelling; empty when there is none."""
        for name in self.sections:
            plain = name.replace("/", "-")
            if folder in {plain, plain.replace(" ", "_")}:
                return name
        return ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamNewsEntry:
    """One NEWS entry.

    Attributes:
        section: `C API`, ...; empty when unknown.
        issue: `gh-135151`, `bpo-40421`, or empty.
        text: its paragraphs, unwrapped lines as they stand.
        line: where its text begins in its file, from 1.
    """

    section: str
    issue: str
    text: str
    line: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class NewsFile:
    """A file under Misc/NEWS.d/next, read: its entries and what is wrong with it."""

    path: str
    entries: tuple[StreamNewsEntry, ...]
    problems: tuple[tuple[int, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewsRelease:
    """One release's part of the merged Misc/NEWS; `date` is None where it says unreleased."""

    release: Release
    date: dt.date | None
    entries: tuple[StreamNewsEntry, ...]


@cache
def rules() -> NewsRules:
    """Read the rules that come with the package."""
    table = read_toml("news_rules.toml")
    made = NewsRules(
        sections=table.texts("sections"),
        folder=table.text("folder"),
        released_folder=table.text("released_folder"),
        lowest_github_issue=table.number("lowest_github_issue"),
        forbidden_starts=table.texts("forbidden_starts"),
        not_entries=table.texts("not_entries"),
    )
    table.end()
    return made


def is_entry_path(path: str) -> bool:
    """Whether a path of the repository is meant as a NEWS entry of the next release."""
    own = rules()
    place = PurePosixPath(path)
    return path.startswith(own.folder + "/") and place.name not in own.not_entries


def parse_entry_file(path: str, text: str) -> NewsFile:
    """Read one of blurb's files.

    Args:
        path: its path in the repository, `Misc/NEWS.d/next/C_API/DATE.gh-issue-N.NONCE.rst`.
        text: its content.

    All that is wrong with name, section, metadata and reST is in the result's `problems`, as
    pairs of line and message; nothing is raised. Source: blurb, `Blurbs.parse` and
    `_parse_next_filename`.
    """
    section, issue, problems = _parse_name(path)
    entries = []
    for first, block in _blocks(text):
        entry, found = _parse_block(block, first, section, issue)
        problems += found
        if entry is not None:
            entries.append(entry)
    if not entries and not problems:
        problems.append((1, "the entry is empty"))
    return NewsFile(path=path, entries=tuple(entries), problems=tuple(problems))


def _parse_name(path: str) -> tuple[str, str, list[tuple[int, str]]]:
    own = rules()
    problems: list[tuple[int, str]] = []
    parts = PurePosixPath(path).relative_to(own.folder).parts
    if len(parts) != 2:
        problems.append((1, "an entry lies in the folder of its section: next/<Section>/<file>"))
    folder = parts[0] if len(parts) > 1 else ""
    section = own.section(folder)
    if folder and not section:
        spelled = [name.replace("/", "-").replace(" ", "_") for name in own.sections]
        problems.append((1, f"there is no section {folder!r}; {hint(folder, spelled)}"))
    fields = parts[-1].split(".")
    issue = ""
    if len(fields) < 4 or fields[-1] != "rst":
        problems.append((1, "the name must be DATE.gh-issue-NUMBER.NONCE.rst"))
        return section, issue, problems
    if not _is_date(fields[0]):
        problems.append((1, f"the name begins with a date, YYYY-MM-DD-hh-mm-ss, not {fields[0]!r}"))
    if not _NONCE.fullmatch(fields[-2]):
        problems.append((1, f"{fields[-2]!r} is no nonce: letters, digits, '-' and '_'"))
    for field in fields[1:-2]:
        found = _ISSUE.fullmatch(field.strip())
        if found is None:
            problems.append((1, f"{field!r} in the name is neither gh-issue-N nor bpo-N"))
            continue
        problem = _issue_problem(found["kind"], found["number"])
        if problem:
            problems.append((1, problem))
        issue = f"{'gh' if found['kind'] == 'gh-issue' else 'bpo'}-{found['number']}"
    return section, issue, problems


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    numbers = [int(part) for part in text.split("-")]
    try:
        dt.datetime(*numbers, tzinfo=dt.UTC)  # type: ignore[arg-type,misc]
    except ValueError:
        return False
    return True


def _issue_problem(kind: str, number: str) -> str:
    if not number.isdecimal():
        return f"{kind}-{number}: the issue must be a number"
    lowest = rules().lowest_github_issue
    if kind == "gh-issue" and int(number) < lowest:
        return f"gh-issue-{number}: GitHub issues begin at {lowest}; an older one is bpo-{number}"
    return ""


def _blocks(text: str) -> list[tuple[int, list[str]]]:
    """Split a file at blurb's `..` lines into blocks with the number of their first line."""
    blocks: list[tuple[int, list[str]]] = [(1, [])]
    for number, line in enumerate(text.splitlines(), 1):
        if line.rstrip() == "..":
            blocks.append((number + 1, []))
        else:
            blocks[-1][1].append(line)
    return [(first, lines) for first, lines in blocks if any(line.strip() for line in lines)]


def _parse_block(
    lines: list[str], first: int, section: str, issue: str
) -> tuple[StreamNewsEntry | None, list[tuple[int, str]]]:
    problems: list[tuple[int, str]] = []
    body = 0
    for body, line in enumerate(lines):
        found = _METADATA.fullmatch(line.rstrip())
        if found:
            section, issue, problem = _metadata(found[1], found[2], section, issue)
            if problem:
                problems.append((first + body, problem))
        elif line.strip() and not line.startswith("#"):
            break
    else:
        return None, [*problems, (first, "the entry has no text")]
    text = "\n".join(lines[body:]).strip("\n")
    for start in rules().forbidden_starts:
        if text.lower().startswith(start.lower()):
            problems.append((first + body, f"the text must not begin with {start!r}"))
            break
    problems += [(first + body + line, what) for line, what in rest_problems(text)]
    return StreamNewsEntry(section=section, issue=issue, text=text, line=first + body), problems


def _metadata(name: str, value: str, section: str, issue: str) -> tuple[str, str, str]:
    own = rules()
    if name == "section":
        if value not in own.sections:
            return section, issue, f"there is no section {value!r}; {hint(value, own.sections)}"
        if section and value != section:
            return section, issue, f"section {value!r}, but the folder says {section!r}"
        return value, issue, ""
    if name in {"gh-issue", "bpo"}:
        short = "gh" if name == "gh-issue" else "bpo"
        return section, f"{short}-{value}", _issue_problem(name, value)
    known = ("bpo", "date", "gh-issue", "nonce", "original section", "release date", "section")
    if name not in {*known, "no", "release", "original"}:
        return section, issue, f"'.. {name}:' is unknown; {hint(name, known)}"
    return section, issue, ""


def parse_merged(text: str, *, name: str = "Misc/NEWS") -> list[NewsRelease]:
    """Read a merged Misc/NEWS, newest release first as it stands there.

    Raises:
        BadNewsError: no release heading is found, or headings that cannot be read (all of them).
    """
    lines = text.splitlines()
    starts: list[tuple[int, Release]] = []
    problems = []
    for number, line in enumerate(lines):
        found = _HEADING.fullmatch(line.strip())
        if found is None:
            continue
        try:
            starts.append((number, parse_release(found["version"])))
        except BadReleaseError as error:
            problems.append(f"{name}:{number + 1}: {error.what}")
    if problems or not starts:
        raise BadNewsError(
            "cannot be read as a merged Misc/NEWS",
            where=name,
            details=tuple(problems or ['no heading "What\'s New in Python X.Y.Z ...?" is there']),
        )
    ends = [number for number, _ in starts[1:]] + [len(lines)]
    return [
        _release(lines, begin, end, release)
        for (begin, release), end in zip(starts, ends, strict=True)
    ]


def _release(lines: list[str], begin: int, end: int, release: Release) -> NewsRelease:
    date: dt.date | None = None
    section = ""
    entries: list[StreamNewsEntry] = []
    item: list[str] = []
    item_line, issue = 0, ""
    own = rules()

    def close() -> None:
        if item:
            text = "\n".join(item).strip()
            entries.append(StreamNewsEntry(section=section, issue=issue, text=text, line=item_line))
            item.clear()

    for number in range(begin + 1, end):
        line = lines[number]
        found = _ITEM.fullmatch(line) if line.startswith("- ") else None
        if found:
            close()
            item_line, issue = number + 1, found["issue"] or ""
            item.append(found["text"])
        elif number + 1 < end and set(lines[number + 1]) == {"-"} and line in own.sections:
            close()
            section = line
        elif item and (line.startswith("  ") or not line):
            item.append(line.removeprefix("  "))
        elif date is None and (dated := _RELEASED.match(line)):
            date = _date(dated["date"])
    close()
    return NewsRelease(release=release, date=date, entries=tuple(entries))


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
