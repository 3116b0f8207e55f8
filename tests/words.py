"""Phrases that this repository does not use: `python -m tests.words` lists where they stand.

It reads the Python, Markdown, TOML and template files that git tracks, without the data of others
(`tests/data`, the contract's samples, patches). Only the phrases of `words.toml` are looked for.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = Path(__file__).with_name("words.toml")
KINDS = {".py", ".md", ".toml", ".j2", ".sh"}
FOREIGN = ("tests/data/", "src/elpython/contract/data/", "tests/words.", "tests/test_words.py")


def tracked(root: Path) -> list[Path]:
    """Return the files to read."""
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True, check=True
    ).stdout.split("\0")
    names = [name for name in listed if Path(name).suffix in KINDS]
    return [root / name for name in names if not name.startswith(FOREIGN)]


def banned(table: Path) -> dict[str, str]:
    """Return phrase -> what to write instead."""
    rows = tomllib.loads(table.read_text("utf-8"))["banned"]
    return {row["phrase"]: row["instead"] for row in rows}


def uses(paths: list[Path], phrases: dict[str, str], root: Path) -> list[str]:
    """Return one line for each use: where, the phrase, what to write instead."""
    pattern = re.compile("|".join(map(re.escape, phrases)), re.IGNORECASE)
    known = {phrase.lower(): (phrase, instead) for phrase, instead in phrases.items()}
    found = []
    for path in paths:
        if not path.is_file():
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            for match in pattern.finditer(line):
                phrase, instead = known[match[0].lower()]
                where = f"{path.relative_to(root)}:{number}"
                found.append(f"{where}: {phrase!r}: write {instead!r}")
    return found


def main() -> int:
    """Print the uses; exit code 1 when there are some."""
    found = uses(tracked(ROOT), banned(TABLE), ROOT)
    text = "\n".join(found) or f"none of {len(banned(TABLE))} banned phrases is used"
    sys.stdout.write(f"{text}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
