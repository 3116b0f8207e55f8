"""What users write: requirements, lock files, rebuild.toml, interpreters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.core.errors import BadInterpreterError
from elpython.mass_rebuild import interpreters
from elpython.mass_rebuild.errors import BadInputError, BadOptionsError
from elpython.mass_rebuild.model import Interpreter, Limits
from elpython.mass_rebuild.options import Options, parse, read
from elpython.mass_rebuild.requirements import parse_requirements, read_requirements
from elpython.mass_rebuild.resolve import IndexOptions, Pin, parse_pins, read_lock

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a==1\n# note\nB_c>=2  # why\n", ("a==1", "b-c>=2")),
        ("a==1 \\\n    --hash=sha256:00\n", ("a==1",)),
        ("a==1\nA==1\n", ("a==1",)),
        ("a==1 ; python_version < '3.12'\na==2 ; python_version >= '3.12'\n",
         ('a==1 ; python_version < "3.12"', 'a==2 ; python_version >= "3.12"')),
    ],
)  # fmt: skip
def test_requirements(text: str, found: tuple[str, ...]) -> None:
    assert parse_requirements(text, "r.txt") == found


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("a=1\n-e .\n", ["line 1", "line 2: options"]),
        ("a==1\na==2\n", ["line 2: a is asked for as ==2 here and as ==1 in line 1"]),
        ("Foo.Bar==1\nfoo_bar==2\n", ["line 2: foo-bar is asked for"]),
        ("a @ https://h.test/a.tar.gz\n", ["an address is no pin"]),
        ("# nothing\n", ["asks for no package"]),
    ],
)
def test_all_wrong_lines_are_told_at_once(text: str, messages: list[str]) -> None:
    with pytest.raises(BadInputError) as caught:
        parse_requirements(text, "r.txt")
    assert all(message in str(caught.value) for message in messages)


def test_a_lock_file_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    path.write_text(
        'lock-version = "1.0"\n[[packages]]\nname = "A_b"\nversion = "1.0"\n'
        'sdist = {url = "https://h.test/a_b-1.0.tar.gz", hashes = {sha256 = "00"}}\n'
        'wheels = [{url = "https://h.test/a_b-1.0-py3-none-any.whl", '
        'hashes = {sha256 = "11"}},\n'
        '{url = "https://h.test/a_b-1.0-cp39-cp39-win32.whl", hashes = {sha256 = "22"}}]\n'
    )
    assert read_requirements(path) == ("a-b==1.0",)
    [files] = read_lock(path.read_text(), tmp_path, ["py3-none-any"]).values()
    assert files.sdist is not None
    assert files.wheel is not None
    assert (files.sdist.filename, files.wheel.sha256) == ("a_b-1.0.tar.gz", "11")
    assert read_lock(path.read_text(), tmp_path, ["cp38-cp38-x"])["a-b", "1.0"].wheel is None
    path.write_text("x = 1")
    with pytest.raises(BadInputError, match="no lock file"):
        read_requirements(path)


def test_pins_are_read_with_what_wanted_them() -> None:
    text = "# top\nmarkupsafe==3.0.2   # via jinja2, wtforms\nA_x==1 # via -r in.txt\n"
    assert parse_pins(text) == [
        Pin(name="markupsafe", version="3.0.2", via=("jinja2", "wtforms")),
        Pin(name="a-x", version="1"),
    ]


@given(st.text())
def test_no_text_makes_the_parser_of_pins_fall(text: str) -> None:
    parse_pins(text)


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (IndexOptions(), []),
        (IndexOptions(index_url="file:///x"), ["--default-index", "file:///x"]),
        (
            IndexOptions(find_links=("a",), offline=True),
            ["--no-index", "--find-links", "a", "--offline"],
        ),
    ],
)
def test_index_options(index: IndexOptions, words: list[str]) -> None:
    assert index.arguments() == words


def test_options_are_read(tmp_path: Path) -> None:
    text = (
        'prebuilt = ["CMake"]\n[limits]\nseconds = 5\n'
        '[package.My_Pkg]\nnetwork = true\nenv = {A = "1"}\n'
    )
    found = parse(text)
    assert found.limits == Limits(seconds=5)
    assert found.prebuilt == {"cmake"}
    assert found.of("my-pkg") == {"network": True, "env": {"A": "1"}}
    assert read(tmp_path / "nothing.toml") == Options()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[limit]\n", "limit: is not known; did you mean 'limits'"),
        ("[limits]\nmemory = 1\n", "limits.memory: is not known; did you mean 'memory_mb'"),
        ("[limits]\nseconds = 0\n", "limits.seconds: must be greater than 0"),
        ("[limits]\nmemory_mb = true\n", "limits.memory_mb: must be a whole number, not bool"),
        ("[package.x]\nnetwork = 'yes'\n", "package.x.network: must be true or false, not str"),
        ("[package.x]\nrequires = [1]\n", "package.x.requires.0.: must be a string, not int"),
        ("[package]\nx = 1\n", "package.x: must be a table, not int"),
        ("[package.a_b]\n[package.A-B]\n", "different spellings"),
        ("x = [", "invalid TOML"),
    ],
)
def test_wrong_options_are_told_with_their_key(text: str, message: str) -> None:
    with pytest.raises(BadOptionsError, match=message):
        parse(text)


def test_interpreters_are_found_and_asked(own: Interpreter, tmp_path: Path) -> None:
    assert interpreters.ask(interpreters.find(own.path)).version == own.version
    assert interpreters.find(own.short).name.startswith("python")
    tags = interpreters.wheel_tags(own)
    assert "py3-none-any" in tags
    assert tags[0].startswith(f"cp{own.short.replace('.', '')}")
    for name in ("9.9", "/nowhere/python", "pythonx"):
        with pytest.raises(BadInterpreterError):
            interpreters.find(name)
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no\n")
    broken.chmod(0o755)
    with pytest.raises(BadInterpreterError, match="does not answer"):
        interpreters.ask(broken)
