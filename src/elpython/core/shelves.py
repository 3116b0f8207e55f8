"""What a store holds, and how it is kept small: sizes, dead scratch folders, unused products."""

from __future__ import annotations

import contextlib
import os
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import UnknownNameError
from elpython.core.store import remove_tree
from elpython.core.suggest import hint

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.store import Store

__all__ = ["Product", "Shelf", "products", "prune", "shelves", "sweep"]

# Folders of the store that hold no products: they are never pruned.
_OTHER = frozenset({"locks", "apt", "logs", "refused"})
_SCRATCH = re.compile(r"\.(?:making|dropping)-(?P<key>.+?)(?:-work)?")
_DAY = 86400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """A product of a store.

    Attributes:
        kind, key: its name.
        path: its folder.
        size: bytes on disk.
        idle: days since it was last asked for.
    """

    kind: str
    key: str
    path: Path
    size: int
    idle: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """The products of one kind: how many, how many bytes, days since the last one was used."""

    kind: str
    count: int
    size: int
    idle: float


def _size(path: Path) -> int:
    total = 0
    for folder, _, files in os.walk(path):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(f"{folder}/{name}").st_blocks * 512
    return total


def _kinds(store: Store) -> list[str]:
    if not store.root.is_dir():
        return []
    names = [path.name for path in store.root.iterdir() if path.is_dir()]
    return sorted(name for name in names if name not in _OTHER and not name.startswith("."))


def products(store: Store, kind: str) -> list[Product]:
    """Return the products of a kind, the one unused for the longest time first."""
    now = time.time()
    made = []
    for path in (store.root / kind).iterdir():
        if path.name.startswith("."):
            continue
        idle = max(0.0, now - path.stat().st_mtime) / _DAY
        made.append(Product(kind=kind, key=path.name, path=path, size=_size(path), idle=idle))
    return sorted(made, key=lambda product: (-product.idle, product.key))


def shelves(store: Store) -> list[Shelf]:
    """Return what a store holds, kind by kind."""
    found = []
    for kind in _kinds(store):
        made = products(store, kind)
        if made:
            idle = min(product.idle for product in made)
            size = sum(product.size for product in made)
            found.append(Shelf(kind=kind, count=len(made), size=size, idle=idle))
    return found


def sweep(store: Store) -> list[Path]:
    """Remove the scratch folders of runs that were killed; return them.

    A run that is alive holds its product's lock: what can be locked at once is dead.
    """
    removed = []
    for kind in _kinds(store):
        with contextlib.suppress(OSError):
            for path in (store.root / kind).glob(".*-*"):
                match = _SCRATCH.fullmatch(path.name)
                if match and _remove_dead(store, kind, match["key"], path):
                    removed.append(path)
    return removed


def _remove_dead(store: Store, kind: str, key: str, path: Path) -> bool:
    from filelock import FileLock, Timeout

    lock = store.root / "locks" / f"{kind}-{key}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            remove_tree(path)
            return True
    except (Timeout, OSError):
        return False


def prune(store: Store, *, unused: float, kind: str = "", dry: bool = False) -> list[Product]:
    """Remove the products that nobody asked for in a time; return them.

    Args:
        store: the store.
        unused: days.
        kind: only this kind; all if empty.
        dry: remove nothing.

    Raises:
        UnknownNameError: there is no such kind, with a near-miss hint.
    """
    known = _kinds(store)
    if kind and kind not in known:
        raise UnknownNameError(f"the store has no {kind!r}", todo=hint(kind, known))
    gone = [
        product
        for name in ([kind] if kind else known)
        for product in products(store, name)
        if product.idle >= unused
    ]
    for product in gone if not dry else []:
        store.drop(product.kind, product.key)
    return gone
