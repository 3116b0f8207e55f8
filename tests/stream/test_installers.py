"""pip and uv themselves, against a local index, on interpreters that say they are pre-releases."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from elpython.stream.installers import InstallerError, Observation, Trial, observe, write_index
from elpython.stream.release import Release, parse_release
from elpython.stream.requires import advise, likely_releases


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Observation]:
    """What each installer did on 3.11.0b4 (before the break) and on 3.11.0."""
    series = sys.version_info[:2]
    broke = Release(series=series, level="alpha", serial=5)
    advice = advise(broke, likely_releases(broke))
    names = [f"{broke.series_name}.0b4", f"{broke.series_name}.0"]
    trial = Trial(
        python=Path(sys.executable),
        folder=tmp_path_factory.mktemp("installers"),
        offers=advice.offers,
        releases=[parse_release(name) for name in names],
    )
    return {
        (item.installer.split()[0], "b4" if item.release.is_pre_freeze else "final"): item
        for item in observe(trial)
    }


@pytest.mark.slow
def test_pip_ignores_pre_releases_in_requires_python(
    observed: dict[tuple[str, str], Observation],
) -> None:
    """It compares sys.version_info[:3]: 3.11.0b4 is 3.11.0 to it, so the exclusion is not seen."""
    found = observed["pip", "b4"]
    assert found.took["exclusions"] is True, found.said
    assert found.took["build number"] is True


@pytest.mark.slow
def test_pip_heeds_a_marker_in_requires_dist(
    observed: dict[tuple[str, str], Observation],
) -> None:
    assert observed["pip", "b4"].took["marker"] is False
    assert observed["pip", "final"].took["marker"] is True


@pytest.mark.slow
def test_uv_ignores_pre_releases_everywhere(
    observed: dict[tuple[str, str], Observation],
) -> None:
    """It drops the pre-release part of python_full_version: the marker hits the final release."""
    if ("uv", "b4") not in observed:
        pytest.skip("needs uv (pip install uv)")
    assert observed["uv", "b4"].took["exclusions"] is True
    assert observed["uv", "b4"].took["marker"] is False
    assert observed["uv", "final"].took["marker"] is False


def test_the_index_holds_both_wheels_and_their_digests(tmp_path: Path) -> None:
    broke = parse_release("3.9.0a5")
    offers = [item for item in advise(broke, likely_releases(broke)).offers if item.valid]
    address = write_index(tmp_path, offers)
    assert address.startswith("file://")
    page = (tmp_path / "simple" / "rebuilt-exclusions" / "index.html").read_text()
    assert page.count("#sha256=") == 2
    assert 'data-requires-python="&gt;=3.8,!=3.9.0a1' in page


def test_an_interpreter_without_venv_is_told(tmp_path: Path) -> None:
    trial = Trial(python=Path("/bin/false"), folder=tmp_path, offers=(), releases=())
    with pytest.raises(InstallerError, match="no environment"):
        observe(trial)
