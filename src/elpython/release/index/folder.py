"""Read an index in a folder: what is published, and what waits for signatures."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import TYPE_CHECKING, Any

from securesystemslib.exceptions import StorageError
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root

from elpython.core.errors import UnknownNameError
from elpython.release.errors import BadIndexError
from elpython.release.index.keys import name_of
from elpython.release.index.record import Record, parse_record
from elpython.release.index.waiting import key_changes, record_changes
from elpython.release.receive import read_small

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TOP", "IndexFolder", "target_of"]

TOP = ("root", "targets", "snapshot", "timestamp")


class IndexFolder:
    """An index in a folder: `metadata/`, `targets/`, and what waits for signatures, `pending/`."""

    def __init__(self, folder: Path, now: dt.datetime | None = None) -> None:
        self.folder = folder
        self.now = (now or dt.datetime.now(tz=dt.UTC)).replace(microsecond=0)

    def _published(self, role: str) -> Metadata[Any] | None:
        folder = self.folder / "metadata"
        if role == "timestamp":
            paths = [folder / "timestamp.json"]
        else:
            named = re.compile(rf"([0-9]{{1,18}})\.{re.escape(role)}\.json")
            found = {path: named.fullmatch(path.name) for path in folder.glob(f"*.{role}.json")}
            paths = sorted(
                (path for path, match in found.items() if match),
                key=lambda path: int(path.name.partition(".")[0]),
            )
        if not paths or not paths[-1].is_file():
            return None
        return _load(paths[-1])

    def _pending(self, role: str) -> Metadata[Any] | None:
        path = self.folder / "pending" / f"{role}.json"
        return _load(path) if path.is_file() else None

    def _newest(self, role: str) -> Metadata[Any]:
        found = self._pending(role) or self._published(role)
        if found is None:
            raise BadIndexError(
                f"has no {role}",
                where=str(self.folder),
                todo="begin one: elpython release keys init INDEX ...",
            )
        return found

    def root(self) -> Metadata[Root]:
        """Return the root of trust, the one that waits for signatures included."""
        return self._newest("root")

    def branches(self) -> list[str]:
        """Return the branches that have a role."""
        roles = self._newest("targets").signed.delegations.roles or {}
        return list(roles)

    def record(self, branch: str) -> Record:
        """Return a branch's record, the one that waits for signatures included."""
        return self._held(branch, self._pending(branch) or self._published(branch))

    def _held(self, branch: str, role: Any) -> Record:  # noqa: ANN401 - metadata, or what it signs
        """Return the record that a branch's metadata names; an empty one for none.

        Raises:
            BadIndexError: its file is not there, or is another.
        """
        signed = getattr(role, "signed", role)
        target = signed.targets.get(target_of(branch)) if signed else None
        if target is None:
            return Record(branch=branch)
        sha256 = str(target.hashes.get("sha256", ""))
        path = self.folder / "targets" / branch / f"{sha256}.releases.json"
        data = read_small(path)
        if data is None or hashlib.sha256(data).hexdigest() != sha256:
            raise BadIndexError("is not the record that was signed for", where=str(path))
        return parse_record(data, branch)

    def key_id(self, start: str) -> str:
        """Return the id of the one key that begins so.

        Raises:
            UnknownNameError: none does, or several.
        """
        known = {
            *self.root().signed.keys,
            *self._newest("targets").signed.delegations.keys,
        }
        found = [keyid for keyid in known if keyid.startswith(start)]
        if len(found) != 1:
            raise UnknownNameError(f"{len(found)} keys begin with {start!r}", where="--remove")
        return str(found[0])

    def describe(self) -> list[dict[str, Any]]:
        """Return a row for each role: its keys, threshold, version and expiry."""
        root, targets = self.root().signed, self._newest("targets").signed
        held = {
            **{name: (root.roles[name], root.keys) for name in TOP},
            **{
                name: (role, targets.delegations.keys)
                for name, role in (targets.delegations.roles or {}).items()
            },
        }
        rows = []
        for name, (role, known) in held.items():
            found = self._published(name)
            rows.append(
                {
                    "role": name,
                    "threshold": role.threshold,
                    "keys": [f"{name_of(known[item])} {item[:12]}" for item in role.keyids],
                    "version": found.signed.version if found else 0,
                    "expires": f"{found.signed.expires:%Y-%m-%d}" if found else "",
                }
            )
        return rows

    def waiting(self) -> dict[str, int]:
        """Return role -> how many signatures are missing."""
        return {role: self._missing(role) for role in self._pending_roles()}

    def _pending_roles(self) -> list[str]:
        known = {*TOP, *self._delegated()}
        names = {path.stem for path in (self.folder / "pending").glob("*.json")} & known
        first = [role for role in ("root", "targets") if role in names]
        return first + sorted(names - set(first))

    def _delegated(self) -> set[str]:
        found = self._pending("targets") or self._published("targets")
        roles = found.signed.delegations.roles if found and found.signed.delegations else None
        return set(roles or {})

    def _missing(self, role: str) -> int:
        metadata = self._pending(role)
        if metadata is None:
            return 0
        if role == "root":
            old = self._published("root")
            judges = [metadata.signed, *([old.signed] if old else [])]
        elif role == "targets":
            judges = [self.root().signed]
        else:
            judges = [self._newest("targets").signed]
        counts = [
            judge.get_verification_result(role, metadata.signed_bytes, metadata.signatures).missing
            for judge in judges
        ]
        return int(max(counts))

    def changes(self) -> dict[str, list[str]]:
        """Return role -> a line for each thing that would change, of what waits for signatures."""
        found = {}
        for role in self._pending_roles():
            new, old = self._newest(role).signed, self._published(role)
            if role in TOP:
                found[role] = key_changes(new, old.signed if old else None)
            else:
                found[role] = record_changes(self._held(role, new), self._held(role, old))
            found[role].append(f"counts until {new.expires:%Y-%m-%d}")
        return found


def _load(path: Path) -> Metadata[Any]:
    try:
        return Metadata.from_file(str(path))
    except (RepositoryError, StorageError, ValueError) as error:
        raise BadIndexError(str(error), where=str(path)) from error


def target_of(branch: str) -> str:
    """Return what a branch's record is called in the metadata."""
    return f"{branch}/releases.json"
