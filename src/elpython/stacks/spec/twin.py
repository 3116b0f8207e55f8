"""From the default stack to the other one: which names change, and in which text they occur."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from elpython.stacks.macros import DEFAULT_NAMES, OTHER_NAMES, macro_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elpython.stacks.spec.model import Section, Spec

__all__ = [
    "CLOSE",
    "DEFAULT_PACKAGE",
    "OPEN",
    "Twin",
    "is_stack_name",
    "is_stack_section",
    "stack_base",
    "twin_of",
]

OPEN = "%if 0%{?with_python3_other}"
CLOSE = "%endif"
DEFAULT_PACKAGE = "python%{python3_pkgversion}-"

# Fedora's further names for what the template has under another one.
_ALIASES = {
    "python3": "__python3_other",
    "py3dir": "py3dir_other",
    "python3_dot_version": "python3_other_version",
    "py3_shbang_opts_nodash": "py3_other_shebang_flags",
}
# A prefix that may be empty (`%{?scl_prefix}`) does not make it another package.
_STACK_NAME = re.compile(
    r"(?:%\{\?\w+\})*python(?:3|%\{\??python3_pkgversion\}|%python3_pkgversion)-(\S+)$"
)
_STACK_ALONE = re.compile(r"python(?:3|%\{\??python3_pkgversion\}|%python3_pkgversion)")
_STACK_SUFFIX = re.compile(rf"-{_STACK_ALONE.pattern}$")
_ANY_OTHER = re.compile(r"(?:py3|python3|pyproject|pytest|tox)_other|with_python3_other")


@cache
def standard_names() -> dict[str, str]:
    """Return each macro of the default stack with its name for the other one."""
    pairs = dict(zip(macro_names(DEFAULT_NAMES), macro_names(OTHER_NAMES), strict=True))
    return {**pairs, **_ALIASES}


def is_stack_name(name: str) -> bool:
    """Return whether a binary package's name belongs to the default stack: `python3-foo`."""
    return bool(_STACK_NAME.fullmatch(name))


def is_stack_section(spec: Spec, section: Section) -> bool:
    """Return whether a section is of a package of the default stack.

    Its name is `python3-foo`, or it ends in the stack: `-n foo-python3`, `%package python3`.
    """
    name = spec.expand(section.package)
    if name:
        return is_stack_name(name) or bool(_STACK_SUFFIX.search(name))
    return bool(_STACK_ALONE.fullmatch(spec.expand(section.suffix)))


def stack_base(name: str) -> str:
    """Return `foo` of `python3-foo`, or an empty string."""
    match = _STACK_NAME.fullmatch(name)
    return match[1] if match else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Twin:
    """Turns text for the default stack into text for the other one.

    Attributes:
        names: macro names and what they become: the standard ones and the file's own macros that
            are built from those.
    """

    names: Mapping[str, str]
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        alternatives = "|".join(re.escape(name) for name in sorted(self.names, key=len)[::-1])
        pattern = re.compile(rf"(?<!%)((?:%%)*%(?:[?!]*\{{)?[?!]*)({alternatives})(?![A-Za-z0-9_])")
        object.__setattr__(self, "_pattern", pattern)

    def other(self, text: str) -> str:
        """Return the text for the other stack."""
        return self._pattern.sub(lambda match: match[1] + self.names[match[2]], text)

    def mentions(self, text: str) -> bool:
        """Return whether a text depends on the default stack."""
        return bool(self._pattern.search(text))

    @staticmethod
    def handled(text: str) -> bool:
        """Return whether a text already speaks of the other stack."""
        return bool(_ANY_OTHER.search(text))


@lru_cache(maxsize=4)
def _own_macros(spec: Spec) -> dict[str, str]:
    """Return the file's macros that depend on the default stack, directly or not."""
    names = dict(standard_names())
    own: dict[str, str] = {}
    changed = True
    while changed:
        changed = False
        twin = Twin(names={**names, **own})
        for name, found in spec.definitions.items():
            standard = name in names and name not in _ALIASES
            if standard or name in own or twin.handled(name) or name.startswith("_"):
                continue
            if any(twin.mentions(body) for _, body in found):
                own[name] = f"{name}_other"
                changed = True
    return own


@lru_cache(maxsize=4)
def twin_of(spec: Spec) -> Twin:
    """Return the translation for one spec file; `own` macros get a name with `_other`."""
    return Twin(names={**standard_names(), **_own_macros(spec)})


def own_names(spec: Spec) -> dict[str, str]:
    """Return the file's own macros that need a second definition."""
    return _own_macros(spec)
