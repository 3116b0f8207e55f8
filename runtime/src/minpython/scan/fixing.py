"""Put the modern form of what a file uses in its place, in as many passes as that takes."""

from __future__ import annotations

import ast
import warnings
from typing import NamedTuple

from minpython.scan import concrete, fix_calls, fix_coroutines, fix_names, fix_words
from minpython.scan.bindings import Bindings, Site
from minpython.scan.concrete import Concrete, Edit, NotFixableError
from minpython.scan.finding import GUARDED, HIGH, LOW, Failure, Finding
from minpython.scan.reading import Reader, line_starts, read_source
from minpython.source.translate import encoding_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minpython.scan.knowledge import Knowledge
    from minpython.scan.rules import Rule, Rules

_LATER = "it stands in something else that changes"
NO_FORM = "no other form means exactly the same"
_SPECIAL = {
    "fix_calls:comma": fix_calls.comma,
    "fix_calls:digest": fix_calls.digest,
    "fix_calls:equality": fix_calls.equality,
    "fix_calls:flags": fix_calls.flags,
    "fix_calls:open_mode": fix_calls.open_mode,
    "fix_calls:space": fix_calls.space,
    "fix_coroutines:decorator": fix_coroutines.decorator,
}
_BY_NAME = {
    "methods": fix_calls.renamed,
    "unnamed": fix_calls.renamed_unless_named,
    "listed": fix_calls.listed,
    "calls": fix_calls.called,
}
_BY_TEXT = ("fix_calls:comma", "fix_calls:space")


class Passed(NamedTuple):
    """What is left as it is: accepted findings (path, fact and text), and confidences."""

    accepted: frozenset[tuple[str, str, str]]
    guarded: bool
    likely: bool

    def over(self, finding: Finding) -> bool:
        """Return whether a finding is not even told."""
        if finding.confidence == GUARDED and not self.guarded:
            return True
        return (finding.path, finding.fact.name, finding.text) in self.accepted


class Wanted(NamedTuple):
    """What is to be fixed, and the Python that the code is to run on."""

    known: Knowledge
    target: tuple[int, ...]
    rules: Rules
    words: fix_words.Words
    passed: Passed


class Fixed(NamedTuple):
    """A file's bytes before and after, what was fixed, and what was not and why."""

    before: bytes
    after: bytes
    done: list[Finding]
    left: list[tuple[Finding, str]]


def fix_source(path: str, source: bytes, wanted: Wanted) -> Fixed | Failure:
    """Return what becomes of a file.

    Args:
        path: its name, for the findings.
        source: its bytes, whose byte order mark and encoding stay.
        wanted: what is to be fixed.
    """
    before = source
    done: list[Finding] = []
    left: list[tuple[Finding, str]] = []
    refused: dict[tuple[str, str], str] = {}
    alone = False
    lines: list[int] = []
    # Each round leaves fewer findings, or refuses one more, or goes over to one at a time.
    while True:
        read = read_source(path, source, wanted.known, wanted.target)
        if isinstance(read, Failure):
            return read
        if read is None:
            left = []
            break
        lines = lines or list(range(1, len(line_starts(read[0].text)) + 1))
        step = _step(*read, wanted, refused, alone=alone)
        left = [(_at_first(each, lines), reason) for each, reason in step.left]
        if not step.edits:
            break
        after = _checked(read[0], source, step, len(read[1]), wanted)
        if isinstance(after, bytes):
            source = after
            done += [_at_first(each, lines) for each in step.done]
            lines = concrete.origins(read[0].text, step.edits, lines)
        elif alone:
            refused[_key(step.done[0])] = after
        alone = alone or not isinstance(after, bytes)
    done.sort(key=_place)
    return Fixed(before, source, done, sorted(left, key=lambda each: _place(each[0])))


def _at_first(finding: Finding, lines: list[int]) -> Finding:
    """Return a finding with the line that it had before anything changed."""
    return finding._replace(line=lines[finding.line - 1])


def _place(finding: Finding) -> tuple[str, int, int]:
    return finding[:3]


