"""A release as a whole: what it gives, and how it goes on after it was stopped."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import UnknownNameError
from elpython.release.errors import NotReleasedError, RefusedReleaseError, ReleaseBusyError
from elpython.release.run import ReleaseOptions, ReleaseStep, _alone, steps
from elpython.release.tasks import TASKS
from elpython.release.verify import verify
from release_sample import Sample, git, light_tasks, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.release.model import ReleaseJob, ReleaseTask, TaskOutcome


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def failing(name: str, times: int = 1) -> tuple[ReleaseTask, ...]:
    """Return the tasks, one of which fails so many times after its work is done."""
    left = [times]

    def wrap(task: ReleaseTask) -> ReleaseTask:
        def run(job: ReleaseJob) -> TaskOutcome:
            outcome = task.run(job)
            if left[0]:
                left[0] -= 1
                raise RefusedReleaseError("the test stopped it", where=task.name)
            return outcome

        return replace(task, run=run)

    return tuple(wrap(task) if task.name == name else task for task in light_tasks())


def told(how: ReleaseOptions, sample: Sample, **changed: object) -> list[tuple[str, str]]:
    """Release; give each task with how it stood at its end."""
    seen: list[ReleaseStep] = []
    sample.release(replace(how, on_step=seen.append), **changed)
    return [(step.task, step.state) for step in seen if step.state != "to do"]


def test_a_release_is_made_and_verifies(released: Sample) -> None:
    folder = released.folder
    assert verify(folder, released.trust).good
    manifest = read_manifest(folder)
    assert [entry["id"] for entry in manifest["series"]] == ["variant", "one", "two"]
    assert manifest["cves"]["fixed"] == [{"cve": "CVE-2024-1000", "change": "two"}]
    assert manifest["contract"]["promises"][0]["verdict"] == "kept"
    assert manifest["base"]["sources"][0]["sha256"] == released.example.sha256
    assert manifest["identity"]["cache_tag"] == "cpython-311"
    assert not list(released.out.glob(".making-*"))
    assert git(released.example.branches, "tag").split() == ["elpython-3.11.2.27.01.0"]


def test_the_tag_is_signed(released: Sample) -> None:
    words = ["-c", "gpg.format=ssh", "-c", f"gpg.ssh.allowedSignersFile={released.root}/tagged"]
    line = released.signers.read_text().replace('namespaces="elpython-release"', "")
    (released.root / "tagged").write_text(line)
    git(released.example.branches, *words, "verify-tag", "elpython-3.11.2.27.01.0")


def test_it_is_the_same_on_another_day_and_place(sample: Sample, released: Sample) -> None:
    """Another folder, store and key; the sources' places alone differ, so the manifest may."""
    made = sample.release(key=released.key, signers=released.signers)
    mine, theirs = digests(made.folder), digests(released.folder)
    differing = {name for name in mine if mine[name] != theirs.get(name)}
    assert differing <= {"release.json", "release.json.sig"}
    assert mine.keys() == theirs.keys()


def test_a_second_run_has_nothing_to_do(sample: Sample) -> None:
    sample.release()
    before = digests(sample.folder)
    sample.told.asked.clear()
    again = sample.release()
    assert (again.fresh, again.steps, sample.told.asked) == (False, (), [])
    assert digests(sample.folder) == before


@pytest.mark.parametrize("name", [task.name for task in TASKS])
def test_a_task_that_fails_publishes_nothing_and_goes_on_later(sample: Sample, name: str) -> None:
    tasks = failing(name)
    with pytest.raises(RefusedReleaseError, match="the test stopped it"):
        sample.release(ReleaseOptions(tasks=tasks))
    assert not sample.folder.exists()
    states = told(ReleaseOptions(tasks=tasks, resume=True), sample)
    number = [task.name for task in TASKS].index(name)
    kept = [task.name for task in TASKS[:number] if not task.always]
    assert [task for task, state in states if state == "kept"] == kept
    assert verify(sample.folder, sample.trust).good


def test_from_redoes_a_task_and_all_behind_it(sample: Sample) -> None:
    with pytest.raises(RefusedReleaseError):
        sample.release(ReleaseOptions(tasks=failing("tag")))
    states = dict(told(ReleaseOptions(tasks=light_tasks(), first="archive"), sample))
    names = [task.name for task in TASKS]
    redone = names[names.index("archive") :]
    assert {name for name, state in states.items() if state == "done"} >= set(redone)
    assert states["contract"] == "kept"


def test_a_spoiled_file_is_made_again(sample: Sample) -> None:
    with pytest.raises(RefusedReleaseError):
        sample.release(ReleaseOptions(tasks=failing("verify")))
    work = sample.out / ".making-elpython-3.11.2.27.01.0" / "files"
    (work / "contract.json").write_text("{}")
    (work / "left-behind.tmp").write_text("x")
    states = dict(told(ReleaseOptions(tasks=light_tasks()), sample))
    assert states["contract"] == "done"
    assert states["build"] == "kept"
    assert verify(sample.folder, sample.trust).good


def test_a_branch_that_moved_is_released_as_it_is_now(sample: Sample) -> None:
    with pytest.raises(RefusedReleaseError):
        sample.release(ReleaseOptions(tasks=failing("verify")))
    path = sample.example.folder / "changes" / "two.toml"
    path.write_text(path.read_text().replace("Change two", "Another title"))
    sample.lock()
    sample.commit()
    states = dict(told(ReleaseOptions(tasks=light_tasks()), sample))
    assert states["series"] == "done"
    assert read_manifest(sample.folder)["series"][2]["title"] == "Another title"


def test_a_dry_run_tells_and_writes_nothing(sample: Sample) -> None:
    found = steps(sample.plan(), ReleaseOptions())
    assert {step.state for step in found} == {"to do"}
    assert not sample.out.exists()
    with pytest.raises(RefusedReleaseError):
        sample.release(ReleaseOptions(tasks=failing("archive")))
    states = {step.task: step.state for step in steps(sample.plan(), ReleaseOptions())}
    assert (states["cve"], states["archive"]) == ("kept", "to do")


def test_nothing_to_resume_and_an_unknown_task_are_told(sample: Sample) -> None:
    with pytest.raises(NotReleasedError, match="no unfinished release"):
        sample.release(ReleaseOptions(tasks=light_tasks(), resume=True))
    with pytest.raises(UnknownNameError, match="did you mean 'archive'"):
        sample.release(ReleaseOptions(tasks=light_tasks(), first="archiv"))


def test_two_runs_at_once_do_not_meet(sample: Sample) -> None:
    with _alone(sample.plan()), pytest.raises(ReleaseBusyError, match="another run"):
        sample.release()
    assert sample.release().fresh


def test_other_content_under_a_version_that_is_out_is_refused(sample: Sample) -> None:
    sample.release()
    (sample.folder / "NOTES.md").write_text("other")
    with pytest.raises(RefusedReleaseError, match="released already, with other content"):
        sample.release()
    assert (sample.folder / "NOTES.md").read_text() == "other"
