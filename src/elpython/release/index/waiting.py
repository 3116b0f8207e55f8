"""What waits for signatures: it travels between keepers, so nobody signs it unseen.

A keeper's key signs only what this tool would have written, and the keeper is told what it changes.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from elpython.core.text import hides
from elpython.release.errors import BadIndexError
from elpython.release.index.keys import name_of
from elpython.release.index.plan import twin_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from securesystemslib.signer import Key
    from tuf.api.metadata import Role, Root, Targets

    from elpython.release.index.record import Record

__all__ = ["key_changes", "record_changes", "record_problems", "role_problems"]

_SKEW = dt.timedelta(days=1)


def role_problems(role: str, new: Any, old: Any, latest: dt.datetime) -> list[str]:  # noqa: ANN401
    """Return what in a role's metadata nobody should sign.

    Args:
        role: `root`, `targets` or a branch.
        new: what waits.
        old: what is published; None for nothing.
        latest: until when it may count.
    """
    problems = []
    version = (old.version if old else 0) + 1
    if new.version != version:
        problems.append(f"has version {new.version}, and the next is {version}")
    if new.expires > latest + _SKEW:
        problems.append(f"would count until {new.expires:%Y-%m-%d}, a role of its kind does not")
    if role == "root":
        problems += _root_problems(new)
    elif role == "targets":
        problems += _targets_problems(new)
    elif set(new.targets) != {f"{role}/releases.json"} or new.delegations is not None:
        problems.append("says more than what the releases of its branch are")
    return problems


def _root_problems(new: Root) -> Iterator[str]:
    yield from twin_problems(new.keys)
    for name, role in new.roles.items():
        yield from _threshold(name, role)


def _targets_problems(new: Targets) -> Iterator[str]:
    if new.targets:
        yield "names files itself, which only branches do"
    if new.delegations is None:
        return
    yield from twin_problems(new.delegations.keys)
    for name, role in (new.delegations.roles or {}).items():
        yield from _threshold(name, role)
        if role.paths != [f"{name}/releases.json"] or not role.terminating:
            yield f"lets {name!r} speak for {role.paths}"


def _threshold(name: str, role: Role) -> Iterator[str]:
    if not 1 <= role.threshold <= len(set(role.keyids)):
        yield f"the threshold of {name!r} is {role.threshold} of {len(set(role.keyids))} key(s)"


def record_problems(new: Record, old: Record) -> list[str]:
    """Return what a branch's record takes back: a release, a revocation, a retired key.

    Args:
        new: what waits.
        old: what is published.
    """
    problems = []
    now = {row.version: row for row in new.rows}
    for row in old.rows:
        found = now.get(row.version)
        if found is None:
            problems.append(f"takes {row.version} out of the index")
        elif row.revoked and found.revoked != row.revoked:
            problems.append(f"takes back that {row.version} was revoked")
        elif (found.manifest_sha256, found.recorded, found.supersedes) != (
            row.manifest_sha256,
            row.recorded,
            row.supersedes,
        ):
            problems.append(f"says something else about {row.version} than was published")
    problems += [
        f"takes back that the key {item.key} signs no more"
        for item in old.retired
        if item not in new.retired
    ]
    return problems


def record_changes(new: Record, old: Record) -> list[str]:
    """Return a line for each thing that a branch's record would say anew."""
    before = {row.version: row for row in old.rows}
    lines = []
    for row in new.rows:
        known = before.get(row.version)
        if known is None:
            over = f", supersedes {', '.join(row.supersedes)}" if row.supersedes else ""
            lines.append(f"takes in {row.version} (manifest {row.manifest_sha256[:16]}...){over}")
        if row.revoked and (known is None or known.revoked is None):
            lines.append(f"revokes {row.version}: {row.revoked.reason}")
    lines += [
        f"retires the key {item.key} since {item.since:%Y-%m-%d}: {item.reason}"
        for item in new.retired
        if item not in old.retired
    ]
    return lines


def _held(signed: Any) -> Iterator[tuple[str, Role, Mapping[str, Key]]]:  # noqa: ANN401
    if signed is None:
        return
    if signed.type == "root":
        for name, role in signed.roles.items():
            yield name, role, signed.keys
    elif signed.delegations is not None:
        for name, role in (signed.delegations.roles or {}).items():
            yield name, role, signed.delegations.keys


def _called(key: Key, keyid: str) -> str:
    name = name_of(key)
    return f"{ascii(name) if hides(name) else name} ({keyid[:12]})"


def key_changes(new: Any, old: Any) -> list[str]:  # noqa: ANN401 - root or targets
    """Return a line for each key and threshold that `root` or `targets` would change.

    Raises:
        BadIndexError: a role names a key that is not there.
    """
    before = {name: (role, keys) for name, role, keys in _held(old)}
    lines = []
    for name, role, keys in _held(new):
        was, known = before.pop(name, (None, {}))
        had = set(was.keyids) if was else set()
        try:
            lines += [
                f"{name}: adds {_called(keys[item], item)}" for item in role.keyids
                if item not in had
            ]  # fmt: skip
            lines += [
                f"{name}: removes {_called(known[item], item)}" for item in sorted(had)
                if item not in role.keyids
            ]  # fmt: skip
        except KeyError as error:
            raise BadIndexError(f"the role {name!r} names a key that is not there") from error
        if was is None or was.threshold != role.threshold:
            lines.append(f"{name}: {role.threshold} of {len(role.keyids)} have to sign")
    return lines + [f"{name}: is gone" for name in before]
