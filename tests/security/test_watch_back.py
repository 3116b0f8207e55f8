"""The whole watch, from a record set back to 2026-11-21: every row of November's list is found.

Every feed answers on loopback in its own format: OSV, the PSF's repository, Debian's tracker and a
Debian package, Red Hat, python.org's archive and libexpat's changes. What the answers say is
written here; who tells what is as it was on 2026-11-30.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from elpython.cli import cli
from elpython.define.vulnerability_read import read_record
from elpython.upstream.debian_binary import Binary
from elpython.upstream.feeds import debian_packages
from elpython.upstream.feeds.settings import read_feeds
from examples import REPOSITORY
from feed_server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BACK = dt.date(2026, 11, 21)
# What became known, or had been overlooked, until 2026-11-30, by who tells it.
EXPAT = {
    "2.9.0": ("CVE-2026-77214", "CVE-2026-102633"),
    "2.8.5": ("CVE-2026-93990", "CVE-2026-76957"),
    "2.8.4": ("CVE-2026-66046", "CVE-2026-76641", "CVE-2026-76956"),
    "2.8.3": ("CVE-2026-72522",),
    "2.7.2": ("CVE-2025-59375",),
}
# Release -> section -> entries: issue, and the CVE that it names.
NEWS = {
    "3.13.18": {
        "Security": {
            "gh-160097": "CVE-2026-114583", "gh-157579": "CVE-2026-12345", "gh-160300": "",
            "gh-160040": "CVE-2026-115557", "gh-159428": "",
        },
    },
    "3.13.17": {"Security": {"gh-159894": ""}},
    "3.13.16": {
        "Security": {
            "gh-157953": "CVE-2026-93990", "gh-157190": "CVE-2026-82049",
            "gh-156293": "CVE-2026-19445", "gh-156002": "CVE-2026-15310",
            "gh-155694": "CVE-2026-15806", "gh-155999": "CVE-2026-19672",
            "gh-157265": "CVE-2026-87910", "gh-156793": "CVE-2026-19553",
            "gh-155292": "CVE-2026-17084", "gh-158446": "",
        },
        "Library": {"gh-98820": "CVE-2026-18503"},
    },
    "3.13.15": {"Library": {"gh-151497": ""}, "Core and Builtins": {"gh-151295": ""}},
    "3.13.14": {
        "Security": {"gh-149018": "CVE-2026-7210"},
        "Library": {"gh-149148": "CVE-2026-3219", "gh-148954": ""},
    },
    "3.13.10": {"Security": {"gh-137836": ""}},
    "3.13.8": {"Security": {"gh-118350": ""}},
    "3.13.6": {"Security": {"gh-135661": "", "gh-102555": ""}},
    "3.13.4": {"Library": {"gh-77057": "CVE-2025-69534"}},
}  # fmt: skip
NEXT = {
    "3.15.2": {"Security": {"gh-143923": "CVE-2025-15367", "gh-125346": "CVE-2025-12781"}},
}
# A word of the rules, for the entries of sections in which not everything counts.
WORD = {"gh-151497": "a crafted archive", "gh-151295": "a use-after-free", "gh-148954": "inject"}
CHANGELOG = {
    "CVE-2026-15308": "gh-153030", "CVE-2026-19445": "", "CVE-2026-15310": "", "CVE-2026-15806": "",
    "CVE-2026-19553": "", "CVE-2026-17084": "", "CVE-2026-18503": "", "CVE-2025-69534": "",
    "": "gh-100061, gh-106052", " ": "gh-109638",
}  # fmt: skip
TRACKER = ("CVE-2026-3479", "CVE-2026-5713", "CVE-2025-15366")
RED_HAT = ("CVE-2026-4786",)
OSV = ("CVE-2025-4517", "CVE-2025-4330")
PSF = {"PSF-2025-8": "CVE-2025-4138", "PSF-2025-9": "CVE-2024-12718"}


def wanted() -> set[str]:
    """Return every id of the list that a feed of this test tells."""
    found = {name for names in EXPAT.values() for name in names}
    for releases in (NEWS, NEXT):
        for sections in releases.values():
            for entries in sections.values():
                found |= {cve or issue for issue, cve in entries.items()}
    found |= {name.strip() for name in CHANGELOG} | {*TRACKER, *RED_HAT, *OSV, *PSF.values()}
    found |= {"gh-100061", "gh-106052", "gh-109638"}
    return found - {""}


def news(releases: dict[str, dict[str, dict[str, str]]]) -> str:
    lines = []
    for number, (release, sections) in enumerate(releases.items()):
        title = f"What's New in Python {release} final?"
        day = dt.date(2026, 11, 20) - dt.timedelta(days=40 * number)
        lines += [title, "=" * len(title), "", f"*Release date: {day}*", ""]
        for section, entries in sections.items():
            lines += [section, "-" * len(section), ""]
            for issue, cve in entries.items():
                lines += [f"- {issue}: Close {WORD.get(issue, 'a hole')} {cve}.", ""]
    return "\n".join(lines)


def archive(release: str, text: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz", preset=0) as stream:
        member = tarfile.TarInfo(f"Python-{release}/Misc/NEWS")
        member.size = len(text)
        stream.addfile(member, io.BytesIO(text.encode()))
    return data.getvalue()


def expat_changes() -> str:
    lines = []
    for number, (release, names) in enumerate(EXPAT.items()):
        day = dt.date(2026, 11, 3) - dt.timedelta(days=35 * number)
        lines += [f"Release {release} {day:%a %B %d %Y}", "        Security fixes:"]
        lines += [f"           #{1000 + n}  {name} -- Close a hole" for n, name in enumerate(names)]
        lines += ["", "        Other changes:", "           #1  Nothing", ""]
    return "\n".join(lines)


def osv(name: str, **more: object) -> str:
    return json.dumps({
        "id": name, "modified": "2026-11-01T00:00:00Z", "published": "2026-10-30T00:00:00Z",
        "affected": [{"package": {"ecosystem": "Bitnami", "name": "python"}}], "summary": "A hole",
        **more,
    })  # fmt: skip


def deb(folder: Path) -> bytes:
    """Return a package with the changelog of a security upload, built by dpkg-deb."""
    lines = [f"    - {cve.strip()} {issues}: Close a hole" for cve, issues in CHANGELOG.items()]
    text = "\n".join([
        "python3.11 (3.11.2-6+deb12u9) bookworm-security; urgency=high", "",
        "  * Apply upstream patches:", *lines, "",
        " -- A Person <a@example.org>  Wed, 07 Oct 2026 14:35:07 +0200", "",
    ])  # fmt: skip
    root = folder / "root"
    place = root / "usr/share/doc/python3.11"
    place.mkdir(parents=True)
    (place / "changelog.Debian.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN" / "control").write_text(
        "Package: python3.11\nVersion: 3.11.2-6+deb12u9\nArchitecture: all\n"
        "Maintainer: A Person <a@example.org>\nDescription: a package\n"
    )
    words = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z0", "--build", str(root), "x.deb"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return (folder / "x.deb").read_bytes()


def serve(server: Server, folder: Path) -> bytes:
    """Let the server answer as each of the feeds; return the Debian package."""
    listed = {"results": [{"vulns": [
        {"id": name, "modified": "2026-11-01T00:00:00Z"} for name in OSV]}]}  # fmt: skip
    tracked: dict[str, Any] = {
        "python3.11": {
            name: {"description": "A hole", "releases": {
                "bookworm": {"status": "open", "urgency": "medium"}}}
            for name in TRACKER
        }
    }  # fmt: skip
    rows = [
        {"CVE": name, "severity": "important", "public_date": "2026-10-30T00:00:00Z"}
        for name in RED_HAT
    ]
    package = deb(folder)
    server.answers |= {
        "/v1/querybatch": json.dumps(listed),
        **{f"/v1/vulns/{name}": osv(name) for name in OSV},
        "/tracker": json.dumps(tracked),
        "/cve.json": json.dumps(rows),
        "/expat": expat_changes(),
        "/python/": '<a href="3.13.18/">x</a><a href="3.15.2/">y</a><a href="2.7.18/">z</a>',
        "/python/3.13.18/Python-3.13.18.tar.xz": archive("3.13.18", news(NEWS)),
        "/python/3.15.2/Python-3.15.2.tar.xz": archive("3.15.2", news(NEXT)),
        "/python3.11.deb": package,
    }
    work = folder / "psf"
    (work / "advisories" / "python").mkdir(parents=True)
    for name, cve in PSF.items():
        (work / "advisories" / "python" / f"{name}.json").write_text(osv(name, aliases=[cve]))
    git = ["git", "-C", str(work), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "x"],
                  ["update-server-info"]):  # fmt: skip
        subprocess.run([*git, *words], check=True, capture_output=True)
    server.serve_folder(work / ".git", "/psf.git")
    return package


TABLE = """\
[[feed]]
name = "osv"
kind = "osv-api"
url = "{url}"
queries = ["Bitnami/python"]
[[feed]]
name = "psf"
kind = "git"
url = "{url}/psf.git"
folder = ["advisories/python"]
[[feed]]
name = "debian-tracker"
kind = "debian-tracker"
url = "{url}/tracker"
[[feed]]
name = "red-hat"
kind = "redhat"
url = "{url}/cve.json?package={{package}}"
packages = ["python3.11"]
[[feed]]
name = "python-org"
kind = "python-org"
url = "{url}/python"
series = ["3.13", "3.15"]
[[feed]]
name = "libexpat"
kind = "expat-changes"
url = "{url}/expat"
[[feed]]
name = "debian-bookworm-security"
kind = "debian-packages"
suites = ["bookworm-security"]
packages = ["python3.11"]
"""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@dataclasses.dataclass
class Morning:
    """A morning's run of the watch over our own branches: the feeds' table, and the server."""

    table: Path
    server: Server

    def run(self, *words: str) -> tuple[int, dict[str, Any]]:
        """Run it; return the exit code and the JSON."""
        argv = ["fix", "watch", "--json", "--feeds", str(self.table), *words]
        done = CliRunner().invoke(cli, argv, standalone_mode=False)
        assert done.exception is None, done.output
        return int(done.return_value), json.loads(done.stdout)


@pytest.fixture
def morning(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Morning:
    if shutil.which("dpkg-deb") is None or not shutil.which("apt-get"):
        pytest.skip("needs dpkg-deb and apt")
    package = serve(server, tmp_path)
    one = Binary(
        package="python3.11", version="3.11.2-6+deb12u9", url=f"{server.url}/python3.11.deb",
        sha256=hashlib.sha256(package).hexdigest(),
    )  # fmt: skip
    # Only the signed lists of Debian's own mirrors are not ours to write: what they name is.
    monkeypatch.setattr(debian_packages, "_state", lambda _asker, _suite: "state")
    monkeypatch.setattr(debian_packages, "binaries", lambda _store, _suite, _names: [one])
    monkeypatch.setenv("ELPYTHON_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(REPOSITORY / "branches"))
    table = tmp_path / "feeds.toml"
    table.write_text(TABLE.format(url=server.url))
    return Morning(table=table, server=server)


def names_in(data: dict[str, Any]) -> set[str]:
    """Return every id and issue of what is told as new."""
    return {name for item in data["news"] for name in (item["id"], *item["issues"])}


def test_every_feed_of_ours_is_of_a_kind_that_answers_here(tmp_path: Path) -> None:
    """Nothing in the real table is left out of this trial."""
    table = tmp_path / "feeds.toml"
    table.write_text(TABLE.format(url="http://127.0.0.1"))
    tried = {feed.kind for feed in read_feeds(table)} | {"osv-archive"}
    assert {feed.kind for feed in read_feeds(REPOSITORY / "branches" / "feeds.toml")} <= tried


def test_every_id_of_the_list_came_into_the_record_after_that_day() -> None:
    """Set back, the record knows none of them; today it has decided each, on every branch."""
    record = read_record(REPOSITORY / "branches")
    known = {
        name
        for item in record.vulnerabilities
        for name in (item.id, *item.aliases, *item.issues)
        if item.id.startswith(("CVE", "gh"))
    }
    assert wanted() <= known
    back = {item.id for item in record.as_of(BACK).vulnerabilities}
    assert not wanted() & back


def test_the_watch_finds_every_row_of_the_list(morning: Morning) -> None:
    """Set back to 2026-11-21 it tells each id, who told it, and proposes for every branch."""
    code, data = morning.run("--as-of", BACK.isoformat())
    assert code == 1
    assert [item["problem"] for item in data["feeds"]] == [""] * 7
    assert wanted() - names_in(data) == set()
    for item in data["news"]:
        assert item["where"], item["id"]
        assert set(item["proposals"]) == {"3.9", "3.11", "3.13"}
    worst = next(item for item in data["news"] if item["id"] == "CVE-2026-15308")
    assert worst["patches"] == ["python3.11 3.11.2-6+deb12u9"]


@pytest.mark.slow
def test_each_feed_alone_tells_what_it_has(morning: Morning) -> None:
    """A feed that is left out takes its rows with it: none is found by accident."""
    _, data = morning.run("--as-of", BACK.isoformat(), "--without", "red-hat", "--without", "psf")
    missing = wanted() - names_in(data)
    assert missing == {*RED_HAT, *PSF.values()}


@pytest.mark.slow
def test_after_the_work_no_id_is_new(morning: Morning) -> None:
    """With the record of today every CVE is decided; an entry in other words is a follow-up."""
    _, data = morning.run()
    assert [item["id"] for item in data["news"] if item["id"].startswith("CVE")] == []
    for item in data["news"]:
        assert any("a follow-up?" in text for text in item["remarks"]), item["id"]


@pytest.mark.slow
def test_the_second_morning_asks_once_a_feed(morning: Morning) -> None:
    _, first = morning.run("--as-of", BACK.isoformat())
    morning.server.asked.clear()
    _, second = morning.run("--as-of", BACK.isoformat())
    assert second["news"] == first["news"]
    assert all(item["requests"] <= 1 for item in second["feeds"])
    assert len(morning.server.asked) <= len(second["feeds"])
