"""Patches are looked at before anything is applied."""

from __future__ import annotations

import pytest

from elpython.core.errors import BadArchiveError
from elpython.prepare.patches import check_patch, leave_out_paths, touched_paths

GOOD = "diff --git a/x/f b/x/f\n--- a/x/f\n+++ b/x/f\n@@ -1 +1 @@\n-one\n+two\n"


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (GOOD, ["x/f"]),
        ("--- a/f\n+++ b/f\t2020-01-01\n@@ -1 +1 @@\n-a\n+b\n", ["f"]),
        ("--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+a\n", ["new"]),
        ("diff --git a/a b/b\nrename from a\nrename to b\n", ["a", "b"]),
        ('--- "a/sp ace"\n+++ "b/sp ace"\n@@ -1 +1 @@\n-a\n+b\n', ["sp ace"]),
        # What a patch removes or adds may look like a header itself.
        ("--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n--- ../../x\n a\n+++ /etc/passwd\n", ["f"]),
    ],
)
def test_touched_paths(text: str, paths: list[str]) -> None:
    assert touched_paths(text.encode()) == paths
    assert check_patch(text.encode(), "it") == paths


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (GOOD.replace("a/x/f", "a/../../f"), "leaves the tree"),
        (GOOD.replace("b/x/f", "b/x/../../../f"), "leaves the tree"),
        (GOOD.replace("a/x/f", "/etc/passwd"), "leaves the tree"),
        (GOOD.replace("x/f", ".git/config"), "leaves the tree"),
        (GOOD.replace("\n", "\r\n"), "CRLF"),
        (GOOD.replace("--- a", "new file mode 120000\n--- a"), "symbolic link"),
        ("hello\n", "is no patch"),
        ("", "is no patch"),
        ("--- f\n+++ f\n@@ -1 +1 @@\n-a\n+b\n", "no folder to strip"),
    ],
)
def test_what_may_not_be_applied(text: str, reason: str) -> None:
    with pytest.raises(BadArchiveError, match=reason):
        check_patch(text.encode(), "it")


def test_lines_of_windows_files_are_fine() -> None:
    text = "--- a/f.bat\n+++ b/f.bat\n@@ -1 +1 @@\n-one\r\n+two\r\n"
    assert check_patch(text.encode(), "it") == ["f.bat"]


def test_leaving_paths_out() -> None:
    other = GOOD.replace("x/f", "Misc/NEWS.d/next/1.rst")
    text = (GOOD + other).encode()
    assert leave_out_paths(text, ("Misc/NEWS.d/*",)) == GOOD.encode()
    assert leave_out_paths(text, ()) == text
