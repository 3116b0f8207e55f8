"""Make and change an index: metadata of The Update Framework, served by any web server.

Roles: `root` and `targets` are signed by the root keys, which stay offline; each branch has a role
of its own, signed by the release keys; `snapshot` and `timestamp` are signed by one online key.
What lacks signatures lies in `pending/` until its threshold is reached.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any

from tuf.api.exceptions import UnsignedMetadataError
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

from elpython.core.errors import UsageError
from elpython.core.store import disk_errors, write_atomic
from elpython.release.errors import BadIndexError, SigningError
from elpython.release.index.folder import TOP, IndexFolder, target_of
from elpython.release.index.plan import refuse_threshold, refuse_unknown
from elpython.release.index.record import Record, dump_record
from elpython.release.index.waiting import (
    record_problems,
    role_problems,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from securesystemslib.signer import CryptoSigner, Key

    from elpython.release.index.plan import IndexPlan

__all__ = ["BRANCH_DAYS", "Repository"]

ROOT_DAYS = 365
BRANCH_DAYS = 200
ONLINE_DAYS = 14


class Repository(IndexFolder):
    """An index to be changed."""

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

    def init(self, plan: IndexPlan) -> None:
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
        if branch in self.branches() or branch in TOP:
            raise UsageError(f"there is a role {branch!r} already")
        targets = self._renew("targets", ROOT_DAYS)
        threshold = targets.unrecognized_fields["x-elpython-threshold"]
        targets.delegations.roles[branch] = DelegatedRole(
            branch, list(targets.delegations.keys), threshold, terminating=True,
            paths=[target_of(branch)],
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
        target = TargetFile(len(data), {"sha256": digest}, target_of(branch))
        signed.targets = {target_of(branch): target}
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
            self._refuse_odd(role)
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

    def _refuse_odd(self, role: str) -> None:
        """Refuse to sign what this tool would not have written: it came from another keeper.

        Raises:
            SigningError: tells what is odd about it.
        """
        new, old = self._newest(role).signed, self._published(role)
        days = ROOT_DAYS if role in TOP else BRANCH_DAYS
        latest = self.now + dt.timedelta(days=days)
        problems = role_problems(role, new, old.signed if old else None, latest)
        if role not in TOP and not problems:
            problems = record_problems(self._held(role, new), self._held(role, old))
        if problems:
            raise SigningError(
                "what waits is not what a keeper's tool writes; nothing was signed",
                where=str(self.folder / "pending" / f"{role}.json"),
                details=tuple(problems[:20]),
                todo="ask who wrote it; remove it from `pending` and make the change again",
            )

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
