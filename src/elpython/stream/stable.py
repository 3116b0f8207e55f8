"""The stable ABI's list, `Misc/stable_abi.toml`: what a beta has shipped stays."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elpython.stream.findings import StreamFinding, finding
from elpython.stream.history import blobs, git
from elpython.stream.release import BadReleaseError, Release, parse_release

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["PATH", "Shipped", "compare_stable", "read_stable", "shipped_at", "stable_findings"]

PATH = "Misc/stable_abi.toml"

_KINDS = ("struct", "function", "const", "macro", "data", "typedef")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shipped:
    """What counts as shipped.

    Attributes:
        revision: commit whose list holds it.
        why: which release that is, for messages.
    """

    revision: str
    why: str


def read_stable(text: str) -> dict[str, Mapping[str, Any]]:
    """Return the items of a list by `kind.name`.

    Raises:
        ValueError: it is invalid TOML, or an item is no table.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for kind, items in tomllib.loads(text).items():
        if kind not in _KINDS:
            continue
        for name, details in items.items():
            if not isinstance(details, dict):
                raise ValueError(f"{kind}.{name} is no table")  # noqa: TRY004 - one error to catch
            found[f"{kind}.{name}"] = details
    return found


def compare_stable(
    shipped: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]], why: str
) -> list[StreamFinding]:
    """Return what a list lost or changed of what was shipped.

    Args:
        shipped: items that a beta, candidate or final release has shipped.
        now: items at the end of the range.
        why: which release shipped them.
    """
    found = []
    elsewhere = {key.partition(".")[2]: key for key in now}
    for key, old in shipped.items():
        kind, _, name = key.partition(".")
        if key not in now:
            other = elsewhere.get(name)
            if other:
                what = f"{name} was a {kind} in {why} and is a {other.partition('.')[0]} now"
                found.append(finding("stable-abi-changed", what, path=PATH, symbol=name))
            else:
                what = f"{kind} {name} is gone; {why} has shipped it"
                found.append(finding("stable-abi-lost", what, path=PATH, symbol=name))
            continue
        found += [
            finding("stable-abi-changed", f"{kind} {name}: {what} (shipped in {why})", path=PATH,
                    symbol=name)
            for what in _changed(old, now[key])
        ]  # fmt: skip
    return found


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    changes = [
        f"{field!r} was {old.get(field)!r} and is {new.get(field)!r}"
        for field in ("added", "struct_abi_kind", "ifdef")
        if old.get(field) != new.get(field)
    ]
    lost = [item for item in old.get("members", ()) if item not in new.get("members", ())]
    return changes + [f"member {item} is gone" for item in lost]


def shipped_at(repo: Path, base: str) -> Shipped:
    """Say which list counts as shipped: that of the last tagged beta, candidate or final release.

    Args:
        repo: the repository.
        base: the revision before the range; without such a tag before it, its own list counts.
    """
    names = git(repo, "tag", "--list", "--merged", base, "v*").stdout.split()
    known: list[tuple[Release, str]] = []
    for name in names:
        try:
            known.append((parse_release(name), name))
        except BadReleaseError:
            continue
    kept = [item for item in known if item[0].level != "alpha"]
    if not kept:
        return Shipped(revision=base, why=f"the base {base[:12]}")
    release, tag = max(kept)
    return Shipped(revision=tag, why=str(release))


def stable_findings(repo: Path, base: str, head: str) -> list[StreamFinding]:
    """Compare the list at the head with what was shipped; nothing where there is no list."""
    shipped = shipped_at(repo, base)
    ids = {rev: _blob(repo, rev) for rev in (shipped.revision, head)}
    if not ids[shipped.revision] or ids[shipped.revision] == ids[head]:
        return []
    if not ids[head]:
        return [finding("stable-abi-lost", f"{PATH} is gone; {shipped.why} has it", path=PATH)]
    contents = blobs(repo, ids.values())
    try:
        old = read_stable(contents[ids[shipped.revision]].decode())
        new = read_stable(contents[ids[head]].decode())
    except (ValueError, AttributeError) as error:
        return [finding("stable-abi-unreadable", f"{error}", path=PATH)]
    return compare_stable(old, new, shipped.why)


def _blob(repo: Path, revision: str) -> str:
    """Return the id of the list's blob at a revision; empty when it is not there."""
    found = git(repo, "rev-parse", "--verify", "--quiet", f"{revision}:{PATH}", check=False)
    return found.stdout.strip() if found.returncode == 0 else ""
