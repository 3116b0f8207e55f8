"""Each rule is shown failing, and kept where it must be."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from elpython.define.branch import load_all
from elpython.policy.check import RULES
from elpython.policy.content import lines_of_patches
from elpython.policy.model import FINDING, REMARK
from elpython.policy.rules import is_gone_under_o
from examples import REPOSITORY

if TYPE_CHECKING:
    from policy_lab import Lab

SECURITY: dict[str, Any] = {"kind": "security"}
MAGIC = """\
--- a/Lib/importlib/_bootstrap_external.py
+++ b/Lib/importlib/_bootstrap_external.py
@@ -1 +1 @@
-MAGIC_NUMBER = (3425).to_bytes(2, 'little') + b'\\r\\n'
+MAGIC_NUMBER = (3426).to_bytes(2, 'little') + b'\\r\\n'
"""
OPCODE = """\
--- a/Lib/opcode.py
+++ b/Lib/opcode.py
@@ -1,0 +2 @@
+def_op('MATCH_CLASS', 152)
"""
ESCAPED = '"b/Lib/opc\\157de.py"'
FORM_FEEDS = """\
--- a/Lib/opcode.py
+++ b/Lib/opcode.py
@@ -1,0 +2,2 @@
+# \f\f\f\f
+def_op('MATCH_CLASS', 152)
"""
STRUCT = """\
--- a/Include/cpython/object.h
+++ b/Include/cpython/object.h
@@ -1,0 +2 @@
+    unsigned int tp_watched;
"""
ASSERTS = """\
--- a/Lib/x.py
+++ b/Lib/x.py
@@ -1 +1,2 @@
 line
