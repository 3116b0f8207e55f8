"""The table of commands: all that `elpython --help` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elpython.cli.lazy import Rows

__all__ = ["COMMANDS", "ELSEWHERE", "GROUPS", "SECTIONS"]

# Sorted by name; a test holds it.
COMMANDS: Rows = {
    "branch": ("groups", "branch", "Define branches: list, show, open, lint, prepare."),
    "build": ("build.build", "build", "Build a branch's interpreter."),
    "contract": ("contract.contract", "contract", "Prove that nothing has to be rebuilt."),
    "doctor": ("build.build", "doctor", "Check what this machine lacks for building."),
    "fix": ("groups", "fix", "Bring in fixes, test them, show what is open."),
    "info": ("groups", "info", "Show what a Python is, and what a built branch can do."),
    "mass-rebuild": ("mass_rebuild.rebuild", "rebuild", "Rebuild packages for a new interpreter."),
    "project": ("groups", "project", "Ask what a project needs of Python; test matrix; wheels."),
    "release": ("groups", "release", "Make, compare, rebrand and package EL releases."),
    "rollback": ("install.upgrade", "rollback", "Put back a prefix's former interpreter."),
    "schedule": ("schedule.schedule", "schedule", "Plan releases: models, windows, calendars."),
    "site": ("site.site", "site", "Write the static web pages."),
    "stack": ("stack.stack", "stack", "Keep python3X stacks side by side: transition, specs."),
    "store": ("store.store", "store", "Show what is kept on this machine, and prune it."),
    "stream": ("groups", "stream", "Run a rolling stream of pre-freeze releases (PEP 605)."),
    "upgrade": ("install.upgrade", "upgrade", "Replace a prefix's interpreter, in place."),
    "verify": ("release.release", "verify", "Verify a release that somebody published."),
    "versions": ("info.identity", "versions", "Parse, order and convert EL versions."),
}

# The headings of `--help`, by reader.
SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Maintainers of branches",
        ("branch", "fix", "build", "doctor", "store", "contract", "release"),
    ),
    ("Platform and security teams", ("verify", "upgrade", "rollback", "info")),
    ("Developers and library publishers", ("project", "versions")),
    ("Distributions", ("stream", "schedule", "stack", "mass-rebuild", "site")),
)

GROUPS: dict[str, Rows] = {
    "branch": {
        "export": ("branch.branches", "export", "Write a branch's changes as a quilt series."),
        "lint": ("branch.branches", "lint_branches", "Report every problem of every branch."),
        "list": ("branch.branches", "branches", "List the branches."),
        "lock": ("branch.branches", "lock", "Record the content of each branch's changes."),
        "mirror": ("branch.mirror", "mirror", "Write all inputs of branches into one folder."),
        "new": ("branch.branches", "new_branch", "Open a branch on a new base."),
        "policy": ("branch.policy", "policy", "Hold the rules of what a branch may take."),
        "prepare": ("branch.branches", "prepare", "Prepare a branch's source tree."),
        "rebase": ("branch.rebase", "rebase", "Move a branch to a newer release of its base."),
        "show": ("branch.branches", "show", "Show a branch: its changes in order."),
        "toggles": ("branch.toggles", "toggles", "List the behaviours that can be switched."),
    },
    "fix": {
        "advisories": ("fix.advisories", "advisories", "Write our advisories: OSV, CSAF, VEX."),
        "follow": ("fix.follow", "follow", "Follow what was taken: later fixes to it."),
        "import": ("fix.backport", "import_command", "Import patches of a distribution."),
        "news": ("fix.upstream_watch", "upstream_watch", "List fixes that upstream's NEWS has."),
        "record": ("fix.status", "record", "Record what the changes fix."),
        "status": ("fix.status", "status", "Show what a branch does about each vulnerability."),
        "test": ("fix.test", "test", "Run the tests that come with a branch's changes."),
        "watch": ("fix.watch", "watch", "Ask every feed what became known."),
    },
    "info": {
        "demo": ("info.demo", "demo", "Show a built branch in a short table."),
        "identity": ("info.identity", "identity", "Identify a Python: CPython, EL Python, other."),
    },
    "project": {
        "features": ("project.features", "features", "List features: available where, since when."),
        "matrix": ("project.needs", "matrix", "Print a project's test matrix."),
        "needs": ("project.needs", "needs", "List which Pythons a project needs, and why."),
        "stubs": ("project.stubs", "stubs", "Build type stubs with the branches' features."),
        "wheel": ("project.wheel", "wheel", "Mark wheels that need EL Python; check wheels."),
    },
    "release": {
        "diff": ("release.redistribute", "diff", "Compare two EL releases."),
        "index": (
            "release.index",
            "index",
            "Say which releases are current: add, revoke, refresh.",
        ),
        "keys": (
            "release.keys",
            "keys",
            "Keep the index's keys: init, sign, rotate, revoke, show.",
        ),
        "make": ("release.release", "release", "Make an EL release: archive, SBOMs, signature."),
        "package": ("release.redistribute", "package", "Write and build packages of a release."),
        "rebrand": ("release.redistribute", "rebuild_release", "Rebuild a release in your name."),
    },
    "stream": {
        "announce": ("stream.texts", "announce_command", "Write the announcement of a release."),
        "check": (
            "stream.check",
            "check_command",
            "Check the ABI markers of commits before a merge.",
        ),
        "classify": (
            "stream.classify",
            "classify_command",
            "Decide: is the next release alpha or beta?",
        ),
        "flag": (
            "stream.release",
            "flag_command",
            "Show a release's ABI tags, with the pre-freeze flag.",
        ),
        "layout": (
            "stream.classify",
            "layout_command",
            "Measure what public headers fix for modules.",
        ),
        "ledger": (
            "stream.release",
            "ledger_command",
            "Show a series' last ABI change and addition.",
        ),
        "next": ("stream.release", "next_command", "Show the next version, its day, and why."),
        "order": ("stream.release", "order_command", "Show what other tools sort wrong."),
        "plan": ("stream.gates", "plan_command", "Plan a series from its final release."),
        "rebuild": (
            "stream.publish",
            "rebuild_command",
            "List wheels that have to be built again.",
        ),
        "record": ("stream.release", "record_command", "Write a release into the ledger."),
        "release": ("stream.gates", "release_command", "Walk the gates before a release."),
        "replay": (
            "stream.texts",
            "replay_command",
            "Label real pre-releases as PEP 605 would have.",
        ),
        "requires": (
            "stream.publish",
            "requires_command",
            "Print a project's metadata after a break.",
        ),
        "rollback": (
            "stream.texts",
            "rollback_command",
            "Try what an older Python reads of newer data.",
        ),
        "whatsnew": (
            "stream.texts",
            "whatsnew_command",
            "Write What's New's section on the stream.",
        ),
    },
}

# What people look for under another name.
ELSEWHERE: dict[str, tuple[str, ...]] = {
    name: tuple(f"{group} {name}" for group, rows in GROUPS.items() if name in rows)
    for name in sorted({name for rows in GROUPS.values() for name in rows})
} | {
    "backport": ("fix import",),
    "branches": ("branch list",),
    "cve": ("fix status",),
    "lint-branches": ("branch lint",),
    "new-branch": ("branch new",),
    "rebuild": ("mass-rebuild", "stream rebuild"),
    "rebuild-release": ("release rebrand",),
    "upstream-watch": ("fix news",),
}
