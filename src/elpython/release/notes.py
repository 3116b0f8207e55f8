"""Release notes and What's New, from the changes' own words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from elpython.core.markdown import markdown_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.define.branch import Branch
    from elpython.define.change import Change

__all__ = ["KIND_TITLES", "release_notes", "whats_new"]

KIND_TITLES = {
    "security": "Security fixes",
    "feature": "New features",
    "bugfix": "Bug fixes",
    "performance": "Faster",
    "toggle": "Switches for behaviours",
    "variant": "What tells EL Python from its base",
}


def _origin(change: Change) -> str:
    parts = [*change.cves, *change.issues, *(f"PEP {number}" for number in change.pep)]
    if change.first_in:
        parts.append(f"first in CPython {change.first_in}")
    return ", ".join(parts)


def _of_kind(series: Sequence[Change], kind: str) -> list[Change]:
    return [change for change in series if change.kind == kind]


def release_notes(branch: Branch, day: str, remarks: Sequence[str] = ()) -> str:
    """Return the release notes as Markdown.

    Args:
        branch: the branch.
        day: the release's date.
        remarks: what readers should know besides.
    """
    lines = [
        f"# EL Python {branch.version}",
        "",
        f"Released {day}. Base: CPython {branch.base}; {len(branch.series)} change(s) on it.",
        f"Kept until {branch.el_end}"
        + (f"; upstream's support ends {branch.upstream_end}." if branch.lts else "."),
        "",
        "Everything built for the base goes on working: wheels, extension modules, .pyc files,",
        "virtual environments. `contract.json` says what was compared.",
    ]
    for kind, title in KIND_TITLES.items():
        changes = _of_kind(branch.series, kind)
        if not changes:
            continue
        lines += ["", f"## {title}", ""]
        for change in changes:
            origin = _origin(change)
            lines.append(f"- {markdown_text(change.title)}" + (f" ({origin})" if origin else ""))
            lines += textwrap.wrap(
                markdown_text(change.description),
                96,
                initial_indent="  ",
                subsequent_indent="  ",
            )
    if remarks:
        lines += ["", "## Remarks", "", *(f"- {remark}" for remark in remarks)]
    return "\n".join(lines) + "\n"


def _heading(text: str, sign: str) -> list[str]:
    return [text, sign * len(text), ""]


def _provided(name: str) -> str:
    """Return a feature in the role that the documentation has for it."""
    bare, paren, _ = name.partition("(")
    if name.startswith("Py"):
        return f":c:macro:`{name}`"
    return f"``{name}``" if paren else f":py:obj:`{bare}`"


def whats_new(branch: Branch, previous: str = "") -> str:
    """Return What's New as reStructuredText, in the documentation's directive form.

    Args:
        branch: the branch.
        previous: the release that it follows; empty for the branch's first.
    """
    version = f"EL Python {branch.version}"
    title = f"What's New in {version}"
    lines = ["*" * len(title), title, "*" * len(title), ""]
    follows = previous or f"CPython {branch.base}"
    lines += [f"This page tells what differs from {follows}.", ""]
    for kind, heading in KIND_TITLES.items():
        changes = _of_kind(branch.series, kind)
        if not changes:
            continue
        lines += _heading(heading, "=")
        for change in changes:
            lines += _entry(change, version)
    return "\n".join(lines).rstrip("\n") + "\n"


def _entry(change: Change, version: str) -> list[str]:
    lines = _heading(change.title, "-")
    if change.description:
        lines += [*textwrap.wrap(" ".join(change.description.split()), 78), ""]
    for name in change.provides:
        # The directive's text carries the name: "New in version EL Python 3.11.2.27.01.0: ...".
        lines += [f".. versionadded:: {version}", f"   {_provided(name)}", ""]
        if change.provisional:
            lines += ["   Provisional: CPython may still change it.", ""]
    if not change.provides:
        lines += [f".. versionchanged:: {version}", f"   {change.title}.", ""]
    origin = _origin(change)
    return [*lines, f"({origin})", ""] if origin else lines
