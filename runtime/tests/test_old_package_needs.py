"""What only old packages need: private names, code objects put together by hand."""

from __future__ import annotations

import types
import uuid
from typing import Any

import pytest

import minpython


def test_uuid_generate_time() -> None:
    """The private name is there for 3.6, and gone again afterwards."""
    with minpython.min_version((3, 6)):
        assert uuid.__dict__.get("_uuid_generate_time", uuid._uuid_generate_time) is None  # type: ignore[attr-defined]
    assert not hasattr(uuid, "_uuid_generate_time")


@pytest.mark.parametrize("names", [("a",), ("a", "b", "c")])
def test_code_with_variables(names: tuple[str, ...]) -> None:
    """A code object made with the arguments of 3.7 has as many locals as names."""
    code = (lambda a: a).__code__
    with minpython.min_version((3, 7)):
        make: Any = types.CodeType
        made = make(
            1, 0, len(names), code.co_stacksize, code.co_flags, code.co_code, code.co_consts,
            code.co_names, names, "f", "f", 1, b"", (), (),
        )  # fmt: skip
    assert (made.co_nlocals, made.co_varnames) == (len(names), names)
