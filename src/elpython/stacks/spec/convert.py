"""A Fedora spec file made ready for both stacks: every rule in order, each with its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import Change, Kind, Verdict, kind_of, written_for_both
from elpython.stacks.spec.lint import lint
from elpython.stacks.spec.model import apply_edits, read_spec
from elpython.stacks.spec.rules import (
    build_requirements,
    copies,
    declarative,
    distinct,
    interpreter,
    main_package,
    other_files,
    other_install,
    other_packages,
    own_macros,
    packages,
    pinned,
    requirements,
    scriptlets,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.stacks.spec.model import Spec

__all__ = ["RULES", "Answer", "Conversion", "Undecided", "convert"]

# Name and modifier, in the order in which they run: names first, then copies, since a copy for the
# other stack is made from what the default stack has.
RULES: tuple[tuple[str, Callable[[Spec], Change]], ...] = (
    ("build-system", declarative.apply),
    ("pinned-stack", pinned.apply),
    ("requirement-names", requirements.apply),
    ("package-names", packages.apply),
    ("main-package", main_package.apply),
    ("interpreter-path", interpreter.apply),
    ("own-macros", own_macros.apply),
    ("build-requirements", build_requirements.apply),
    ("distinct-names", distinct.apply),
    ("other-packages", other_packages.apply),
    ("other-build", copies.build),
    ("other-install", other_install.apply),
    ("other-check", copies.check),
    ("other-scriptlets", scriptlets.apply),
    ("other-files", other_files.apply),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What one rule did.

    Attributes:
        rule: its name.
        verdict: updated, not needed or refused.
        lines: the line numbers, in the file as given, that it changed or put lines beside.
        reason: why it refused, empty otherwise.
    """

    rule: str
    verdict: Verdict
    lines: tuple[int, ...] = ()
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Undecided:
    """Something left for a person.

    Attributes:
        rule: the rule that could not decide.
        line: line number in the file as given.
        reason: what cannot be decided.
    """

    rule: str
    line: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversion:
    """A converted spec file.

    Attributes:
        kind: library or application.
        text: the file after the last rule; as it was when a rule refused.
        answers: one a rule, in order.
        undecided: what is left for a person, with marked comments in the text.
    """

    kind: Kind
    text: str
    answers: tuple[Answer, ...]
    undecided: tuple[Undecided, ...]

    @property
    def refusals(self) -> tuple[Answer, ...]:
        """The rules that refused."""
        return tuple(answer for answer in self.answers if answer.verdict is Verdict.REFUSED)


def _answer(rule: str, change: Change, spec: Spec) -> Answer:
    if change.refusal is not None:
        return Answer(
            rule=rule,
            verdict=Verdict.REFUSED,
            lines=(spec.origin(change.refusal.at),),
            reason=change.refusal.reason,
        )
    if not change.edits:
        return Answer(rule=rule, verdict=Verdict.NOT_NEEDED)
    lines = sorted({spec.origin(edit.at) for edit in change.edits})
    return Answer(rule=rule, verdict=Verdict.UPDATED, lines=tuple(lines))


def convert(text: str) -> Conversion:
    """Convert a spec file's text; a second run changes nothing.

    Every rule runs even when one before it refused, so that all refusals are told at once. A file
    that is written for both stacks already stays as it is; where it does not follow the plan, that
    is told with the rule of `lint`.
    """
    spec = read_spec(text)
    kind = kind_of(spec)
    if written_for_both(spec):
        return Conversion(
            kind=kind,
            text=text,
            answers=tuple(Answer(rule=rule, verdict=Verdict.NOT_NEEDED) for rule, _ in RULES),
            undecided=tuple(
                Undecided(rule=item.rule, line=item.line, reason=item.message)
                for item in lint(text)
            ),
        )
    answers: list[Answer] = []
    undecided: list[Undecided] = []
    for rule, modifier in RULES:
        change = modifier(spec)
        answers.append(_answer(rule, change, spec))
        undecided += [
            Undecided(rule=rule, line=spec.origin(mark.at), reason=mark.reason)
            for mark in change.marks
        ]
        if change.refusal is None and change.edits:
            spec = apply_edits(spec, change.edits)
    refused = any(answer.verdict is Verdict.REFUSED for answer in answers)
    return Conversion(
        kind=kind,
        text=text if refused else spec.text,
        answers=tuple(answers),
        undecided=tuple(undecided),
    )
