"""A look at the feeds tells what the record lacks, and changes nothing."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import jsonschema
import pytest

from elpython.cli.fix import watch as watch_command
from elpython.core.errors import DiskFullError, UsageError
from elpython.define.vulnerability import Record
from elpython.define.vulnerability_read import read_record
from elpython.security.deadlines import DAYS, PROMISED, deadline, report
from elpython.security.lookout import look
from elpython.security.record_write import write_checked
from elpython.security.status import age_problem
from elpython.security.watch_out import atom, plain, propose
from elpython.upstream.feeds.model import FeedAnswer, Notice
from elpython.upstream.feeds.rules import digest_of, read_rules
from elpython.upstream.feeds.texts import from_changelog, from_news
from examples import REPOSITORY, Example, diff

if TYPE_CHECKING:
    from pathlib import Path

TODAY = dt.date(2026, 11, 30)
NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
FIX = diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"})
RULES = read_rules(REPOSITORY / "branches")
NOTHING = Record(vulnerabilities=(), checked=TODAY)

CHANGELOG = """\
python3.11 (3.11.2-6+deb12u9) bookworm-security; urgency=medium

  * Apply upstream patches for the following CVEs:
    - CVE-2025-69534: Treat invalid markup declarations as bogus
      comments (Closes: #1131896)
    - CVE-2026-15310: Bound zipfile decompression
  * Apply further upstream patches the ones above depend on:
    - gh-100061, gh-106052: Fix possessive quantifiers
  * Match whole fields in csv.Sniffer.sniff() (gh-109638).
  * Refresh patches.

 -- A Person <a@example.org>  Wed, 07 Oct 2026 14:35:07 +0200

python3.11 (3.11.2-1) unstable; urgency=medium

  * Python 3.11.2 release (gh-1).

 -- A Person <a@example.org>  Wed, 08 Feb 2023 14:35:07 +0200
"""


def answer(*notices: Notice, feed: str = "x", when: dt.datetime | None = NOW) -> FeedAnswer:
    return FeedAnswer(feed=feed, notices=notices, when=when)


def test_changelogs_tell_cves_and_the_issues_of_security_uploads() -> None:
    found = from_changelog(CHANGELOG, "x", "cpython", since=dt.date(2025, 6, 11))
    assert [item.id for item in found] == [
        "CVE-2025-69534",
        "CVE-2026-15310",
        "gh-100061",
        "gh-109638",
    ]
    assert {item.patch for item in found} == {"python3.11 3.11.2-6+deb12u9"}
    assert found[0].title.endswith("(Closes: #1131896)")


@pytest.mark.parametrize(
    ("section", "text", "day", "wanted"),
    [
        ("Security", "Anything.", "2026-01-01", 1),
        ("Library", "Fix quadratic time in csv.", "2026-01-01", 1),
        ("Library", "A new colour.", "2026-01-01", 0),
        ("Library", "A new colour, for :cve:`2025-69534`.", "2026-01-01", 1),
        ("Documentation", "Quadratic documentation.", "2026-01-01", 0),
        ("Windows", "A vulnerability.", "2026-01-01", 0),
        ("Security", "Anything.", "2024-01-01", 0),
        ("Library", "Old, but CVE-2025-69534.", "2024-01-01", 1),
        ("C API", "Fix a use-after-free.", None, 1),
    ],
)
def test_rules_look_beyond_the_section_security(
    section: str, text: str, day: str | None, wanted: int
) -> None:
    released = dt.date.fromisoformat(day) if day else None
    assert RULES.wants(section, text, released) == bool(wanted)


def test_wrapping_and_markup_of_backports_do_not_count() -> None:
    assert digest_of("Fix ``a.b``\n  *now*.") == digest_of("fix a.b now")
    assert digest_of("Fix a.b now") != digest_of("Fix a.c now")


def test_what_several_feeds_tell_is_one_thing(example: Example) -> None:
    example.add("one", FIX, kind="security")
    notices = [
        Notice(feed="a", id="CVE-2026-1000", where="A", public=dt.date(2026, 11, 10), patch="p 1"),
        Notice(feed="b", id="DSA-1-1", where="B", upstream=("CVE-2026-1000",), severity="critical"),
        Notice(feed="c", id="CVE-2026-1000", where="C", severity="low", public=TODAY),
        Notice(feed="d", id="CVE-2026-2000", where="D", products=("other",)),
        Notice(feed="e", id="CVE-2026-3000", where="E", withdrawn=True),
    ]
    found = look([answer(*notices)], NOTHING, [example.load()], TODAY)
    (news,) = found.news
    assert (news.id, news.severity, news.age) == ("CVE-2026-1000", "critical", 20)
    assert news.deadline == PROMISED + dt.timedelta(days=7)
    assert (news.where, news.patches) == (("A", "B", "C"), ("p 1",))
    assert found.left_out == {"other product": 1, "withdrawn": 1}


def test_a_feed_that_never_answered_is_told() -> None:
    found = look([answer(), answer(feed="dead", when=None)], NOTHING, [], TODAY)
    assert found.blind == ("dead",)


def test_a_later_entry_of_a_taken_issue_is_a_follow_up(example: Example) -> None:
    toml = '\n[upstream]\nissues = ["gh-7"]\nfirst-in = "3.13.14"\n'
    example.add("one", FIX, kind="security", toml=toml)
    text = (
        "What's New in Python 3.13.16 final?\n====\n\n*Release date: 2026-09-30*\n\n"
        "Security\n--------\n\n- gh-7: Close what was left open.\n\n"
        "What's New in Python 3.13.14 final?\n====\n\n*Release date: 2026-06-30*\n\n"
        "Security\n--------\n\n- gh-7: Close it.\n"
    )
    found = look([answer(*from_news(text, "x", RULES))], NOTHING, [example.load()], TODAY)
    (told,) = found.follow_ups
    assert told.startswith("3.11 one: Misc/NEWS 3.13.16 Security, gh-7")


@pytest.mark.parametrize(
    "name", ["../../etc/x", "CVE-2026-1/../x", "CVE-2026-1000\n", "CVE-2026-1000.toml", "a b", "-x"]
)
def test_a_hostile_id_writes_nowhere(tmp_path: Path, name: str) -> None:
    notice = Notice(feed="a", id=name, where="A", title="x")
    found = look([answer(notice)], NOTHING, [], TODAY)
    written, left = propose(found, tmp_path / "to", ["3.11"], TODAY)
    assert (written, len(left)) == ([], 1)
    assert list(tmp_path.rglob("*")) == []


def test_proposals_are_data_for_a_person(tmp_path: Path) -> None:
    """A hostile title stays one string; every state is unknown; a second look writes the same."""
    title = 'a"\n[branch."3.11"]\nstate = "fixed"\x1b[31m\u202e'
    notice = Notice(feed="a", id="CVE-2026-1000", where="A", title=title, severity="high")
    found = look([answer(notice)], NOTHING, [], TODAY)
    place = tmp_path / "branches" / "vulnerabilities"
    for _ in range(2):
        ((path,), left) = propose(found, place, ["3.11", "3.13"], TODAY)
        assert left == []
    (place / "record.toml").write_text("checked = 2026-11-30\n")
    (item,) = read_record(tmp_path / "branches").vulnerabilities
    assert {standing.state for standing in item.branches.values()} == {"unknown"}
    assert "\x1b" not in path.read_text()
    assert plain("a\u202eb\x07c") == "a b c"


def test_the_atom_feed_is_well_formed() -> None:
    notice = Notice(
        feed="a", id="CVE-2026-1000", where="<A>", title="<&> \x00 ]]>", severity="high"
    )
    found = look([answer(notice)], NOTHING, [], TODAY)
    root = ET.fromstring(atom(found, now=NOW))
    assert len(root.findall("{http://www.w3.org/2005/Atom}entry")) == 1


def test_the_promise_is_the_one_that_is_written_down() -> None:
    text = (REPOSITORY / "GOVERNANCE.md").read_text()
    for severity in ("critical", "high", "medium"):
        assert f"| {severity} | {DAYS[severity]} days |" in text
    assert PROMISED.isoformat() in text


@pytest.mark.parametrize(
    ("severity", "public", "last"),
    [
        ("critical", dt.date(2026, 12, 1), dt.date(2026, 12, 8)),
        ("high", dt.date(2026, 9, 1), dt.date(2026, 12, 7)),
        ("medium", dt.date(2026, 12, 1), dt.date(2026, 12, 31)),
        ("unrated", dt.date(2026, 12, 1), dt.date(2026, 12, 31)),
        ("low", dt.date(2026, 12, 1), None),
    ],
)
def test_deadlines(severity: str, public: dt.date, last: dt.date | None) -> None:
    assert deadline(severity, public) == last


def test_the_report_tells_kept_and_missed() -> None:
    record = read_record(REPOSITORY / "branches")
    later = report(record, ["3.9", "3.11", "3.13"], dt.date(2027, 6, 1))
    assert {item.verdict for item in later} <= {
        "kept",
        "missed",
        "open",
        "overdue",
        "before the promise",
    }


def _run(example: Example, *words: str) -> subprocess.CompletedProcess[str]:
    env = dict(os.environ)
    env |= {"ELPYTHON_BRANCHES": str(example.branches), "ELPYTHON_STORE": str(example.store.root)}
    argv = [sys.executable, "-m", "elpython", "fix", "watch", *words]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


def test_the_command(example: Example, tmp_path: Path) -> None:
    """Without an answer nobody knows: exit code 1, told, nothing recorded as checked."""
    example.add("one", FIX, kind="security")
    (example.branches / "watch-rules.toml").write_text(
        (REPOSITORY / "branches" / "watch-rules.toml").read_text()
    )
    (example.branches / "feeds.toml").write_text(
        '[[feed]]\nname = "dead"\nkind = "news"\nurl = "http://127.0.0.1:9/"\nseconds = 2\n'
    )
    done = _run(example, "--json", "--atom", str(tmp_path / "a.xml"))
    data = json.loads(done.stdout)
    schema = REPOSITORY / "docs" / "reference" / "schemas" / "fix-watch.schema.json"
    jsonschema.Draft202012Validator(json.loads(schema.read_text())).validate(data)
    assert done.returncode == 1
    assert data["feeds"][0]["problem"].startswith("http://127.0.0.1:9/: out of reach")
    assert (tmp_path / "a.xml").is_file()
    assert "dead" in _run(example).stdout
    assert _run(example, "--done").returncode == 11
    assert _run(example, "--without", "ded").returncode == 12
    assert _run(example, "--as-of", "yesterday").returncode == 2
    report_ = _run(example, "--report", "--json")
    assert json.loads(report_.stdout) == {"promise": []}
    clean = _run(example, "--without", "dead")
    assert (clean.returncode, "0 new" in clean.stdout) == (0, True)


def test_a_full_disk_leaves_the_record_whole(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written goes beside its place first: the old file stays, byte for byte."""
    place = example.branches / "vulnerabilities"
    place.mkdir(parents=True)
    index = "checked = 2026-11-21\n\n[asked]\na = 2026-11-21\n"
    (place / "record.toml").write_text(index)

    def full(_source: object, _target: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    notice = Notice(feed="a", id="CVE-2026-1000", where="A", title="x", severity="high")
    found = look([answer(notice)], NOTHING, [], TODAY)
    with pytest.raises(DiskFullError):
        write_checked(example.branches, TODAY, asked=["a"], unasked=[])
    with pytest.raises(DiskFullError):
        propose(found, example.branches / "proposed", ["3.11"], TODAY)
    assert {path.name: path.read_text() for path in place.iterdir()} == {"record.toml": index}


def test_proposals_never_take_the_place_of_the_record(example: Example) -> None:
    """As of an earlier day all is new: what is decided must not be written over."""
    place = example.branches / "vulnerabilities"
    place.mkdir(parents=True)
    (place / "record.toml").write_text("checked = 2026-11-21\n")
    (place / "CVE-2026-1000.toml").write_text("decided\n")
    notice = Notice(feed="a", id="CVE-2026-1000", where="A", title="x", severity="high")
    with pytest.raises(UsageError, match="is the vulnerability record"):
        propose(look([answer(notice)], NOTHING, [], TODAY), place, ["3.11"], TODAY)
    assert (place / "CVE-2026-1000.toml").read_text() == "decided\n"


@pytest.mark.parametrize("day", [dt.date(9999, 12, 31), dt.date(2027, 1, 1)])
def test_a_day_that_is_yet_to_come_puts_off_no_deadline(day: dt.date) -> None:
    notice = Notice(feed="a", id="CVE-2026-1000", where="A", public=day, severity="critical")
    (item,) = look([answer(notice)], NOTHING, [], TODAY).news
    assert item.public == TODAY
    assert item.age == 0


@pytest.mark.parametrize(
    "name", ["CVE-2026-" + "7" * 20, "CVE-2026-1000\n", "CVE-\uff12026-1000", "gh-" + "1" * 10]
)
def test_an_id_of_no_known_form_names_no_file(tmp_path: Path, name: str) -> None:
    found = look([answer(Notice(feed="a", id=name, where="A"))], NOTHING, [], TODAY)
    written, left = propose(found, tmp_path / "proposed", ["3.11"], TODAY)
    assert (written, len(left)) == ([], 1)
    assert not (tmp_path / "proposed").exists()


def test_what_a_feed_lost_and_what_is_old_is_told() -> None:
    """A part that never came is not seen; nor is what came since an old copy."""
    now = dt.datetime.combine(TODAY, dt.time(), dt.UTC)
    answers = [
        FeedAnswer(feed="part", when=now, lost=("CVE-2026-1000",)),
        FeedAnswer(feed="never"),
        FeedAnswer(feed="old", when=now - dt.timedelta(days=8)),
        FeedAnswer(feed="good", when=now - dt.timedelta(days=7)),
    ]
    found = look(answers, NOTHING, [], TODAY)
    assert found.blind == ("never", "part: CVE-2026-1000")
    assert found.stale(TODAY) == (f"old ({TODAY - dt.timedelta(days=8)})",)


def test_the_known_id_beside_an_unknown_one_proposes_nothing(example: Example) -> None:
    """An advisory that names two: the change that names one does not fix the other."""
    example.add("one", FIX, toml='\n[upstream]\ncves = ["CVE-2026-1000"]\nissues = ["gh-1"]\n')
    notice = Notice(feed="a", id="DSA-1-1", where="A", related=("CVE-2026-1000", "CVE-2026-2000"))
    items = look([answer(notice)], NOTHING, [example.load()], TODAY).news
    told = {item.id: item.proposals["3.11"] for item in items}
    assert told["CVE-2026-1000"] == "change one names it"
    assert told["CVE-2026-2000"] == "nothing tells"


def test_two_that_write_at_once_leave_a_whole_record(tmp_path: Path) -> None:
    """Each reads what the other has written, or what was there before; never half of it."""
    place = tmp_path / "vulnerabilities"
    place.mkdir()
    rows = "".join(
        f'\n[[dismissed]]\nreason = "no flaw at all here"\nnews = ["{n:012x}"]\n'
        for n in range(200)
    )
    (place / "record.toml").write_text(f"checked = 2026-11-21\n\n[asked]\na = 2026-11-21\n{rows}")

    def write(feed: str) -> None:
        for _ in range(20):
            write_checked(tmp_path, TODAY, asked=[feed], unasked=[])

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert len(read_record(tmp_path).dismissed) == 200
    for thread in threads:
        thread.join()
    record = read_record(tmp_path)
    assert (record.checked, len(record.asked), len(record.dismissed)) == (TODAY, 1, 200)
    assert sorted(path.name for path in place.iterdir()) == ["record.toml"]


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (NOW, "today"),
        (NOW - dt.timedelta(days=9), "9 day(s) old"),
        (NOW + dt.timedelta(days=9), "clock went back"),
        (None, "never answered"),
    ],
)
def test_the_age_of_an_answer_is_told(when: dt.datetime | None, told: str) -> None:
    assert watch_command._age(when, NOW) == told


@pytest.mark.parametrize(("days", "told"), [(0, ""), (7, ""), (8, "8 days ago"), (-1, "clocks")])
def test_the_age_of_the_record_is_a_failure(days: int, told: str) -> None:
    record = Record(vulnerabilities=(), checked=TODAY - dt.timedelta(days=days))
    found = age_problem(record, TODAY)
    assert told in found
    assert bool(told) == bool(found)
