"""The tasks that prove a release good, where the others' answers are not enough."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elpython.core.version import ElVersion
from elpython.define.branch import load_branch
from elpython.interpreter.facts import facts_of
from elpython.release.errors import RefusedReleaseError
from elpython.release.suite import SuiteOutcome
from elpython.release.tasks import prove
from examples import REPOSITORY
from release_sample import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.build.build import Build
    from release_sample import Sample


def suite(monkeypatch: pytest.MonkeyPatch, log: Path, **found: tuple[str, ...]) -> None:
    """Have upstream's suite end as told."""
    outcome = SuiteOutcome(modules=400, broken=(), base_fails=(), log=log, text=("the end",))
    monkeypatch.setattr(prove, "made_build", lambda _job, **_rest: None)
    monkeypatch.setattr(prove, "run_suite", lambda *_, **__: replace(outcome, **found))


def test_other_profiles_run_upstreams_suite(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(monkeypatch, sample.root / "log", base_fails=("test_nis",))
    manifest = read_manifest(sample.release(profile="release").folder)
    assert manifest["tests"]["suite"] == {"modules": 400, "base_fails": ["test_nis"]}
    assert "tests: test_nis: fails on the bare base too" in manifest["remarks"]
    assert "contract release" in sample.told.asked


def test_a_suite_that_fails_refuses_the_release(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(monkeypatch, sample.root / "log", broken=("test_ssl",))
    with pytest.raises(RefusedReleaseError, match="test_ssl") as caught:
        sample.release(profile="release", rehearsal=True)
    assert str(sample.root / "log") in caught.value.todo
    assert not sample.folder.exists()


@pytest.mark.slow
def test_an_interpreter_must_be_what_is_released(el311: Build) -> None:
    version = load_branch(REPOSITORY / "branches", "3.11").version
    facts = facts_of(el311.python)
    told = prove.check_identity(facts, version, "elpython")
    assert told["cache_tag"] == "cpython-311"
    assert told["implementation_version"][:3] == list(version.calver.implementation_version[:3])
    for wrong in (
        (ElVersion.parse("3.11.2.99.01.0"), "elpython"),
        (version, "elpython-acme"),
    ):
        with pytest.raises(RefusedReleaseError, match="not what is released"):
            prove.check_identity(facts, *wrong)
