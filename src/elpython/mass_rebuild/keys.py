"""What a build is kept under: the hash of everything that goes into its product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.core.store import key_of
from elpython.core.toolchain import VERSION
from elpython.mass_rebuild.plain import to_plain

if TYPE_CHECKING:
    from elpython.mass_rebuild.model import Artifact, Package, RebuildPlan

__all__ = ["content_key"]


def content_key(
    plan: RebuildPlan, package: Package, inputs: tuple[Artifact, ...], contain: str
) -> str:
    """Return the key of a build: the hash of everything that goes into its product.

    Only digests of what it is built with go in, so that a package whose rebuild gave the same
    bytes rebuilds nothing after it.
    """
    return key_of(
        {
            "tool": VERSION.partition(".dev")[0],
            "backend": plan.backend,
            "package": [package.name, package.version, package.bootstrap],
            "source": package.source.sha256 if package.source else "",
            "python": [plan.interpreter.version, plan.interpreter.soabi, plan.interpreter.prefix],
            "inputs": sorted([item.filename, item.sha256] for item in inputs),
            "options": to_plain(package.options),
            "macros": plan.macros,
            "contain": contain,
        }
    )
