"""What came and went in ``collections``."""

from __future__ import annotations

import collections.abc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from minpython.patch import Patch


def collections_abc_aliases(patch: Patch, module: ModuleType) -> None:
    """The ABCs that were there when the aliases went."""
    patch.aliases(
        module,
        collections.abc,
        "Awaitable Coroutine AsyncIterable AsyncIterator AsyncGenerator Hashable Iterable Iterator "
        "Generator Reversible Sized Container Callable Collection Set MutableSet Mapping "
        "MutableMapping MappingView KeysView ItemsView ValuesView Sequence MutableSequence "
        "ByteString",
    )
