"""``minpython scan --fix`` and ``--diff``: fix files, or show how, and tell what is left."""

from __future__ import annotations

import difflib
import io
from typing import NamedTuple

from minpython.scan import fixing, rewrite
from minpython.scan.finding import Failure, Finding, Window
from minpython.scan.fix_words import Words
from minpython.scan.knowledge import Knowledge
from minpython.scan.reading import read_source
from minpython.scan.rules import Rules
from minpython.source.translate import encoding_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from minpython.scan.files import Scanned
    from minpython.scan.fixing import Passed


class Outcome(NamedTuple):
    """What was fixed, what was not and why, the files not written, and the differences."""

    done: list[Finding]
    left: list[tuple[Finding, str]]
    failures: list[Failure]
    difference: str


def fix(
    paths: Iterable[str], scanned: Scanned, window: Window, passed: Passed, *, write: bool
) -> Outcome:
    """Fix files that have findings.

    Args:
        paths: all files of the run.
        scanned: what was found in them, and is to be fixed.
        window: the Pythons that the code comes from and goes to.
        passed: what is left as it is, and not told.
        write: whether the files are written, each in one step; else only compared.

    Raises:
        ConfigError: parso is not installed.
    """
    known = Knowledge(window)
    names = list(dict.fromkeys(finding.path for finding in scanned.findings))
    words = _words(paths, scanned, known, window)
    wanted = fixing.Wanted(known, window.target, Rules(), words, passed)
    outcome = Outcome([], [], [], "")
    differences = []
    for path in names:
        try:
            with open(path, "rb") as file:
                source = file.read()
        except OSError as error:
            outcome.failures.append(Failure(path, error.strerror or str(error)))
            continue
        fixed = fixing.fix_source(path, source, wanted)
        if isinstance(fixed, Failure):
            outcome.failures.append(fixed)
            continue
        failure = None
        if fixed.after != fixed.before:
            if write:
                failure = rewrite.write(path, fixed.before, fixed.after)
            else:
                differences.append(_difference(path, fixed))
        if failure is None:
            outcome.done.extend(fixed.done)
            outcome.left.extend(fixed.left)
        else:
            outcome.failures.append(failure)
            outcome.left.extend(
                (each, failure.reason) for each in fixed.done + [left for left, _ in fixed.left]
            )
    return outcome._replace(difference="".join(differences))


def _words(paths: Iterable[str], scanned: Scanned, known: Knowledge, window: Window) -> Words:
    """Return what the files of the run say about ``async`` and ``await`` as names."""
    words = Words()
    using = {f.path for f in scanned.findings if f.fact.name == "async/await as identifiers"}
    for path in paths if using else ():
        try:
            with open(path, "rb") as file:
                source = file.read()
        except OSError:
            continue
        words.note_bytes(path, source)
        if path in using:
            read = read_source(path, source, known, window.target)
            if read is not None and not isinstance(read, Failure):
                words.note(path, source, read[0].tree)
    return words


def _difference(path: str, fixed: fixing.Fixed) -> str:
    """Return a unified diff of a file."""
    before, after = _lines(fixed.before), _lines(fixed.after)
    return "".join(
        line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(before, after, path, path)
    )


def _lines(source: bytes) -> list[str]:
    """Return a file's lines, which end with a line feed here, not with a form feed."""
    mark, encoding = encoding_of(source)
    return list(io.StringIO(source[len(mark) :].decode(encoding), newline="\n"))
