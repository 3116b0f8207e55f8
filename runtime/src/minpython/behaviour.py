"""One behaviour of the table: its fields, and the keys that it may have in an INI file."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import namedtuple

HOW = {
    "lazy-attribute": "a lazy module attribute",
    "attribute": "an attribute set on a Python class or module",
    "type-dictionary": "an entry in a C type's dictionary, its caches cleared",
    "subclass": "a subclass put in the C type's place",
    "parameter": "a wrapper that takes the old parameters",
    "wrapper": "a wrapper that acts as the old function did",
    "module": "a module of our own, or of a distribution that keeps it",
    "translation": "a translation of the source before it is compiled",
    "hook": "a hook of the interpreter",
}
REQUIRED = ("what", "changed_in", "by", "how", "scope", "until")
OPTIONAL = (
    "target",
    "restorer",
    "modules",
    "scope_reason",
    "security",
    "allow_insecure",
    "facts",
    "instead",
    "default",
    "provider",
    "functions",
)
if TYPE_CHECKING:

    class Behaviour(NamedTuple):
        """One entry of the table; the fields are told in ``runtime/README.md``."""

        name: str
        area: str
        what: str
        changed_in: tuple[int, int, int]
        by: str
        how: str
        scope: str
        scope_reason: str
        until: str
        target: tuple[str, ...]
        restorer: str
        modules: tuple[str, ...]
        security: str
        allow_insecure: bool
        facts: tuple[str, ...]
        instead: str
        default: bool
        provider: str
        functions: tuple[str, ...]

    class NotRestored(NamedTuple):
        """Facts that no behaviour restores, and why."""

        name: str
        reason: str
        facts: tuple[str, ...]

else:
    Behaviour = namedtuple(
        "Behaviour",
        "name area what changed_in by how scope scope_reason until target restorer modules "
        "security allow_insecure facts instead default provider functions",
    )
    NotRestored = namedtuple("NotRestored", "name reason facts")


def usual_restorer(area: str, name: str) -> str:
    """Return the restorer of a behaviour that names none."""
    return f"{area}:{name.replace('-', '_')}"
