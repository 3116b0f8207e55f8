"""Reading loses nothing, and edits touch nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.stacks.spec.model import Edit, apply_edits, read_spec

PIECES = st.sampled_from(
    [
        "Name: x\n", "%if 1\n", "%else\n", "%endif\n", "%package -n y\n", "%files\n", "\n",
        "# note\n", "%global a %{expand:\n", "}\n", "text \\\n", "%prep\n", "\t%{x}\r\n",
        "%install",
        "%{!?a: %global a 1}\n", "\x0c\n", "é\udcff\n", "%(echo (\n", ")\n", "%changelog\n",
    ]
)  # fmt: skip


@given(st.lists(PIECES))
def test_text_is_given_back_byte_for_byte(pieces: list[str]) -> None:
    text = "".join(pieces)
    spec = read_spec(text)
    assert spec.text == text
    assert spec.sections[0].start == 0
    assert spec.sections[-1].stop == len(spec.lines)
    assert all(line.depth >= 0 for line in spec.lines)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert read_spec(text).text == text


@given(st.lists(PIECES), st.integers(0, 30))
def test_an_inserted_line_changes_no_other(pieces: list[str], at: int) -> None:
    spec = read_spec("".join(pieces))
    at = min(at, len(spec.lines))
    new = apply_edits(spec, [Edit(at=at, lines=("inserted",))])
    assert new.lines[at].text == "inserted"
    assert new.lines[at].origin == 0
    rest = [line.text for index, line in enumerate(new.lines) if index != at]
    assert rest == [line.text for line in spec.lines]
    assert [line.origin for line in new.lines if line.origin] == list(range(1, len(spec.lines) + 1))


def kinds(text: str) -> list[str]:
    return [f"{item.kind} {item.words}".strip() for item in read_spec(text).sections]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Name: a\n%description\nb\n%files doc\n", ["preamble", "description", "files doc"]),
        ("%build_it\n%prepare\n", ["preamble"]),
        ("%global x %{expand:\n%files\n}\n%files\n", ["preamble", "files"]),
        ("%prep\ncat \\\n%files\n", ["preamble", "prep"]),
        ("%post -n python3-a -p /bin/x\n", ["preamble", "post -n python3-a -p /bin/x"]),
        ("%generate_buildrequires\n%check\n", ["preamble", "generate_buildrequires", "check"]),
    ],
)  # fmt: skip
def test_sections(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("words", "package", "suffix"),
    [
        ("-n python3-a -f %{pyproject_files}", "python3-a", ""),
        ("-f list doc", "", "doc"),
        ("", "", ""),
        ("doc", "", "doc"),
        ("-n   x", "x", ""),
        ("%{expand:", "", ""),
    ],
)
def test_header_words(words: str, package: str, suffix: str) -> None:
    (section,) = read_spec(f"%files {words}\n").of("files")
    assert (section.package, section.suffix) == (package, suffix)


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("%files\na\n\n# note\n\n", "%files\na\n"),
        ("%if x\n%files\na\n%endif\n\n", "%files\na\n"),
        ("%if x\n%files\na\n%else\nb\n%endif\n", "%files\na\n"),
        ("%files\na\n%if x\n%files doc\nb\n%endif\n", "%files\na\n"),
        ("%files\n%if x\na\n%endif\nb\n", "%files\n%if x\na\n%endif\nb\n"),
        ("%files\n%if x\na\n%else\nb\n%endif\n%if y\n", "%files\n%if x\na\n%else\nb\n%endif\n"),
        ("%if x\n%files\n%if y\na\n%endif\nb\n%endif\nc\n", "%files\n%if y\na\n%endif\nb\n"),
    ],
)
def test_core_of_a_section_is_whole_in_its_conditionals(text: str, core: str) -> None:
    spec = read_spec(text)
    start, stop = spec.core(spec.of("files")[0])
    assert spec.slice(start, stop) == core


def test_depth_and_kind_of_conditionals() -> None:
    spec = read_spec("%ifarch x86_64\na\n%if 0%{?b}\nc\n%else\nd\n%endif\n%endif\n%iffy\n")
    assert [(line.conditional, line.depth) for line in spec.lines] == [
        ("if", 0), ("", 1), ("if", 1), ("", 2), ("else", 1), ("", 2), ("endif", 1), ("endif", 0),
        ("", 0),
    ]  # fmt: skip


def test_macros_of_the_file() -> None:
    spec = read_spec("%global a b\n%define c() %a-x\n%if 1\n%global a d\n%endif\n# %global e f\n")
    assert spec.globals == {"a": (0, "b"), "c": (1, "%a-x")}
    assert [index for index, _ in spec.definitions["a"]] == [0, 3]
    assert spec.expand("python3-%{a} %{?a} %{unknown}") == "python3-b b %{unknown}"


def test_line_ends_of_the_file_are_kept() -> None:
    spec = read_spec("a\r\nb\r\nc")
    replaced, added = Edit(at=1, lines=("B",), replace=1), Edit(at=3, lines=("d",))
    new = apply_edits(spec, [replaced, added, Edit(at=0, lines=("z",))])
    assert new.text == "z\r\na\r\nB\r\nc\r\nd\r\n"
