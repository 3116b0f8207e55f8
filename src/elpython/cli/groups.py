"""The groups of commands whose modules are imported only when one of them runs."""

from __future__ import annotations

from elpython.cli.lazy import lazy_group
from elpython.cli.table import GROUPS

__all__ = ["branch", "fix", "info", "project", "release", "stream"]

branch = lazy_group(
    "branch",
    "Define branches of EL Python: list, show, open, lint, prepare, hold to the policy.",
    GROUPS["branch"],
)
fix = lazy_group(
    "fix",
    "Bring fixes into branches: what is known, what is open, import, test.",
    GROUPS["fix"],
)
info = lazy_group("info", "Show what an interpreter is and can do.", GROUPS["info"])
project = lazy_group(
    "project",
    "Ask what a project needs of Python, what to test on, and which wheels to mark.",
    GROUPS["project"],
)
release = lazy_group(
    "release",
    "Make EL releases: archive, patches, SBOMs, signature; compare, rebrand, package.",
    GROUPS["release"],
)
stream = lazy_group(
    "stream",
    "Run a rolling stream of pre-freeze releases: alpha for an ABI break, else beta (PEP 605).",
    GROUPS["stream"],
)