+    assert no_control_character(value), "a check that -O removes"
"""
DEBUG = ASSERTS.replace("assert no_control", "if __debug__ and no_control")
OPTIMIZED = ASSERTS.replace("assert no_control", "if not sys.flags.optimize and no_control")
FLAG = ASSERTS.replace("    assert no_control_character(value)", "CHECKED = strict and __debug__")
STRUCT_TWO = STRUCT.replace("unsigned int tp_watched;", "Py_ssize_t allocated; Py_ssize_t more;")
STRUCT_LIST = STRUCT.replace("unsigned int tp_watched;", "int first, second;")
STRUCT_CALL = STRUCT.replace("unsigned int tp_watched;", "int (*tp_call)(PyObject *);")
STRUCT_GONE = STRUCT.replace("-1,0 +2", "-2 +1,0").replace("+    unsigned", "-    unsigned")
SCRIPTS = """\
--- a/Makefile.pre.in
+++ b/Makefile.pre.in
@@ -1,0 +2 @@
+SCRIPTDIR = $(prefix)/el
"""
SAFE = """\
--- a/Lib/spam.py
+++ b/Lib/spam.py
@@ -5 +5 @@ def call(name):
-    write("<name>%s</name>" % name)
+    write("<name>%s</name>" % escape(name))
"""
TAKEN_BACK = SAFE.replace("-    ", "=    ").replace("+    ", "-    ").replace("=    ", "+    ")
OLD_WHEEL = "pip-22.3.1-py3-none-any.whl"
NEW_WHEEL = "pip-26.3-py3-none-any.whl"
OLDER_WHEEL = "pip-1.0-py3-none-any.whl"
OTHER_WHEEL = "setuptools-79.0.1-py3-none-any.whl"
HARMLESS = """\
--- a/Include/cpython/object.h
+++ b/Include/cpython/object.h
@@ -1,0 +2,3 @@
+PyAPI_FUNC(int) PyObject_New2(PyObject *op, int flag);
+    return value;
+/* a comment; */
--- a/Include/internal/pycore_interp.h
+++ b/Include/internal/pycore_interp.h
@@ -1,0 +2 @@
+    int int_max_str_digits;
"""
TAG = """\
--- a/configure.ac
+++ b/configure.ac
@@ -1,0 +2 @@
+SOABI='el-311'
"""
LAYOUT = """\
--- a/Lib/sysconfig.py
+++ b/Lib/sysconfig.py
@@ -1,0 +2 @@
+        'purelib': '{base}/lib/el/site-packages',
"""


def test_all_rules_are_kept(lab: Lab) -> None:
    assert lab.told() == []


@pytest.mark.parametrize(
    ("rule", "place", "change"),
    [
        ("upstream-first", "3.11/bad", {"upstream": 'issues = ["gh-1"]'}),
        (
            "upstream-first",
            "3.11/bad",
            {"upstream": 'proposal = "draft PEP: a goto statement"', "kind": "feature"},
        ),
        ("upstream-issue", "3.11/bad", {"upstream": 'first-in = "3.12.0"'}),
        ("newer-branches", "3.9/bad", {"upstream": 'first-in = "3.12.0"\nissues = ["gh-1"]'}),
        ("newer-branches", "3.9/bad", {"upstream": 'first-in = "3.10.4"\nissues = ["gh-1"]'}),
        ("newer-branches", "3.9/bad", {"upstream": 'first-in = "3.11.4"\nissues = ["gh-1"]'}),
        ("same-layout", "3.11/bad", {"top": 'declares = ["layout:lib/python3.11/x.py"]'}),
        ("same-layout", "3.11/bad", {"top": 'declares = ["stable-abi:-PyLong_FromLong"]'}),
        ("same-layout", "3.11/bad", {"top": 'declares = ["pyc:+magic"]'}),
        ("same-layout", "3.11/bad", {"top": 'declares = ["extensions:+tag"]'}),
        ("same-layout", "3.11/bad", {"top": 'declares = ["layout:+elf.python.soname"]'}),
        ("same-layout", "3.11/bad", {"patch": OPCODE.replace("+++ b/", "+++ new/")}),
        ("same-layout", "3.11/bad", {"patch": OPCODE.replace("b/Lib/opcode.py", ESCAPED)}),
        ("same-layout", "3.11/bad", {"patch": FORM_FEEDS}),
        ("same-layout", "3.11/bad", {"top": 'declares = ["abi:+struct.PyThreadState.el"]'}),
        ("same-layout", "3.11/bad", {"top": 'declares = ["layout:makefile.EXT_SUFFIX"]'}),
        ("same-layout", "3.11/bad", {"top": 'declares = ["layout:elf.libpython3.11.so.soname"]'}),
        ("same-layout", "3.11/bad", {"top": 'declares = ["abi:struct._stmt.kind"]'}),
        ("same-layout", "3.11/bad", {"patch": MAGIC}),
        ("same-layout", "3.11/bad", {"patch": OPCODE}),
        ("same-layout", "3.11/bad", {"patch": STRUCT}),
        ("same-layout", "3.11/bad", {"patch": STRUCT_TWO}),
        ("same-layout", "3.11/bad", {"patch": STRUCT_LIST}),
        ("same-layout", "3.11/bad", {"patch": STRUCT_CALL}),
        ("same-layout", "3.11/bad", {"patch": STRUCT_GONE}),
        ("same-layout", "3.11/bad", {"patch": SCRIPTS}),
        ("same-layout", "3.11/bad", {"patch": TAG}),
        ("same-layout", "3.11/bad", {"patch": LAYOUT}),
        ("same-layout", "3.11/bad", {"patch": MAGIC, "notes": 'same-layout = "we want it"'}),
        ("real-checks", "3.11/bad", {"kind": "security", "patch": ASSERTS}),
        ("real-checks", "3.11/bad", {"kind": "security", "patch": DEBUG}),
        ("real-checks", "3.11/bad", {"kind": "security", "patch": OPTIMIZED}),
        ("real-checks", "3.11/bad", {"kind": "security", "patch": FLAG}),
        ("shown", "3.11/bad", {"shown": False}),
        ("shown", "3.11/bad", {"kind": "security", "shown": False}),
        ("behaviour-toggle", "3.11/bad", {"top": 'declares = ["behaviour:test_x.TestY"]'}),
        ("behaviour-toggle", "3.11/bad", {"top": 'toggles = ["no-such"]'}),
        ("notes", "3.11/bad", {"notes": 'upstream-isue = "a slip of the pen"'}),
    ],
)
def test_a_broken_rule_is_found(lab: Lab, rule: str, place: str, change: dict[str, Any]) -> None:
    lab.add(place, **change)
    lab.commit()
    branch, _, name = place.partition("/")
    assert lab.findings() == [(rule, branch, name)]
    said = next(item for item in lab.told() if item.level != REMARK)
    assert said.remedy


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("3.11/fine", {"patch": HARMLESS}),
        ("3.11/fine", {"kind": "security", "patch": ASSERTS.replace("Lib/", "Lib/test/")}),
        ("3.11/fine", {"patch": ASSERTS}),
        ("3.11/fine", {"top": 'declares = ["layout:+stdlib/tomllib", "abi:+symbol.PyNew"]'}),
        ("3.11/fine", {"kind": "variant", "upstream": ""}),
        ("3.11/fine", {"upstream": 'first-in = "3.12.0"\npeps = ["706"]', "kind": "feature"}),
        (
            "3.11/fine",
            {"upstream": 'proposal = "draft PEP: sys.set_min_python_version"', "kind": "feature"},
        ),
        ("3.9/fine", {"upstream": 'first-in = "3.11.2"\nissues = ["gh-1"]'}),
        ("3.9/fine", {"upstream": 'first-in = "3.10.0rc1"\nissues = ["gh-1"]'}),
        (
            "3.9/fine",
            {
                "upstream": 'first-in = "3.12.0"\nissues = ["gh-1"]',
                "notes": 'newer-branches = "3.11 has it since 3.11.1"',
            },
        ),
        (
            "3.11/fine",
            {"upstream": 'first-in = "3.12.0"', "notes": 'upstream-issue = "none was filed"'},
        ),
    ],
)
def test_what_is_right_is_left_alone(lab: Lab, place: str, change: dict[str, Any]) -> None:
    lab.add(place, **change)
    lab.commit()
    assert lab.findings() == []


@pytest.mark.parametrize(("new", "found"), [(NEW_WHEEL, 0), (OTHER_WHEEL, 1), (OLDER_WHEEL, 1)])
def test_a_wheel_goes_only_for_a_newer_one(lab: Lab, new: str, found: int) -> None:
    lab.add_wheels("3.11/wheels", OLD_WHEEL, new)
    lab.commit()
    assert lab.findings() == [("same-layout", "3.11", "wheels")] * found


def test_what_is_named_harmless_is_left_alone_and_used(lab: Lab) -> None:
    lab.add("3.11/good", top='declares = ["layout:makefile.PYTHON_OBJS"]')
    lab.harmless("layout:makefile.PYTHON_OBJS")
    lab.commit()
    assert lab.findings() == []
    lab.harmless("layout:makefile.PYTHON_HEADERS")
    lab.commit()
    assert lab.findings() == [("same-layout", "", "")]
    assert "no change needs that" in lab.told()[-1].message


def test_a_reason_without_words_excuses_nothing(lab: Lab) -> None:
    lab.add("3.11/bad", upstream='first-in = "3.12.0"', notes='upstream-issue = "."')
    lab.commit()
    assert lab.findings() == [("upstream-issue", "3.11", "bad")]
    assert "is no reason" in lab.told()[0].message


def test_a_fix_in_both_branches_is_no_loss(lab: Lab) -> None:
    upstream = 'first-in = "3.12.0"\nissues = ["gh-1"]\ncves = ["CVE-2024-1000"]'
    lab.add("3.9/fix", upstream=upstream, **SECURITY)
    lab.add("3.11/other-name", upstream='first-in = "3.12.0"\nissues = ["gh-1"]', **SECURITY)
    lab.commit()
    assert lab.findings() == []


def test_a_branch_that_has_ended_is_not_asked(lab: Lab) -> None:
    lab.add("3.9/fix", upstream='first-in = "3.12.0"\nissues = ["gh-1"]')
    lab.commit()
    later = lab.told(today=dt.date(2034, 1, 1))
    assert [item.rule for item in later if item.rule == "newer-branches"] == []


def test_a_lost_feature_is_a_remark(lab: Lab) -> None:
    upstream = 'first-in = "3.12.0"\nissues = ["gh-1"]'
    lab.add("3.9/new", kind="feature", upstream=upstream, top='provides = ["itertools.batched"]')
    lab.commit()
    (said,) = lab.told()
    assert (said.rule, said.level) == ("no-loss", REMARK)
    assert "who moves to 3.11 loses itertools.batched" in said.message


def test_security_stands_before_features(lab: Lab) -> None:
    lab.add("3.11/feature", kind="feature")
    lab.add("3.11/fix", **SECURITY)
    lab.commit()
    assert lab.findings() == [("security-first", "3.11", "fix")]
    lab.series["3.11"].reverse()
    lab.write("3.11", "3.11.2")
    lab.commit()
    assert lab.findings() == []


def test_a_fix_for_which_there_is_a_toggle_brings_it(lab: Lab) -> None:
    lab.branches.joinpath("toggles.toml").write_text(
        '[email-addresses]\ntitle = "how addresses are read"\ndescription = "strict or lenient"\n'
        'new = "strict"\nlegacy = "lenient"\nsecurity = "medium"\nsince = "27.01.0"\n'
        'cves = ["CVE-2023-27043"]\nmodules = ["email"]\n'
        '[email-addresses.default]\n"3.11" = { value = "new", reason = "the fix made it so" }\n'
    )
    upstream = 'first-in = "3.12.0"\nissues = ["gh-1"]\ncves = ["CVE-2023-27043"]'
    lab.add("3.11/fix", upstream=upstream, **SECURITY)
    lab.commit()
    assert lab.findings() == [("behaviour-toggle", "3.11", "fix")]
    lab.add("3.11/switch", kind="toggle", upstream="", top='toggles = ["email-addresses"]')
    lab.commit()
    assert lab.findings() == []
    text = lab.branches.joinpath("toggles.toml").read_text()
    lab.branches.joinpath("toggles.toml").write_text(text.replace('"new",', '"legacy",'))
    (said,) = [item for item in lab.told() if item.level == FINDING]
    assert (said.rule, said.change) == ("behaviour-toggle", "fix")
    assert "nobody who did not ask has the fix" in said.message


def test_what_is_refused_is_not_carried(lab: Lab) -> None:
    lab.branches.joinpath("3.11", "refused.toml").write_text(
        '[[refused]]\nid = "goto"\ntitle = "goto"\nissues = ["gh-100"]\n'
        'needs = "new opcode"\nreason = "It jumps."\n'
    )
    lab.add("3.11/jump")
    lab.commit()
    assert lab.findings() == [("not-refused", "3.11", "jump")]


@pytest.mark.parametrize(
    ("kind", "since", "found"),
    [
        ("security", "27.01.0", []),
        ("feature", "27.01.0", []),
        ("feature", "27.07.0", [("lts-scope", "3.9", "late")]),
        ("performance", "27.01.0", []),
        ("performance", "27.07.0", [("lts-scope", "3.9", "late")]),
        ("variant", "27.07.0", []),
    ],
)
def test_past_upstreams_end_only_named_kinds(
    lab: Lab, kind: str, since: str, found: list[tuple[str, str, str]]
) -> None:
    """3.9's exception in our own policy.toml: features and speed up to 27.01.0, nothing later."""
    lab.add("3.9/late", kind=kind, top=f'since = "{since}"')
    lab.write("3.9", "3.9.2", upstream="2025-10-31")
    path = lab.branches / "3.9" / "branch.toml"
    path.write_text('first = "27.01.0"\n' + path.read_text().replace("27.01.0", "28.01.0"))
    lab.commit()
    assert lab.findings() == found


