"""Make and change an index: metadata of The Update Framework, served by any web server.

Roles: `root` and `targets` are signed by the root keys, which stay offline; each branch has a role
of its own, signed by the release keys; `snapshot` and `timestamp` are signed by one online key.
What lacks signatures lies in `pending/` until its threshold is reached.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any

from securesystemslib.exceptions import StorageError
from tuf.api.exceptions import RepositoryError, UnsignedMetadataError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from elpython.core.errors import UnknownNameError, UsageError
from elpython.core.store import disk_errors, write_atomic
from elpython.release.errors import BadIndexError, SigningError
from elpython.release.index.keys import name_of
from elpython.release.index.plan import refuse_threshold, refuse_unknown
from elpython.release.index.record import Record, dump_record, parse_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from securesystemslib.signer import CryptoSigner, Key

    from elpython.release.index.plan import Plan

__all__ = ["BRANCH_DAYS", "Repository"]

ROOT_DAYS = 365
BRANCH_DAYS = 200
ONLINE_DAYS = 14
_TOP = ("root", "targets", "snapshot", "timestamp")


class Repository:
    """An index in a folder: `metadata/`, `targets/`, and what waits for signatures, `pending/`."""

    def __init__(self, folder: Path, now: dt.datetime | None = None) -> None:
        self.folder = folder
        self.now = (now or dt.datetime.now(tz=dt.UTC)).replace(microsecond=0)

    # -- reading ---------------------------------------------------------------------------------

    def _published(self, role: str) -> Metadata[Any] | None:
        folder = self.folder / "metadata"
        if role == "timestamp":
            paths = [folder / "timestamp.json"]
        else:
            paths = sorted(
                folder.glob(f"*.{role}.json"),
                key=lambda path: int(path.name.partition(".")[0]),
            )
            paths = [path for path in paths if path.name.partition(".")[2] == f"{role}.json"]
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
        for role in (self._pending(branch), self._published(branch)):
            target = role.signed.targets.get(_target(branch)) if role else None
            if target:
                name = f"{target.hashes['sha256']}.releases.json"
                return parse_record((self.folder / "targets" / branch / name).read_bytes(), branch)
        return Record(branch=branch)

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
            **{name: (root.roles[name], root.keys) for name in _TOP},
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
        names = {path.stem for path in (self.folder / "pending").glob("*.json")}
        first = [role for role in ("root", "targets") if role in names]
        return first + sorted(names - set(first))

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

    # -- changing --------------------------------------------------------------------------------

    def _stage(self, role: str, signed: Any) -> None:  # noqa: ANN401 - any of the four kinds
        path = self.folder / "pending" / f"{role}.json"
        write_atomic(path, Metadata(signed).to_bytes())

    def _renew(self, role: str, days: int) -> Any:  # noqa: ANN401 - any of the four kinds
        """Return the newest content of a role, to be changed, with the next version and expiry."""
        published, pending = self._published(role), self._pending(role)
        metadata = pending or published
        if metadata is None:
            raise BadIndexError(f"has no {role}", where=str(self.folder))
        metadata.signed.version = (published.signed.version if published else 0) + 1
        metadata.signed.expires = self.now + dt.timedelta(days=days)
        return metadata.signed

    def init(self, plan: Plan) -> None:
        """Begin an index; nothing is published before the root keys have signed.

        Raises:
            UsageError: there is one already, or its thresholds cannot be reached.
        """
        plan.check()
        if self._published("root") or self._pending("root"):
            raise UsageError("an index already exists", where=str(self.folder))
        keys = {key.keyid: key for key in (*plan.root, plan.online)}
        top = [key.keyid for key in plan.root]
        roles = {
            "root": Role(top, plan.root_threshold),
            "targets": Role(top, plan.root_threshold),
            "snapshot": Role([plan.online.keyid], 1),
            "timestamp": Role([plan.online.keyid], 1),
        }
        expires = self.now + dt.timedelta(days=ROOT_DAYS)
        self._stage("root", Root(version=1, expires=expires, keys=keys, roles=roles))
        delegations = Delegations({key.keyid: key for key in plan.release}, {})
        targets = Targets(version=1, expires=expires, delegations=delegations)
        targets.unrecognized_fields["x-elpython-threshold"] = plan.release_threshold
        self._stage("targets", targets)

    def add_branch(self, branch: str) -> None:
        """Give a branch a role, signed by the release keys; the root keys have to sign for it."""
        if branch in self.branches() or branch in _TOP:
            raise UsageError(f"there is a role {branch!r} already")
        targets = self._renew("targets", ROOT_DAYS)
        threshold = targets.unrecognized_fields["x-elpython-threshold"]
        targets.delegations.roles[branch] = DelegatedRole(
            branch, list(targets.delegations.keys), threshold, terminating=True,
            paths=[_target(branch)],
        )  # fmt: skip
        self._stage("targets", targets)

    def put(self, record: Record) -> None:
        """Write a branch's record; it counts once the release keys have signed."""
        branch = record.branch
        if branch not in self.branches():
            raise UsageError(
                f"the index has no branch {branch}",
                where=str(self.folder),
                todo=f"the root keys add it: elpython release keys add-branch INDEX {branch}",
            )
        data = dump_record(record)
        digest = hashlib.sha256(data).hexdigest()
        write_atomic(self.folder / "targets" / branch / f"{digest}.releases.json", data)
        if self._published(branch) or self._pending(branch):
            signed = self._renew(branch, BRANCH_DAYS)
        else:
            signed = Targets(version=1, expires=self.now + dt.timedelta(days=BRANCH_DAYS))
        target = TargetFile(len(data), {"sha256": digest}, _target(branch))
        signed.targets = {_target(branch): target}
        self._stage(branch, signed)

    def rotate(
        self, role: str, *, add: Iterable[Key] = (), remove: Iterable[str] = (), threshold: int = 0
    ) -> None:
        """Exchange keys of a role; the root keys have to sign for it, old and new.

        Args:
            role: `root`, `release` or `online`.
            add: public keys.
            remove: key ids.
            threshold: how many have to sign from now on; 0 leaves it as it is.

        Raises:
            UsageError: no such key, or a threshold that cannot be reached.
        """
        if role == "release":
            self._rotate_release(list(add), list(remove), threshold)
            return
        root = self._renew("root", ROOT_DAYS)
        for name in ("root", "targets") if role == "root" else ("snapshot", "timestamp"):
            for key in add:
                root.add_key(key, name)
            for keyid in remove:
                refuse_unknown(keyid, root.roles[name].keyids)
                root.revoke_key(keyid, name)
            root.roles[name].threshold = threshold or root.roles[name].threshold
            refuse_threshold(root.roles[name])
        self._stage("root", root)
        if role == "root":
            self._stage("targets", self._renew("targets", ROOT_DAYS))

    def _rotate_release(self, add: list[Key], remove: list[str], threshold: int) -> None:
        targets = self._renew("targets", ROOT_DAYS)
        delegations = targets.delegations
        for key in add:
            delegations.keys[key.keyid] = key
        for keyid in remove:
            refuse_unknown(keyid, delegations.keys)
            del delegations.keys[keyid]
        targets.unrecognized_fields["x-elpython-threshold"] = threshold = (
            threshold or targets.unrecognized_fields["x-elpython-threshold"]
        )
        for role in delegations.roles.values():
            role.keyids, role.threshold = list(delegations.keys), threshold
            refuse_threshold(role)
        self._stage("targets", targets)
        for branch in delegations.roles:
            if self._published(branch) or self._pending(branch):
                self._stage(branch, self._renew(branch, BRANCH_DAYS))

    def sign(self, signers: Sequence[CryptoSigner]) -> dict[str, int]:
        """Sign all that waits and that a key counts for; publish what has enough signatures.

        Returns:
            Role -> how many signatures are still missing.

        Raises:
            SigningError: a key counts for nothing that waits.
        """
        used: set[str] = set()
        for role in self._pending_roles():
            metadata = self._newest(role)
            allowed = self._allowed(role)
            for signer in signers:
                if signer.public_key.keyid in allowed:
                    metadata.sign(signer, append=True)
                    used.add(signer.public_key.keyid)
            write_atomic(self.folder / "pending" / f"{role}.json", metadata.to_bytes())
        for signer in signers:
            if signer.public_key.keyid not in used:
                raise SigningError(
                    f"the key {signer.public_key.keyid[:12]} counts for nothing that waits here",
                    where=str(self.folder),
                    todo="elpython release keys show INDEX",
                )
        return self._publish()

    def _allowed(self, role: str) -> set[str]:
        if role == "root":
            old = self._published("root")
            roots = [self._newest("root"), *([old] if old else [])]
            return {keyid for item in roots for keyid in item.signed.roles["root"].keyids}
        if role == "targets":
            return set(self.root().signed.roles["targets"].keyids)
        return set(self._newest("targets").signed.delegations.roles[role].keyids)

    def _publish(self) -> dict[str, int]:
        missing: dict[str, int] = {}
        for role in self._pending_roles():
            missing[role] = self._missing(role)
            # A role is published after the one that vouches for it.
            before = {"targets": "root"}.get(role, "targets" if role != "root" else "")
            if missing[role] == 0 and not missing.get(before):
                metadata = self._newest(role)
                name = f"{metadata.signed.version}.{role}.json"
                with disk_errors(self.folder):
                    (self.folder / "metadata").mkdir(parents=True, exist_ok=True)
                    (self.folder / "pending" / f"{role}.json").rename(
                        self.folder / "metadata" / name
                    )
        return {role: count for role, count in missing.items() if count}

    def refresh(self, signer: CryptoSigner, days: int = ONLINE_DAYS) -> dt.datetime:
        """Sign snapshot and timestamp over what is published; return when that expires.

        Raises:
            BadIndexError: a role is not published.
            SigningError: it is not the online key.
        """
        root = self._published("root")
        targets = self._published("targets")
        if root is None or targets is None:
            raise BadIndexError(
                "root or targets wait for signatures: there is nothing to publish",
                where=str(self.folder),
                todo="elpython release keys sign INDEX --key KEY",
            )
        meta = {"targets.json": MetaFile(targets.signed.version)}
        for branch in targets.signed.delegations.roles:
            found = self._published(branch)
            if found:
                meta[f"{branch}.json"] = MetaFile(found.signed.version)
        expires = self.now + dt.timedelta(days=days)
        old = self._published("snapshot")
        snapshot = Snapshot((old.signed.version if old else 0) + 1, expires=expires, meta=meta)
        before = self._published("timestamp")
        timestamp = Timestamp(
            (before.signed.version if before else 0) + 1,
            expires=expires,
            snapshot_meta=MetaFile(snapshot.version),
        )
        for role, signed in (("snapshot", snapshot), ("timestamp", timestamp)):
            metadata: Metadata[Any] = Metadata(signed)
            metadata.sign(signer)
            try:
                root.signed.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
            except UnsignedMetadataError as error:
                raise SigningError(
                    "is not the online key of this index", where=str(self.folder)
                ) from error
            name = "timestamp.json" if role == "timestamp" else f"{snapshot.version}.snapshot.json"
            write_atomic(self.folder / "metadata" / name, metadata.to_bytes())
        return expires


def _load(path: Path) -> Metadata[Any]:
    try:
        return Metadata.from_file(str(path))
    except (RepositoryError, StorageError, ValueError) as error:
        raise BadIndexError(str(error), where=str(path)) from error


def _target(branch: str) -> str:
    return f"{branch}/releases.json"
