"""The rules by which entries of NEWS and changelogs are picked: `branches/watch-rules.toml`."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError
from elpython.core.store import key_of
from elpython.core.toml import Reader, read_toml

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

__all__ = ["CVE_IN_TEXT", "RULES", "Rules", "digest_of", "read_rules"]

RULES = "watch-rules.toml"

# `CVE-2026-1`, `CVE 2026-1` and Sphinx's `:cve:`2026-1``.
CVE_IN_TEXT = re.compile(r"(?:CVE[- ]|:cve:`)([0-9]{4}-[0-9]{4,19})(?![0-9])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What is looked at.

    Attributes:
        security: sections whose every entry counts.
        skip: sections that are left out, whatever they say.
        words: an entry of any other section counts where one of these is found in it.
        since: entries of releases before this day count only where they name a CVE: the record
            was made from the older ones.
    """

    security: tuple[str, ...]
    skip: tuple[str, ...]
    words: re.Pattern[str]
    since: dt.date

    @property
    def key(self) -> str:
        """Their content, as a part of the key of what was picked by them."""
        return key_of([self.security, self.skip, self.words.pattern, self.since.isoformat()])

    def wants(self, section: str, text: str, released: dt.date | None) -> bool:
        """Return whether an entry of NEWS is to be decided by a person."""
        if CVE_IN_TEXT.search(text):
            return True
        if released is not None and released < self.since:
            return False
        if section in self.security:
            return True
        return section not in self.skip and self.words.search(text) is not None


def digest_of(text: str) -> str:
    """Return what the record calls an entry: wrapping and markup of backports do not count."""
    normal = re.sub(r"[\W_]+", " ", text).strip().lower()[:60]
    return hashlib.sha256(normal.encode()).hexdigest()[:12]


def read_rules(branches: Path) -> Rules:
    """Read the rules.

    Raises:
        BadBranchError: every problem of the file.
    """
    problems: list[str] = []
    file = f"branches/{RULES}"
    reader = Reader(read_toml(branches / RULES, problems, name=file), problems, file=file)
    words = []
    for word in reader.words("words"):
        try:
            words.append(re.compile(word).pattern)
        except re.error as error:
            reader.problem("words", f"{word!r} is no regular expression: {error}")
    rules = Rules(
        security=reader.words("security"),
        skip=reader.words("skip"),
        words=re.compile("|".join(words) or r"(?!)", re.IGNORECASE),
        since=reader.date("since"),
    )
    reader.done()
    if problems:
        raise BadBranchError("has problems", where=file, details=tuple(problems))
    return rules
