"""The `sre_parse` module as it was up to Python 3.14: a part of `re` under its old name."""

from re import _parser as _part  # type: ignore[attr-defined]

globals().update({name: value for name, value in vars(_part).items() if not name.startswith("__")})