def test_a_reason_that_nothing_needs_is_told(lab: Lab) -> None:
    lab.add("3.11/fine", notes='upstream-first = "it is ours"')
    lab.commit()
    (said,) = lab.told()
    assert (said.rule, said.level, said.remedy) == ("notes", REMARK, "take it out")


def test_a_security_fix_that_goes_is_found(lab: Lab) -> None:
    lab.add("3.11/fix", **SECURITY)
    lab.add("3.11/bug")
    base = lab.commit()
    for name in ("fix", "bug"):
        lab.git(
            "rm", "-rq", f"branches/3.11/changes/{name}.toml", f"branches/3.11/changes/{name}.patch"
        )
    lab.series["3.11"].clear()
    lab.write("3.11", "3.11.2")
    lab.commit()
    assert lab.findings(base) == [("kept-fixes", "3.11", "fix")]
    assert lab.findings() == []


def test_a_fix_of_our_own_is_known_by_its_id(lab: Lab) -> None:
    own = {"upstream": 'proposal = "draft PEP: sys.set_min_python_version"', "kind": "bugfix"}
    lab.add("3.9/own", **own)
    lab.commit()
    assert lab.findings() == [("newer-branches", "3.9", "own")]
    lab.add("3.11/own", **own)
    lab.commit()
    assert lab.findings() == []


