"""What stops a release: each refusal says what to do, and publishes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elpython.contract.environment.check import EnvironmentReport
from elpython.contract.environment.model import Decision
from elpython.contract.model import Difference, Kind
from elpython.core.errors import ElpythonError
from elpython.define.toggles import Default, Toggle
from elpython.policy.model import PolicyFinding
from elpython.release.errors import RefusedReleaseError, SigningError
from elpython.release.run import ReleaseOptions
from elpython.release.verify import verify
from elpython.security.change_tests import ChangeTests
from elpython.security.evidence import Evidence, TestOutcome
from elpython.security.status import Status
from release_sample import (
    FIXED_ONE,
    Sample,
    git,
    known_of,
    light_tasks,
    make_key,
    read_manifest,
    report_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

APPROVALS = PolicyFinding(
    rule="approved", branch="3.11", change="two", message="0 of 2 approvals", remedy="ask",
    level="finding",
)  # fmt: skip
GONE = Difference(kind=Kind.REMOVED, key="spam.first", what="is gone")


def unapproved(sample: Sample) -> None:
    sample.told.findings = (APPROVALS,)


def broken_contract(sample: Sample) -> None:
    sample.told.report = report_of(GONE)


def broken_needs(sample: Sample) -> None:
    """A declared removal is fine for the contract, and not for who uses the name."""
    (sample.example.branches / "needs").mkdir()
    (sample.example.branches / "needs" / "index.json").write_text("{}")
    decision = Decision(promise="api", difference=GONE, state="declared", users=("numpy", "pandas"))
    other = Difference(kind=Kind.CHANGED, key="spam.second", what="has another default")
    sample.told.reached = EnvironmentReport(
        contract=report_of(), needs=(), trials=(), seconds={}, sandboxed=True,
        decisions=(decision, replace(decision, difference=other)),
    )  # fmt: skip
    git(sample.example.branches, "add", "-A")
    git(sample.example.branches, "commit", "-qm", "Keep needs")


def cve(state: str, because: str) -> Callable[[Sample], None]:
    def spoil(sample: Sample) -> None:
        sample.told.known = known_of(Status(id="CVE-2026-1", state=state, because=because))

    return spoil


def old_record(sample: Sample) -> None:
    told = "was last checked on 2026-11-20, 10 days ago: run elpython fix watch"
    sample.told.known = known_of(FIXED_ONE, told)


def failing_test(sample: Sample) -> None:
    evidence = Evidence(
        change="two", tests=("test.test_spam",), base=None, branch=TestOutcome(state="fails", ran=3)
    )
    sample.told.tests = ChangeTests(evidence=(evidence,), without=())


def dirty(sample: Sample) -> None:
    (sample.example.folder / "note.txt").write_text("x")


def going_back(sample: Sample) -> None:
    git(sample.example.branches, "tag", "elpython-3.11.2.27.07.0")


def going_back_by_folder(sample: Sample) -> None:
    (sample.out / "elpython-3.11.2.28.01.0").mkdir(parents=True)


def tagged_elsewhere(sample: Sample) -> None:
    git(sample.example.branches, "tag", "elpython-3.11.2.27.01.0")
    dirty(sample)
    sample.commit()


def not_locked(sample: Sample) -> None:
    path = sample.example.folder / "series.lock"
    path.write_text(path.read_text().replace("two ", "two f"))
    sample.commit()


def no_repository(sample: Sample) -> None:
    (sample.example.branches / ".git").rename(sample.root / "git")


CASES = {
    "unapproved": (unapproved, "two: approved: 0 of 2 approvals", "policy check"),
    "broken contract": (broken_contract, "api:-spam.first: is gone", "--blame"),
    "broken needs": (broken_needs, "2 of the most used packages break: numpy", "--needs"),
    "unknown CVE": (cve("unknown", "nothing tells"), "CVE-2026-1: nothing", "vulnerabilities"),
    "old record": (old_record, "last checked on 2026-11-20", "--accept-age"),
    "dirty": (dirty, "3.11/note.txt", "commit or remove"),
    "going back": (going_back, "27.07.0 is out already", "versions next"),
    "going back by folder": (going_back_by_folder, "28.01.0 is out already", "versions next"),
    "tagged elsewhere": (tagged_elsewhere, "on another commit", "raise `el`"),
    "not locked": (not_locked, "content moved", "elpython branch lock 3.11"),
    "no repository": (no_repository, "in no git repository", "--rehearse"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_with_a_remedy(sample: Sample, case: str) -> None:
    spoil, says, remedy = CASES[case]
    spoil(sample)
    with pytest.raises(RefusedReleaseError) as caught:
        sample.release()
    assert says in str(caught.value)
    assert remedy in caught.value.todo
    assert not sample.folder.exists()


@pytest.mark.parametrize("case", CASES)
def test_a_rehearsal_remarks_it_and_makes_no_tag(sample: Sample, case: str) -> None:
    spoil, says, _remedy = CASES[case]
    spoil(sample)
    before = git(sample.root / "git" if case == "no repository" else sample.example.branches, "tag")
    made = sample.release(rehearsal=True)
    manifest = read_manifest(made.folder)
    assert manifest["rehearsal"]
    assert any(says in remark for remark in manifest["remarks"])
    after = git(sample.root / "git" if case == "no repository" else sample.example.branches, "tag")
    assert after == before
    assert verify(made.folder, sample.trust).good


def test_failing_tests_are_refused_in_a_rehearsal_too(sample: Sample) -> None:
    failing_test(sample)
    with pytest.raises(RefusedReleaseError, match=r"tests of 1 change\(s\) fail: two"):
        sample.release(rehearsal=True)


def test_a_decided_vulnerability_is_told(sample: Sample) -> None:
    cve("affected", "only on Windows")(sample)
    manifest = read_manifest(sample.release().folder)
    assert manifest["cves"]["open"] == [
        {"cve": "CVE-2026-1", "state": "affected", "reason": "only on Windows"}
    ]


def test_an_old_record_serves_with_a_reason(sample: Sample) -> None:
    old_record(sample)
    manifest = read_manifest(sample.release(accept_age="the watch's machine burned").folder)
    assert manifest["cves"]["accept_age"] == "the watch's machine burned"
    assert any("accepted: the watch's machine" in remark for remark in manifest["remarks"])


def test_findings_of_other_branches_do_not_matter(sample: Sample) -> None:
    sample.told.findings = (
        replace(APPROVALS, branch="3.9"),
        replace(APPROVALS, branch="core", change="not-carried"),
    )
    assert sample.release().fresh


def test_a_core_change_that_is_carried_matters(sample: Sample) -> None:
    sample.told.findings = (replace(APPROVALS, branch="core", change="variant"),)
    with pytest.raises(RefusedReleaseError, match="variant: approved"):
        sample.release()


@pytest.mark.parametrize(("what", "option"), [("key", "--key")])
def test_what_is_not_named_is_refused_unless_the_project_begins(
    sample: Sample, what: str, option: str
) -> None:
    with pytest.raises(RefusedReleaseError) as caught:
        sample.release(**{what: None})
    assert caught.value.where == option
    made = sample.release(bootstrap=True, **{what: None})
    assert any(remark for step in made.steps for remark in step.remarks)
    assert verify(made.folder, sample.trust).good == (what != "key")


def test_a_wrong_key_is_refused(sample: Sample) -> None:
    make_key(sample.root / "other", "release@example.org")
    with pytest.raises(SigningError, match="do not list its key"):
        sample.release(key=sample.root / "other")
    assert not sample.folder.exists()
    assert sample.release().fresh


@pytest.mark.parametrize("text", [None, "no key at all\n"])
def test_what_is_no_key_is_told(sample: Sample, text: str | None) -> None:
    path = sample.root / "bad"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SigningError, match="key"):
        sample.release(key=path)


def test_a_key_with_a_passphrase_needs_an_agent(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    words = ["ssh-keygen", "-q", "-p", "-N", "secret", "-f", str(sample.key)]
    subprocess.run(words, check=True, capture_output=True)
    with pytest.raises(SigningError, match="ssh-add"):
        sample.release()


def test_a_change_that_does_not_apply_is_told(sample: Sample) -> None:
    path = sample.example.folder / "changes" / "two.patch"
    path.write_text(path.read_text().replace("return 2", "return 3"))
    sample.commit()
    with pytest.raises(ElpythonError, match="does not apply"):
        sample.release(ReleaseOptions(tasks=light_tasks()))
    assert not sample.folder.exists()


def toggled(sample: Sample, *mismatches: str) -> None:
    """Give a change a toggle; what knows the table answers as told."""
    path = sample.example.folder / "changes" / "two.toml"
    path.write_text(path.read_text().replace("\n[source]", 'toggles = ["spam-mode"]\n\n[source]'))
    sample.lock()
    sample.commit()
    toggle = Toggle(
        name="spam-mode", title="Spam", description="", new="on", legacy="off", others={},
        least=None, security="none", since="27.01", cves=(), peps=(), modules=(), cpython={},
        defaults={"3.11": Default(value="legacy", reason="as the base has it")}, also=(),
    )  # fmt: skip
    sample.told.table = (toggle, replace(toggle, name="elsewhere", defaults={}))
    sample.told.mismatches = mismatches


def test_toggles_are_told_with_their_defaults(sample: Sample) -> None:
    toggled(sample)
    assert read_manifest(sample.release().folder)["toggles"] == [
        {"name": "spam-mode", "title": "Spam", "new": "on", "legacy": "off",
         "default": "off", "reason": "as the base has it"}
    ]  # fmt: skip


def test_toggles_that_do_not_agree_are_refused(sample: Sample) -> None:
    toggled(sample, "spam-mode: no change of the branch has it")
    with pytest.raises(RefusedReleaseError, match="spam-mode: no change"):
        sample.release()
    assert not sample.folder.exists()
