"""The behaviour table: what a later Python changed or removed, and how it comes back.

The table is data: one INI file an area under ``behaviours/``, one section a behaviour, sorted by
name. The running program does not read those files: it reads ``_index.py``, the few fields that the
engine needs, made from them by ``python -m minpython.table --write`` (a test holds that it is
current). `minpython explain`, `minpython doctor` and the reference page read the whole table.
"""

from __future__ import annotations

import configparser
import os
import sys

from minpython import table_faults
from minpython.behaviour import Behaviour, NotRestored, usual_restorer
from minpython.errors import TableError

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "behaviours")
NOT_RESTORED = "not-restored.ini"


def _parser() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(
        interpolation=None,
        delimiters=("=",),
        comment_prefixes=("#",),
        empty_lines_in_values=False,
        default_section="",
    )
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    return parser


def _lines(value: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in value.splitlines() if line.strip())


def _version(value: str) -> tuple[int, int, int]:
    parts = [int(part) for part in value.split(".")]
    return (parts[0], parts[1], parts[2] if len(parts) > 2 else 0)


def _behaviour(name: str, area: str, fields: dict[str, str]) -> Behaviour:
    return Behaviour(
        name=name,
        area=area,
        what=" ".join(_lines(fields["what"])),
        changed_in=_version(fields["changed_in"]),
        by=fields["by"],
        how=fields["how"],
        scope=fields["scope"],
        scope_reason=" ".join(_lines(fields.get("scope_reason", ""))),
        until=fields["until"],
        target=tuple(fields.get("target", "").split()),
        restorer=fields.get("restorer") or usual_restorer(area, name),
        modules=_lines(fields.get("modules", "")),
        security=" ".join(_lines(fields.get("security", ""))),
        allow_insecure=fields.get("allow_insecure") == "yes",
        facts=_lines(fields.get("facts", "")),
        instead=" ".join(_lines(fields.get("instead", ""))),
        default=fields.get("default", "yes") == "yes",
        provider=fields.get("provider", ""),
        functions=tuple(fields.get("functions", "").split()),
    )


def _read(path: str, problems: list[str]) -> dict[str, dict[str, str]]:
    parser = _parser()
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except (configparser.Error, UnicodeDecodeError) as error:
        problems.append(f"{os.path.basename(path)}: {error}")
        return {}
    return {name: dict(parser.items(name)) for name in parser.sections()}


def load(folder: str = FOLDER) -> tuple[Behaviour, ...]:
    """Read and check the whole table; return it sorted by name.

    Args:
        folder: where the ``.ini`` files lie, one an area.

    Raises:
        TableError: something is wrong; the message lists every fault.
    """
    problems: list[str] = []
    table: dict[str, Behaviour] = {}
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".ini") or file == NOT_RESTORED:
            continue
        sections = _read(os.path.join(folder, file), problems)
        problems.extend(table_faults.unsorted(file, list(sections)))
        for name, fields in sections.items():
            where = f"behaviours/{file}: {name}"
            found = list(table_faults.of_fields(where, fields))
            if not table_faults.NAME.match(name):
                found.append(f"{where}: a name is made of a-z, 0-9 and single dashes")
            if name in table:
                found.append(f"{where}: also in behaviours/{table[name].area}.ini")
            problems.extend(found)
            if not found:
                table[name] = _behaviour(name, file[: -len(".ini")], fields)
    problems.extend(table_faults.double_facts(table.values()))
    if problems:
        raise TableError("the behaviour table is wrong:\n  " + "\n  ".join(problems))
    return tuple(table[name] for name in sorted(table))


def load_not_restored(folder: str = FOLDER) -> tuple[NotRestored, ...]:
    """Read the facts that nothing restores, with their reasons, sorted by name.

    Raises:
        TableError: a section lacks its reason or its facts, or they are unsorted.
    """
    path = os.path.join(folder, NOT_RESTORED)
    if not os.path.exists(path):
        return ()
    problems: list[str] = []
    sections = _read(path, problems)
    problems.extend(table_faults.unsorted(NOT_RESTORED, list(sections)))
    for name, fields in sections.items():
        problems.extend(
            f"behaviours/{NOT_RESTORED}: {name}.{key}: missing"
            for key in ("reason", "facts")
            if not fields.get(key)
        )
    if problems:
        raise TableError("the behaviour table is wrong:\n  " + "\n  ".join(problems))
    return tuple(
        NotRestored(name, " ".join(_lines(fields["reason"])), _lines(fields["facts"]))
        for name, fields in sections.items()
    )


def main(argv: list[str]) -> int:
    """Check the table; with ``--write``, make ``_index.py`` and ``_targets.py`` from it."""
    from minpython.table_index import index_source, targets_source

    table = load()
    load_not_restored()
    for name, source in (("_index", index_source(table)), ("_targets", targets_source(table))):
        if "--write" in argv:
            path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")
            with open(path, "w", encoding="utf-8", newline="\n") as file:
                file.write(source)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
