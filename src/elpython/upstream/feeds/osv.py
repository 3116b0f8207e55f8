"""OSV: its API, and archives of its records (zip), among them its export per ecosystem."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

from elpython.upstream.feeds.model import FeedError, Notice
from elpython.upstream.feeds.osv_format import notice_of, read_notice
from elpython.upstream.feeds.products import OTHER

if TYPE_CHECKING:
    from elpython.upstream.feeds.copies import Asker
    from elpython.upstream.feeds.rules import Rules

__all__ = ["ask_api", "ask_archive"]

_ID = re.compile(r"(?=.{1,80}\Z)[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9:._]+)+")
_MEMBER_BYTES = 4_000_000
_ALL_BYTES = 1_000_000_000


def _batch(body: bytes) -> bytes:
    """Check the answer to a batch of queries, and keep ids and times alone."""
    data = json.loads(body)
    found: dict[str, str] = {}
    for result in data["results"]:
        if result.get("next_page_token"):
            raise FeedError("answers in pages, and one of them holds all that is asked for here")
        for item in result.get("vulns") or []:
            if not _ID.fullmatch(item["id"]):
                raise FeedError(f"names {item['id'][:40]!r}, which is no id")
            found[item["id"]] = str(item["modified"])
    return json.dumps(found, sort_keys=True).encode()


def ask_api(asker: Asker, _rules: Rules) -> list[Notice]:
    """Ask the API which records speak of our products; fetch those that changed.

    The option `queries` holds `ECOSYSTEM/PACKAGE`, `ECOSYSTEM/PACKAGE@VERSION` and
    `GIT@COMMIT`. One request where nothing has changed.
    """
    queries = [_query(text) for text in asker.feed.options.get("queries", ())]
    post = json.dumps({"queries": queries}, sort_keys=True).encode()
    home = asker.feed.url.rstrip("/")
    known: dict[str, str] = json.loads(asker.get(f"{home}/v1/querybatch", _batch, post=post))
    notices = []
    for name, modified in known.items():
        # The time is part of the copy's key: a record that has not changed is not asked for again.
        try:
            body = asker.once(f"{home}/v1/vulns/{name}", _record, mark=modified)
            notices.append(read_notice(body, asker.feed.name))
        except FeedError as error:
            # That there is one is known: a person looks it up.
            asker.lose(name, error)
            notices.append(Notice(feed=asker.feed.name, id=name, where=f"OSV {name}",
                                  title="its record cannot be read"))  # fmt: skip
    return notices


def _record(body: bytes) -> bytes:
    read_notice(body, "")
    return body


def _query(text: str) -> dict[str, Any]:
    place, _, version = text.partition("@")
    if place == "GIT":
        return {"commit": version}
    ecosystem, _, name = place.partition("/")
    query: dict[str, Any] = {"package": {"ecosystem": ecosystem, "name": name}}
    return query | ({"version": version} if version else {})


def _archive(body: bytes) -> bytes:
    """Read an archive of records; keep those that speak of our products, or of none."""
    kept: list[Any] = []
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for member in archive.infolist():
                total += member.file_size
                if member.file_size > _MEMBER_BYTES or total > _ALL_BYTES:
                    raise FeedError("unpacks to more than can be meant")
                if not member.filename.endswith(".json"):
                    continue
                data = json.loads(archive.read(member))
                if set(notice_of(data, "").products) != {OTHER}:
                    kept.append(data)
    except zipfile.BadZipFile as error:
        raise FeedError(f"is no zip archive: {error}") from error
    return json.dumps(kept).encode()


def ask_archive(asker: Asker, _rules: Rules) -> list[Notice]:
    """Ask for an archive of records."""
    body = asker.get(asker.feed.url, _archive)
    return [notice_of(data, asker.feed.name) for data in json.loads(body)]