class _Step(NamedTuple):
    """The edits of one round, what they fix, and what is left, with reasons."""

    edits: list[Edit]
    done: list[Finding]
    left: list[tuple[Finding, str]]


def _step(
    reader: Reader,
    findings: list[Finding],
    wanted: Wanted,
    refused: dict[tuple[str, str], str],
    *,
    alone: bool,
) -> _Step:
    """Return one round: all findings at once, or the first one that can be fixed."""
    step = _Step([], [], [])
    told = [each for each in findings if not wanted.passed.over(each)]
    if reader.tree is None:
        return step._replace(left=[(each, "the file can't be parsed") for each in told])
    try:
        source = Concrete(reader.text)
    except NotFixableError as error:
        return step._replace(left=[(each, str(error)) for each in told])
    names = Bindings(reader.tree)
    for finding in told:
        try:
            if _key(finding) in refused:
                raise NotFixableError(refused[_key(finding)])
            new = _edits(reader, source, names, finding, wanted)
            if concrete.overlap(new, step.edits) or (alone and step.done):
                raise NotFixableError(_LATER)
        except NotFixableError as error:
            step.left.append((finding, str(error)))
        else:
            step.done.append(finding)
            step.edits.extend(each for each in new if each not in step.edits)
    return step


def _key(finding: Finding) -> tuple[str, str]:
    return (finding.fact.name, finding.text)


def _edits(
    reader: Reader, source: Concrete, names: Bindings, finding: Finding, wanted: Wanted
) -> list[Edit]:
    """Return the edits for one finding.

    Raises:
        NotFixableError: there are none, with the reason.
    """
    rule = wanted.rules.of(finding.fact)
    if rule is None:
        raise NotFixableError(NO_FORM)
    if finding.confidence != HIGH and not (wanted.passed.likely and finding.confidence == LOW):
        raise NotFixableError(f"{finding.confidence} confidence")
    place = source.offset(finding.line, finding.column - 1)
    node = reader.nodes.get((finding.line, finding.column, finding.fact.name))
    site = Site(source, names, node or ast.Pass(), place)
    if rule.new == "fix_words:word":
        return fix_words.word(site, wanted.words)
    if rule.kind == "special":
        if node is None and rule.new not in _BY_TEXT:
            raise NotFixableError("its place in the tree is not known")
        return _SPECIAL[rule.new](site)
    if node is None:
        raise NotFixableError("its place in the tree is not known")
    return _by_kind(site, finding.fact.name, rule, wanted)


def _by_kind(site: Site, old: str, rule: Rule, wanted: Wanted) -> list[Edit]:
    """Return the edits of a rule that is one of many of its kind."""
    if rule.kind == "names":
        return fix_names.moved(site, old, rule.new)
    if rule.kind == "modules":
        return fix_names.module(site, old, rule.new)
    if rule.kind == "members":
        return fix_names.members(site, old, wanted.rules)
    if rule.kind in _BY_NAME:
        return _BY_NAME[rule.kind](site, rule.new)
    return fix_calls.dropped(site) if rule.kind == "dropped" else fix_calls.positional(site)


def _checked(
    reader: Reader, source: bytes, step: _Step, findings: int, wanted: Wanted
) -> bytes | str:
    """Return a file's content after a round, or what speaks against it.

    Args:
        reader: the file as it was.
        source: its bytes.
        step: the round.
        findings: how many it had before.
        wanted: what is to be fixed.
    """
    text = concrete.applied(reader.text, step.edits)
    mark, encoding = encoding_of(source)
    after = mark + text.encode(encoding)
    try:
        if Concrete(reader.text).comments() != Concrete(text).comments():
            return "a comment would change"
    except NotFixableError as error:
        return str(error)
    read = read_source(reader.path, after, wanted.known, wanted.target)
    if isinstance(read, Failure):
        return read.reason
    if read is not None and (read[0].tree is None or len(read[1]) > findings - len(step.done)):
        return "something else would be found then"
    if read is None and not _parses(text):
        return "the file could not be parsed then"
    return after


def _parses(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            return False
    return True
