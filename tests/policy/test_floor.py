"""What no edit of policy.toml can change: each attack on the data is told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from elpython.define.change import KINDS
from elpython.policy.check import RULES
from elpython.policy.model import BadPolicyError
from elpython.policy.settings import read_policy
from examples import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

REAL = (REPOSITORY / "branches" / "policy.toml").read_text("utf-8")
REASON = "nothing that was built has it compiled in"


def problems(folder: Path, text: str) -> str:
    (folder / "policy.toml").write_text(text)
    with pytest.raises(BadPolicyError) as caught:
        read_policy(folder, RULES)
    return str(caught.value)


def test_the_real_policy_stands_on_the_floor(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(REAL)
    policy = read_policy(tmp_path, RULES)
    assert policy.harmless


@pytest.mark.parametrize(
    "what",
    [
        "pyc:magic",
        "pyc:+magic",
        "abi:struct.PyObject.ob_type",
        "abi:struct._typeobject.tp_name",
        "abi:struct._object.ob_refcnt",
        "abi:struct.PyThreadState",
        "abi:enum.opcode.LOAD_FAST",
        "abi:macro.LOAD_FAST",
        "abi:-symbol.PyLong_FromLong",
        "stable-abi:-PyLong_FromLong",
        "extensions:suffix",
        "layout:makefile.EXT_SUFFIX",
        "layout:makefile.SOABI",
        "layout:makefile.LIBDEST",
        "layout:makefile.CFLAGS",
        "layout:elf.libpython3.11.so.soname",
        "layout:elf.lib-dynload/*",
        "layout:content.stdlib/os.py",
        "layout:content.stdlib/venv",
        "layout:content.stdlib/venv/scripts*",
        "layout:content.stdlib/venv/scripts/../../os.py",
        "layout:content.stdlib/lib-dynload/_ssl.so",
        "layout:elf.*",
        "layout:-stdlib/os.py",
        "layout:*",
        "*",
        "",
        "Lib/opcode.py",
        "Include/opcode.h",
        "Include/opcode_ids.h",
        "Include/object.h",
        "Include/cpython/object.h",
        "Include/internal/pycore_magic_number.h",
        "Lib/importlib/_bootstrap_external.py",
        "Lib/sysconfig.py",
        "configure",
        "Include/Python-ast.h\\n",
        "Include/../Include/object.h",
    ],
)
def test_some_things_are_never_harmless(tmp_path: Path, what: str) -> None:
    row = f'\n[[harmless]]\nwhat = "{what}"\nreason = "{REASON}"\n'
    told = problems(tmp_path, REAL + row)
    assert "can never be harmless" in told or not what


def test_a_harmless_thing_is_named_once_with_a_reason(tmp_path: Path) -> None:
    row = f'\n[[harmless]]\nwhat = "layout:makefile.NEW_OBJS"\nreason = "{REASON}"\n'
    assert "is there twice" in problems(tmp_path, REAL + row * 2)
    assert "is no reason" in problems(tmp_path, REAL + row.replace(REASON, "."))


def forbidden_tables() -> list[str]:
    return re.findall(r"^\[\[forbidden\]\]\n(?:\w+ = .*\n)+", REAL, re.MULTILINE)


@pytest.mark.parametrize("table", forbidden_tables())
@pytest.mark.parametrize("how", ["gone", "never", "elsewhere"])
def test_no_forbidden_line_can_be_let_through(tmp_path: Path, table: str, how: str) -> None:
    new = {
        "gone": "",
        "never": re.sub(r"^line = .*$", "line = '(?!)'", table, flags=re.MULTILINE),
        "elsewhere": re.sub(r"^files = .*$", 'files = ["x"]', table, flags=re.MULTILINE),
    }[how]
    assert "lets through" in problems(tmp_path, REAL.replace(table, new))


@pytest.mark.parametrize("rule", ["same-layout", "lts-scope", "kept-fixes", "approvals", "cla"])
def test_a_rule_that_takes_no_reason_takes_none(tmp_path: Path, rule: str) -> None:
    head, _, tail = REAL.partition(f'id = "{rule}"')
    text = f'{head}id = "{rule}"{tail.replace("excusable = false", "excusable = true", 1)}'
    assert f"{rule} takes no reason" in problems(tmp_path, text)


@pytest.mark.parametrize("rule", list(RULES))
def test_a_rule_that_holds_for_nothing_is_told(tmp_path: Path, rule: str) -> None:
    head, _, tail = REAL.partition(f'id = "{rule}"')
    text = f'{head}id = "{rule}"{re.sub("kinds = .*", "kinds = []", tail, count=1)}'
    told = problems(tmp_path, text)
    assert f"{rule} ha" in told or f"{rule} holds for no kind" in told


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_is_left_out_of_the_layout(tmp_path: Path, kind: str) -> None:
    head, _, tail = REAL.partition('id = "same-layout"')
    left = tail.replace(f'"{kind}", ', "", 1).replace(f', "{kind}"]', "]", 1)
    assert "same-layout has to hold for" in problems(tmp_path, f'{head}id = "same-layout"{left}')


@pytest.mark.parametrize(
    ("old", "new"), [("needed = 2", "needed = 0"), ("organisations = 1", "organisations = 0")]
)
def test_approvals_cannot_be_done_without(tmp_path: Path, old: str, new: str) -> None:
    assert "must be at least" in problems(tmp_path, REAL.replace(old, new, 1))
