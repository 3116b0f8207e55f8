"""What a file asks for itself: ``use Python 3.8;`` and ``python36_syntax``."""

from __future__ import annotations

import pytest

from minpython.source.translate import translate

USE = {
    "alone": ("use Python 3.8;\n", (3, 8), "               \n"),
    "no semicolon": ("use Python 3.8\nx = 1\n", (3, 8), "              \nx = 1\n"),
    "three parts": ("use  Python\t3.7.2 ;\n", (3, 7, 2), "                   \n"),
    "docstring before": ('"""d"""\nuse Python 3.8;\n', (3, 8), '"""d"""\n               \n'),
    "docstring after": ('use Python 3.8;\n"""d"""\n', (3, 8), '               \n"""d"""\n'),
    "same line": ('"d"; use Python 3.8; x = 1\n', (3, 8), '"d";                \fx = 1\n'),
    "followed": ("use Python 3.8; x = 1\n", (3, 8), "               \fx = 1\n"),
    "comments": (
        "#!x\n# c\n\nuse Python 3.9; # why\n",
        (3, 9),
        "#!x\n# c\n\n                # why\n",
    ),
    "end of file": ("use Python 3.8", (3, 8), "              "),
    "future after": (
        "use Python 3.8;\nfrom __future__ import annotations\n",
        (3, 8),
        "               \nfrom __future__ import annotations\n",
    ),
    "old spelling": ("use Python 3.6;\nasync = 1\n", (3, 6), "               \n\uff41sync = 1\n"),
}

FEATURE = {
    "alone": ("from __future__ import python36_syntax\n", " " * 38 + "\n"),
    "followed": ("from __future__ import python36_syntax; x=1\n", " " * 39 + "\fx=1\n"),
    "first": (
        "from __future__ import python36_syntax, division\n",
        "from __future__ import                  division\n",
    ),
    "last": (
        "from __future__ import division, python36_syntax\n",
        "from __future__ import division                 \n",
    ),
    "brackets": (
        "from __future__ import (python36_syntax,  # c\n  division,)\n",
        "from __future__ import (                  # c\n  division,)\n",
    ),
    "all in brackets": (
        "from __future__ import (\n  python36_syntax,\n)\nx = 1\n",
        " " * 24 + "\n" + " " * 18 + "\n \nx = 1\n",
    ),
    "continued": (
        "from __future__ import \\\n python36_syntax\n",
        " " * 24 + "\n" + " " * 16 + "\n",
    ),
    "second statement": (
        "'d'\nfrom __future__ import division\nfrom __future__ import python36_syntax\n",
        "'d'\nfrom __future__ import division\n" + " " * 38 + "\n",
    ),
    "after use": (
        "use Python 3.8;\nfrom __future__ import python36_syntax\n",
        " " * 15 + "\n" + " " * 38 + "\n",
    ),
    "renamed": (
        "from __future__ import python36_syntax as p, division\n",
        "from __future__ import                       division\n",
    ),
}


@pytest.mark.parametrize("name", USE)
def test_use_statement(name: str) -> None:
    """The statement tells its version and leaves blanks of its own width."""
    source, version, expected = USE[name]
    made = translate(source)
    assert made.requested_version == version
    assert made.source == expected
    compile(made.source, name, "exec")
    assert translate(source.encode()).source == expected


@pytest.mark.parametrize("name", FEATURE)
def test_future_import(name: str) -> None:
    """The import asks for the old syntax only, and other features stay."""
    source, expected = FEATURE[name]
    made = translate(source)
    assert made.source == expected
    assert made.syntax_version == (3, 6)
    compile(made.source, name, "exec")


def test_future_import_reads_old_syntax() -> None:
    """With the import, the file is read as 3.6 whatever is in force."""
    made = translate("from __future__ import python36_syntax\nasync = 1\n", version=(3, 9))
    assert isinstance(made.source, str)
    assert made.source.endswith("\n\uff41sync = 1\n")
    assert made.requested_version is None


FAMILY = {"30": (3, 6), "35": (3, 6), "36": (3, 6), "37": (3, 7), "39": (3, 9)}


@pytest.mark.parametrize("digits", FAMILY)
def test_each_version_has_its_feature(digits: str) -> None:
    """The older ones are read as the oldest that there is."""
    made = translate(f"from __future__ import python{digits}_syntax, division\nx = 1\n")
    assert made.syntax_version == FAMILY[digits]
    assert isinstance(made.source, str)
    compile(made.source, digits, "exec")


@pytest.mark.parametrize("name", ["python399_syntax", "python3_syntax", "python306_syntax"])
def test_a_feature_that_nobody_has_is_left_to_the_compiler(name: str) -> None:
    """Which says so."""
    source = f"from __future__ import {name}\n"
    assert translate(source).source == source
    with pytest.raises(SyntaxError, match=name):
        compile(source, name, "exec")


@pytest.mark.parametrize(
    "source",
    [
        "'use Python 3.8;'\n",
        "# use Python 3.8;\n",
        "import x\nfrom __future__ import python36_syntax\n",
        "use Ruby 3.8;\n",
    ],
)
def test_what_is_no_statement_asks_for_nothing(source: str) -> None:
    """In any other place the words ask for nothing."""
    made = translate(source)
    assert (made.requested_version, made.changed) == (None, False)


@pytest.mark.parametrize(
    "statement",
    [
        "use Python;",
        "use Python three;",
        "use Python 3;",
        "use Python 3.8 or 3.9;",
        "use Python -3.8",
    ],
)
def test_unreadable_version(statement: str) -> None:
    """A version that can't be read is a SyntaxError with its place."""
    with pytest.raises(SyntaxError, match=r"use Python needs a version such as 3\.8") as caught:
        translate(f"'d'\n{statement}\n", filename="m.py")
    assert (caught.value.filename, caught.value.lineno, caught.value.offset) == ("m.py", 2, 1)
    assert caught.value.text == statement


def test_the_oldest_of_two_requests_reads_the_file() -> None:
    """A file that asks for 3.8 in a program that asks for 3.6 may use 3.6 spellings."""
    made = translate("use Python 3.8;\nasync = 1\n", version=(3, 6))
    assert made.syntax_version == (3, 6)
    assert isinstance(made.source, str)
    assert made.source.endswith("\uff41sync = 1\n")
