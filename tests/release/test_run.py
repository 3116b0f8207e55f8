"""A release as a whole: its tasks, its checkpoints, and what stops it."""

from __future__ import annotations

from elpython.release.verify import verify
from release_sample import Sample, read_manifest


def test_a_release_is_made_and_verifies(sample: Sample) -> None:
    made = sample.release()
    assert made.fresh
    assert made.folder == sample.folder
    found = verify(made.folder, signers=sample.signers)
    assert [check.problems for check in found.checks] == [()] * len(found.checks)
    assert found.good
    manifest = read_manifest(made.folder)
    assert [entry["id"] for entry in manifest["series"]] == ["variant", "one", "two"]
    assert not list(sample.out.glob(".making-*"))
