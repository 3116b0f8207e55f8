"""The manual: real Zensical over small documents, and over our own."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from elpython.core.errors import MissingProgramError
from elpython.site.errors import BadDataError
from elpython.site.manual import manual

REPOSITORY = Path(__file__).parents[2]
LOADED = re.compile(rb"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=\"?(https?:[^\" >]+)")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "docs"
    (folder / "how-to").mkdir(parents=True)
    (folder / "README.md").write_text(
        "# Index\n\n[Cook](how-to/cook.md), [rules](../GOVERNANCE.md)\n"
    )
    (folder / "how-to" / "cook.md").write_text("# Cook soup\n\n[up](../../README.md#a-pot)\n")
    (folder.parent / "README.md").write_text("# Soup\n\n## A pot\n\n[index](docs/README.md)\n")
    (folder.parent / "GOVERNANCE.md").write_text("# Rules\n")
    return folder


def scratch(tmp_path: Path, name: str = "scratch") -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_links_above_the_folder_lead_to_copies(docs: Path, tmp_path: Path) -> None:
    pages = manual(docs, scratch(tmp_path))
    assert {"index.html", "how-to/cook.html", "overview.html", "governance.html"} <= set(pages)
    assert b'href="governance.html"' in pages["index.html"]
    assert b'href="../overview.html#a-pot"' in pages["how-to/cook.html"]
    assert b"How-to guides" in pages["index.html"]
    assert b"cook soup" in pages["search.json"].lower()
    assert manual(docs, scratch(tmp_path, "again")) == pages


@pytest.mark.parametrize("link", ["how-to/bake.md", "../absent.md", "how-to/cook.md#no-such-part"])
def test_a_link_that_leads_nowhere_is_told(docs: Path, tmp_path: Path, link: str) -> None:
    (docs / "README.md").write_text(f"# Index\n\n[Cook]({link})\n")
    with pytest.raises(BadDataError) as caught:
        manual(docs, scratch(tmp_path))
    assert any(link.rpartition("/")[2] in line for line in caught.value.details)


def test_a_link_to_elsewhere_is_not_published(docs: Path, tmp_path: Path) -> None:
    (docs / "leak.json").symlink_to("/etc/passwd")
    with pytest.raises(BadDataError, match="symbolic link"):
        manual(docs, scratch(tmp_path))


def test_what_is_no_folder_of_documents_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match=r"no README\.md"):
        manual(tmp_path, scratch(tmp_path))


def test_without_zensical_the_way_out_is_told(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(MissingProgramError, match="Zensical") as caught:
        manual(docs, scratch(tmp_path))
    assert "elpython[docs]" in caught.value.todo


def test_our_own_documents_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    pages = manual(REPOSITORY / "docs", scratch(tmp_path))
    loaded = {found for text in pages.values() for found in LOADED.findall(text)}
    assert loaded == set()
    assert sum(name.endswith(".html") for name in pages) > 60
