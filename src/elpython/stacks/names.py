"""What a package is called here: source package, repository, binary packages."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Naming", "binary_names", "name_of"]

_PREFIX = re.compile(r"python(?:3|\d{2,3}|3\.\d+)?-(?P<foo>.+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Naming:
    """The names of one package.

    Attributes:
        source: the source package's and repository's name.
        rule: the id of the rule in `names.toml` that gave it.
        why: the reason, for people.
        binaries: the binary packages, one a stack; the default's first. Empty for an application.
    """

    source: str
    rule: str
    why: str
    binaries: tuple[str, ...]


@cache
def _rules() -> list[dict[str, Any]]:
    text = resources.files("elpython.stacks").joinpath("data", "names.toml").read_text("utf-8")
    rules: list[dict[str, Any]] = tomllib.loads(text)["rule"]
    return rules


def upstream_part(name: str) -> str:
    """Return `foo` of `python-foo`, `python3-foo`, `python311-foo` or `foo`."""
    match = _PREFIX.fullmatch(name)
    return match["foo"] if match else name


def binary_names(name: str, pkgversions: Collection[str]) -> tuple[str, ...]:
    """Return a library's binary packages: `python311-foo`, `python313-foo`."""
    return tuple(f"python{version}-{upstream_part(name)}" for version in pkgversions)


def name_of(
    fedora: str,
    *,
    library: bool,
    base: Collection[str] = (),
    repositories: Collection[str] = (),
    pkgversions: Collection[str] = (),
) -> Naming:
    """Apply the rule table.

    Args:
        fedora: the source package's name in Fedora.
        library: whether it has a package for each stack.
        base: source packages of the base distribution, which must not be replaced.
        repositories: repositories that exist; `python3-foo` among them is kept.
        pkgversions: the stacks' version parts, the default's first.
    """
    foo = upstream_part(fedora)
    python = fedora.startswith("python")
    facts = {
        "in_base": bool({fedora, f"python-{foo}"} & set(base)) if python else fedora in base,
        "repository_python3": python
        and (fedora.startswith("python3-") or f"python3-{foo}" in {*repositories, *base}),
        "library": library,
    }
    for rule in _rules():
        if all(facts[key] == value for key, value in rule["when"].items()):
            names = {"foo": foo, "name": fedora}
            return Naming(
                source=str(rule["source"]).format(**names),
                rule=rule["id"],
                why=str(rule["why"]).format(**names),
                binaries=binary_names(fedora, pkgversions) if library else (),
            )
    raise AssertionError("the last rule of names.toml has no conditions")
