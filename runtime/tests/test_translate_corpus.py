"""The translation over whole standard libraries: modern code stays, code of 3.6 compiles."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minpython.source.positions import compile_translation
from minpython.source.tokens import NAME, UnreadableError, tokenize
from minpython.source.translate import decode, translate

OLD = (3, 6)
PIECES = (
    "async", "await", "def", "for", "with", "in", "f", "(", ")", "[", "]", "x", "=", ",", ":", ".",
    "'", '"', "f'", "{", "}", "\\", "\n", "\r\n", "\t", "\f", " ", "#", "'''", "!", "0x1f", "é",
)  # fmt: skip


def interpreters() -> dict[str, Path]:
    """Return the CPythons on this machine by minor version."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += sorted(pyenv.glob("versions/3.*/bin"))
    found = {}
    for folder in folders:
        for path in folder.glob("python3.*") if "shims" not in folder.parts else ():
            if re.fullmatch(r"python3\.\d+", path.name):
                found[path.name[6:]] = path
    return found


def standard_library(python: Path) -> Path:
    """Return the folder of an interpreter's standard library."""
    code = "import sysconfig; print(sysconfig.get_paths()['stdlib'])"
    return Path(subprocess.check_output([python, "-I", "-c", code], text=True).strip())


def sources(folder: Path) -> list[Path]:
    """Return the modules of a library without what is installed into it."""
    return [path for path in folder.rglob("*.py") if "site-packages" not in path.parts]


@pytest.mark.slow
def test_own_standard_library_is_unchanged() -> None:
    """What compiles here is given back as the object it was."""
    changed = []
    count = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in sources(Path(sysconfig.get_paths()["stdlib"])):
            source = path.read_bytes()
            if not re.search(rb"\ba(?:sync|wait)\b", source):
                continue
            try:
                compile(source, str(path), "exec")
            except (SyntaxError, ValueError):
                continue
            count += 1
            if translate(source, version=OLD).source is not source:
                changed.append(path)
    assert not changed
    assert count > 50


@pytest.mark.slow
def test_standard_library_of_3_6_compiles() -> None:
    """Every module that Python 3.6 takes and holds the words compiles here after translation."""
    python = interpreters().get("3.6")
    if python is None:
        pytest.skip("no Python 3.6 on this machine to say what it accepts")
    paths = sources(standard_library(python))
    paths = [p for p in paths if re.search(rb"\ba(?:sync|wait)\b", p.read_bytes())]
    code = (
        "import sys, warnings; warnings.simplefilter('ignore')\n"
        "for p in sys.stdin.read().split('\\n'):\n"
        "    try: compile(open(p, 'rb').read(), p, 'exec')\n"
        "    except Exception: continue\n"
        "    print(p)\n"
    )
    accepted = subprocess.run(
        [python, "-c", code], input="\n".join(map(str, paths)), text=True, stdout=-1, check=True
    ).stdout.split("\n")[:-1]
    assert accepted
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in accepted:
            made = translate(Path(name).read_bytes(), version=OLD)
            compile(made.source, name, "exec")


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_keeps_its_shape(text: str) -> None:
    """Whatever the text, characters and lines stay where they are and nothing else is raised."""
    made = translate(text, version=OLD)
    assert isinstance(made.source, str)
    assert len(made.source) == len(text)
    ends = [place for place, char in enumerate(text) if char in "\r\n"]
    assert [place for place, char in enumerate(made.source) if char in "\r\n"] == ends
    try:
        compile(text, "x", "exec")
    except (SyntaxError, ValueError):
        return
    assert made.source is text


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_tokens_lie_in_order(text: str) -> None:
    """Tokens come in order, do not overlap, and names are whole words."""
    try:
        found = tokenize(text)
    except UnreadableError as error:
        found = error.found
    last = 0
    for token in found:
        assert last <= token.start < token.end <= len(text)
        last = token.end
        if token.kind == NAME:
            assert text[token.start : token.end].isidentifier()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes(source: bytes) -> None:
    """Bytes of any kind are decoded or given back; only a request without a version is refused."""
    decode(source)
    try:
        assert translate(b"async\n" + source, version=OLD) is not None
    except SyntaxError as refused:
        assert str(refused).startswith("use Python needs a version")  # noqa: PT017


@pytest.mark.skipif(sys.version_info < (3, 11), reason="code objects know columns from 3.11 on")
@pytest.mark.parametrize(
    "source", ["x = (async + 1) / nothing\n", "é = f(async=async,\r\n a=nothing)"]
)
def test_columns_are_those_of_the_original(source: str) -> None:
    """The columns in the compiled code point into the original text."""
    code = compile_translation(translate(source, version=OLD), "x")
    lines = source.encode().splitlines()
    parts = {
        lines[line - 1][start:end].decode()
        for line, last, start, end in code.co_positions()
        if line and line == last and start is not None
    }
    assert "nothing" in parts
    assert "async" in parts


def test_nothing_widened_compiles_as_it_is() -> None:
    """A translation without names in it needs no detour."""
    code = compile_translation(translate("f((a)=1)", version=OLD), "x", "eval")
    assert code.co_names == ("f",)
