"""What the transparency contract takes for declared, and what not."""

from __future__ import annotations

import pytest

from minpython.transparency.declared import Declared

PLACES = {
    "timeit-repeat": ["timeit.repeat"],
    "types-codetype-arguments": ["builtins.code.__new__"],
    "ftplib-latin-1": ["ftplib.FTP.__init__"],
    "pdb-execrclines": ["pdb.Pdb.execRcLines"],
}
BARE = {
    "types": {".CodeType": {"module": "builtins", "qualname": "code"}},
    "ftplib": {".FTP": {"module": "ftplib", "qualname": "FTP"}},
}


@pytest.mark.parametrize(
    ("path", "declared"),
    [
        ("timeit.repeat [defaults]", True),
        ("timeit.default_timer [defaults]", False),
        ("types.CodeType [signature]", True),
        ("types.FunctionType [signature]", False),
        ("ftplib.FTP [signature]", True),
        ("ftplib.FTP [doc]", False),
        ("enum.IntEnum.__str__", True),
        ("enum.StrEnum.__str__", False),
        ("runpy.exec", True),
        ("runpy.run_path", False),
        ("importlib.util.cache_from_source [code]", True),
        ("importlib.util.cache_from_source [pickle]", False),
    ],
)
def test_only_what_a_behaviour_changed(path: str, *, declared: bool) -> None:
    """A difference is declared by the name that changed, and what follows from that alone."""
    assert Declared(PLACES, BARE).by((path, "old", "new")) is declared


def test_a_module_that_lost_names_may_look_them_up() -> None:
    """``__getattr__`` is declared where a name of the module is restored, nowhere else."""
    told = Declared(PLACES, BARE)
    assert told.by(("pdb [names]", "-[]", "+['__getattr__']"))
    assert not told.by(("json [names]", "-[]", "+['__getattr__']"))
