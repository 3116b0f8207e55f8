"""Warnings that came after the version asked for are quiet, all others as loud as ever."""

from __future__ import annotations

import importlib
import sys
import warnings
from typing import TYPE_CHECKING

import pytest

import minpython

if TYPE_CHECKING:
    from pathlib import Path

LATER = "There is no current event loop"


def _deprecated(message: str) -> None:
    warnings.warn(message, DeprecationWarning, stacklevel=2)


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the warning came with Python 3.10")
def test_quiet_whatever_the_filters() -> None:
    """Errors for all warnings, as test runs have them, don't catch it; those of today do."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DeprecationWarning):
            _deprecated(LATER)
        with minpython.min_version((3, 8)):
            _deprecated(LATER)
            warnings.simplefilter("error")
            _deprecated(LATER)
            warnings.resetwarnings()
            warnings.simplefilter("error")
            _deprecated(LATER)
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                _deprecated(LATER)
                _deprecated("mine")
        with pytest.raises(DeprecationWarning):
            _deprecated(LATER)
    assert [str(warning.message) for warning in seen] == ["mine"]


def test_others_stay() -> None:
    """A message that no Python gives is none of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with minpython.min_version((3, 8)), pytest.raises(DeprecationWarning):
            _deprecated("old_function is deprecated")


def test_everything_is_taken_back() -> None:
    """The list of filters is the one that it was, with the same filters."""
    before, content = warnings.filters, list(warnings.filters)
    with minpython.min_version((3, 8)):
        pass
    assert warnings.filters is before
    assert list(warnings.filters) == content


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the warning came with Python 3.10")
def test_only_the_package_that_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module that a warning is about decides, once the package is imported."""
    (tmp_path / "oldlib.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    with warnings.catch_warnings(), minpython.min_version((3, 8), packages=["oldlib"]):
        warnings.simplefilter("error")
        before = type(warnings.filters)
        importlib.import_module("oldlib")
        assert type(warnings.filters) is before
        warnings.warn_explicit(LATER, DeprecationWarning, "f", 1, module="oldlib.part")
        with pytest.raises(DeprecationWarning):
            warnings.warn_explicit(LATER, DeprecationWarning, "f", 1, module="other")
