"""Shell sections are cut where a command ends."""

from __future__ import annotations

import pytest

from elpython.stacks.spec.model import read_spec
from elpython.stacks.spec.shell import units


def cut(text: str) -> list[str] | int:
    spec = read_spec(f"%build\n{text}")
    found = units(spec, spec.of("build")[0])
    return found if isinstance(found, int) else [unit.text for unit in found]


WHOLE = [
    "for x in a b; do\n  y\ndone\n",
    "for x in a b\ndo y; done\n",
    "if a; then\nb\nelif c; then\nd\nfi\n",
    "case x in\n  a) b;;\n  c) d;;\nesac\n",
    "cat > x <<EOF\nfor if (\nEOF\n",
    "cat > x <<'END'\nit's\nEND\n",
    "cat > x <<-END\n\tif\n\tEND\n",
    "python3 -c '\nimport a\n'\n",
    'echo "a\nb"\n',
    "pushd a\nb\npopd\n",
    "(cd a\nb)\n",
    "{ a\nb\n}\n",
    "%if x\na\n%endif\n",
    "%if x\nfor y in z; do\n%endif\na\n%if x\ndone\n%endif\n",
    "a \\\n  b \\\n  c\n",
    "a %{expand:\nb\n}\n",
    "while read x; do y; done < z\n",
]


@pytest.mark.parametrize("text", WHOLE)
def test_what_belongs_together_is_one_unit(text: str) -> None:
    assert cut(f"one\n{text}two\n") == ["one\n", text, "two\n"]


@pytest.mark.parametrize(
    "text",
    [
        "echo for done\n",
        "make test # it's (fine\n",
        "echo $(date) ${x#y}\n",
        "sed -e 's/(//' x\n",
        "cat <<< word\n",
        "install -d %{buildroot}%{_bindir}\n",
        "test a || b\n",
    ],
)
def test_single_commands(text: str) -> None:
    assert cut(f"{text}two\n") == [text, "two\n"]


@pytest.mark.parametrize(
    ("text", "index"), [("a\nfor x in y; do\nb\n", 2), ("cat <<EOF\nx\n", 1), ("echo 'a\n", 1)]
)
def test_what_is_never_closed_is_told_with_its_line(text: str, index: int) -> None:
    assert cut(text) == index


def test_pushd_without_popd_holds_nothing_together() -> None:
    assert cut("pushd a\nb\n") == ["pushd a\n", "b\n"]


def test_definitions_are_no_shell() -> None:
    text = "%global note It's (not shell\n%define other \\\n  don't\\\n  end\n"
    assert cut(f"{text}two\n") == [
        "%global note It's (not shell\n",
        "%define other \\\n  don't\\\n  end\n",
        "two\n",
    ]


@pytest.mark.parametrize(
    ("text", "leaking"),
    [("cd a\n", 1), ("export A=b\n", 1), ("A=b\n", 1), ("A=b make\n", 0), ("cdx\n", 0)],
)
def test_what_changes_folder_or_environment_is_known(text: str, leaking: int) -> None:
    spec = read_spec(f"%build\n{text}")
    found = units(spec, spec.of("build")[0])
    assert not isinstance(found, int)
    assert found[0].leaking == bool(leaking)
