"""The reference page of all behaviours: ``python -m minpython.reference [--write FILE]``."""

from __future__ import annotations

import sys

from minpython import table, versions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minpython.behaviour import Behaviour

HEAD = """\
# All behaviours that minpython restores

Made from the table by `python -m minpython.reference`; edit `runtime/src/minpython/behaviours/`.

`minpython explain NAME` tells the same about one of them. "Scope": whether it can be seen by some
packages or files only. A behaviour marked **insecure** needs its name and `allow_insecure`.
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def page() -> str:
    """Return the page's text."""
    behaviours = table.load()
    lines = [HEAD]
    by_version: dict[tuple[int, int, int], list[Behaviour]] = {}
    for each in behaviours:
        by_version.setdefault(each.changed_in, []).append(each)
    lines.append(f"{len(behaviours)} behaviours.\n")
    for version in sorted(by_version):
        lines.append(f"## Changed in Python {versions.text(version)}\n")
        lines.append("| name | what | by | how | scope | modern way | supported to |")
        lines.append("| --- | --- | --- | --- | --- | --- | --- |")
        lines += [_row(each) for each in by_version[version]]
        lines.append("")
    groups = table.load_not_restored()
    if groups:
        lines.append("## What is not restored\n")
        for group in groups:
            lines.append(f"**{group.name}**: {group.reason}\n")
            lines += [f"- `{fact}`" for fact in group.facts]
            lines.append("")
    return "\n".join(lines)


def _row(each: Behaviour) -> str:
    what = each.what
    if each.provider:
        what += f" Provided by `{each.provider}`."
    if each.allow_insecure:
        what += f" **Insecure**: {each.security}"
    elif each.security:
        what += f" Security: {each.security}"
    if not each.default:
        what += " By its name only."
    scope = "package, file" if each.scope == "package" else f"program: {each.scope_reason}"
    cells = (f"`{each.name}`", what, each.by, each.how, scope, each.instead, each.until)
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def main(argv: list[str]) -> int:
    """Write the page to the standard output, or to the file after ``--write``."""
    if argv[:1] == ["--write"] and len(argv) == 2:
        with open(argv[1], "w", encoding="utf-8", newline="\n") as file:
            file.write(page())
    else:
        sys.stdout.write(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