def test_a_later_fix_that_nobody_decided_is_told(lab: Lab) -> None:
    lab.add("3.11/fix", **SECURITY)
    lab.commit()
    row = (
        'checked = 2026-11-30\nlooked = ["3.13.9 3.13"]\n\n'
        '[[followup]]\nbranch = "3.11"\nchange = "fix"\n'
        'news = "0123456789ab"\nissue = "gh-7"\nrelease = "3.13.9"\nstate = "new"\n'
    )
    (lab.branches / "followups.toml").write_text(row)
    (said,) = [item for item in lab.told() if item.rule == "follow-ups"]
    assert (said.change, said.level) == ("fix", FINDING)
    assert "gh-7" in said.message
    decided = row.replace('"new"', '"refused"\nreason = "it changes what programs see"')
    (lab.branches / "followups.toml").write_text(decided)
    assert [item for item in lab.told() if item.rule == "follow-ups"] == []


@pytest.mark.parametrize(
    ("kind", "notes", "level"),
    [
        ("bugfix", "", FINDING),
        ("performance", "", FINDING),
        ("security", "", FINDING),
        ("bugfix", 'kept-lines = "write() escapes what it is given"', REMARK),
    ],
)
def test_what_takes_a_fix_back_is_found(lab: Lab, kind: str, notes: str, level: str) -> None:
    lab.add("3.11/fix", kind="security", patch=SAFE)
    lab.add("3.11/later", kind=kind, patch=TAKEN_BACK, notes=notes)
    lab.commit()
    (said,) = [item for item in lab.told() if item.rule == "kept-lines"]
    assert (said.change, said.level) == ("later", level)
    assert "takes out what the security fix fix put into Lib/spam.py" in said.message


