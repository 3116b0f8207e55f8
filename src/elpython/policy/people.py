"""The rules that look at people: approvals and the contributor agreement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.policy.model import FINDING, REMARK, Participant, Said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.policy.model import Subject, Unit, World

__all__ = ["agreements", "approvals"]

_HOW = "the merge commit (or a commit of the pull request) needs the trailer"


def _wrong_approvals(world: World, unit: Unit) -> Iterator[str]:
    """Yield what keeps a unit from being approved, one line a cause."""
    people, policy = world.people, world.policy
    good: dict[str, Participant] = {}
    for email in unit.approvals:
        who = people.of(email)
        if who is None:
            yield f"{email} approved it, but takes no part (branches/maintainers.toml)"
        elif not who.approves:
            yield f"{who.name} approved it, but may not approve"
        elif any(people.of(author) is who for author in unit.authors) or email in unit.authors:
            yield f"{who.name} approved what is their own"
        else:
            good[who.name] = who
    if len(good) < policy.needed:
        yield f"{len(good)} of {policy.needed} approvals"
    homes = {who.organisation for author in unit.authors if (who := people.of(author)) is not None}
    strangers = [author for author in unit.authors if people.of(author) is None]
    others = [who for who in good.values() if who.organisation not in homes]
    if strangers:
        yield f"the organisation of its author {strangers[0]} is not known"
    elif len(others) < policy.from_others:
        yield f"{len(others)} of {policy.from_others} approvals from another organisation"


def approvals(subject: Subject) -> Iterator[Said]:
    """Enough participants approved each unit of history that brought the change."""
    world = subject.world
    units = subject.units
    wrong = [(unit, list(_wrong_approvals(world, unit))) for unit in units]
    bad = [(unit, causes) for unit, causes in wrong if causes]
    if world.people.bootstrap:
        if bad or not units:
            yield Said(
                "not approved: bootstrap",
                "bootstrap = false in branches/maintainers.toml makes this a finding",
                REMARK,
            )
        return
    if not units:
        yield Said(
            "is not committed: nobody can have approved it", "commit it, and ask for approvals"
        )
    for unit, causes in bad:
        yield Said(
            f"commit {unit.commit[:12]} is not approved: {'; '.join(causes)}",
            f"{_HOW} Approved-by: NAME <ADDRESS>, of {world.policy.needed} participants",
            FINDING,
        )


def agreements(subject: Subject) -> Iterator[Said]:
    """Every author of the change has signed, and a trailer says so."""
    world = subject.world
    if world.people.bootstrap:
        return
    for unit in subject.units:
        for author in unit.authors:
            who = world.people.of(author)
            marks = {world.people.of(email) or email for email in unit.agreements}
            if (who or author) not in marks:
                yield Said(
                    f"commit {unit.commit[:12]}: no CLA mark for its author {author}",
                    f"{_HOW} CLA: NAME <ADDRESS>",
                )
            elif who is None or who.cla is None:
                yield Said(
                    f"commit {unit.commit[:12]}: {author} is marked, but has not signed",
                    "sign the agreement, and add the day as cla in branches/maintainers.toml",
                )
            elif who.cla > unit.day:
                yield Said(
                    f"commit {unit.commit[:12]}: {who.name} signed only on {who.cla}",
                    "the author commits it anew, or states the agreement for it",
                )
