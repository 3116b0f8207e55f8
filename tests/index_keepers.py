"""The keepers of a real index, for its tests."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.release.index.client import read_index
from elpython.release.index.keys import load_key, load_signer, new_key
from elpython.release.index.plan import IndexPlan
from elpython.release.index.record import Index, Record
from elpython.release.index.repository import Repository

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

NOW = dt.datetime.now(tz=dt.UTC).replace(microsecond=0)
FIRST, SECOND = "3.11.2.27.01.0", "3.11.2.27.01.1"


def digest(letter: str) -> str:
    return letter * 64


@dataclass
class Keepers:
    """An index with two root keys (both must sign), two release keys, one online key."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / "index"

    def signer(self, name: str) -> CryptoSigner:
        path = self.root / name
        if not path.exists():
            new_key(path, name)
        return load_signer(path, lambda _question: "")

    def at(self, days: int = 0) -> Repository:
        return Repository(self.folder, NOW + dt.timedelta(days=days))

    def begin(self, release_threshold: int = 1, days: int = 0) -> None:
        names = ("root1", "root2", "one", "two", "online")
        for name in names:
            self.signer(name)
        keys = {name: load_key(self.root / f"{name}.pub") for name in names}
        plan = IndexPlan(
            root=[keys["root1"], keys["root2"]], root_threshold=2,
            release=[keys["one"], keys["two"]], release_threshold=release_threshold,
            online=keys["online"],
        )  # fmt: skip
        repository = self.at(days)
        repository.init(plan)
        repository.add_branch("3.11")
        repository.sign([self.signer("root1"), self.signer("root2")])

    def put(
        self, record: Record, *names: str, days: int = 0, fresh: int = 14, honest: bool = True
    ) -> None:
        """Publish a record; who has the keys and is not honest does not use our tool to sign."""
        repository = self.at(days)
        repository.put(record)
        if not honest:
            setattr(repository, "_refuse_odd", lambda _role: None)  # noqa: B010
        repository.sign([self.signer(name) for name in names or ("one",)])
        repository.refresh(self.signer("online"), fresh)

    @property
    def trusted(self) -> bytes:
        return (self.folder / "metadata" / "1.root.json").read_bytes()

    def read(self, place: Path | None = None, who: str = "client") -> Index:
        return read_index(str(place or self.folder), self.trusted, self.root / "state" / who)

    def copy(self, name: str) -> Path:
        """A mirror as it is now."""
        return Path(shutil.copytree(self.folder, self.root / name))


def record(*versions: str) -> Record:
    found = Record(branch="3.11")
    for number, version in enumerate(versions):
        found = found.with_release(version, digest("abcdef"[number]), NOW)
    return found