def test_a_fix_may_be_moved_within_its_file(lab: Lab) -> None:
    lab.add("3.11/fix", kind="security", patch=SAFE)
    put = '    write("<name>%s</name>" % escape(name))'
    moved = f"@@ -5 +4,0 @@ def call(name):\n-{put}\n@@ -9,0 +9 @@ def call(name):\n+{put}\n"
    lab.add("3.11/later", patch="".join(SAFE.splitlines(keepends=True)[:2]) + moved)
    lab.commit()
    assert [item for item in lab.told() if item.rule == "kept-lines"] == []


def test_evidence_of_another_content_shows_nothing(lab: Lab) -> None:
    lab.add("3.11/fix")
    (lab.branches / "3.11" / "series.lock").write_text(f"fix {'1' * 40}\n")
    lab.commit()
    assert lab.findings() == [("shown", "3.11", "fix")]
    lab.evidence("3.11", "fix", "fails", "1" * 40)
    assert lab.findings() == []
    lab.evidence("3.11", "fix", "fails", "1" * 40, ran=0)
    assert lab.findings() == [("shown", "3.11", "fix")]


def test_evidence_of_what_is_not_in_the_lock_shows_nothing(lab: Lab) -> None:
    lab.add("3.11/fix")
    (lab.branches / "3.11" / "series.lock").write_text(f"other {'1' * 40}\n")
    lab.commit()
    assert lab.findings() == [("shown", "3.11", "fix")]


def test_every_rule_is_shown_failing() -> None:
    """The rules of the two tables above and of the single tests, and those about people."""
    shown = Path(__file__).read_text("utf-8")
    elsewhere = {"approvals", "cla"}
    assert [name for name in RULES if f'"{name}"' not in shown and name not in elsewhere] == []


def test_no_security_patch_of_this_repository_checks_by_assert() -> None:
    branches, problems = load_all(REPOSITORY / "branches")
    assert problems == []
    lines = lines_of_patches(branches)
    found = {
        (branch.name, change.id, line)
        for branch in branches
        for change in branch.series
        if change.kind in {"security", "toggle"}
        for path, line in lines[f"{'core' if change.core else branch.name}/{change.id}"].added
        if is_gone_under_o(path, line)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("path", "line", "gone"),
    [
        ("Lib/x.py", "    assert value", True),
        ("Lib/x.py", "if __debug__:", True),
        ("Lib/x.py", "if not __debug__:", False),
        ("Lib/x.py", "    if not sys.flags.optimize:", True),
        ("Lib/x.py", "CHECKED = strict and __debug__", True),
        ("Lib/x.py", "    text = 'not under __debug__'", False),
        ("Lib/x.py", "asserted = 1", False),
        ("Lib/test/test_x.py", "assert value", False),
        ("Lib/json/tests/x.py", "assert value", False),
        ("Modules/x.c", "    assert(value);", False),
    ],
)
def test_what_is_gone_under_o(path: str, line: str, *, gone: bool) -> None:
    assert is_gone_under_o(path, line) is gone
