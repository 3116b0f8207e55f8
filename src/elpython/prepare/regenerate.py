"""Make a tree's generated files by the tree's own generators.

A change edits a grammar; the files made of it are thousands of lines that nobody reviews. The
generators are upstream's, out of the tree, so the base's digest pins them; they are given one name
for every path and no random order of sets, so that every Python that the toolchain runs on writes
the same bytes. `series.lock` holds what they wrote.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError, ProgramFailedError
from elpython.core.process import clean_env, run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["outputs_of", "regenerate"]

_GRAMMAR = "./Grammar/python.gram"
_TOKENS = "./Grammar/Tokens"
_SECONDS = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    """One generator's call.

    Attributes:
        program: what is run: words after `python`.
        outputs: file in the tree -> the option before its name; empty where it has none.
    """

    program: tuple[str, ...]
    outputs: dict[str, str]


def _parser(tree: Path) -> _Step:
    # 3.9 has two parsers: there Parser/parser.c is the old one's.
    new = "Parser/pegen/parse.c"
    output = new if (tree / new).is_file() else "Parser/parser.c"
    return _Step(program=("-m", "pegen", "-q", "c", _GRAMMAR, _TOKENS), outputs={output: "-o"})


def _ast(tree: Path) -> _Step:
    state = "Include/internal/pycore_ast_state.h"
    outputs = {"Include/Python-ast.h": "-H"}
    if (tree / state).is_file():
        outputs = {"Include/internal/pycore_ast.h": "-H", state: "-I"}
    return _Step(
        program=("Parser/asdl_c.py", "Parser/Python.asdl"),
        outputs=outputs | {"Python/Python-ast.c": "-C"},
    )


def _keywords(_tree: Path) -> _Step:
    return _Step(
        program=("-m", "pegen.keywordgen", _GRAMMAR, _TOKENS), outputs={"Lib/keyword.py": ""}
    )


_GENERATORS = {"ast": _ast, "keywords": _keywords, "parser": _parser}


def outputs_of(names: Sequence[str], tree: Path) -> list[str]:
    """Return the files that the named generators write in a tree, which has their inputs."""
    return [output for name in names for output in _GENERATORS[name](tree).outputs]


def _made(step: _Step, tree: Path) -> None:
    """Run one generator; its files replace those of the tree when all of it went well."""
    words: list[str | Path] = [sys.executable, "-s", "-P", "-B", *step.program]
    fresh = {name: f"{name}.new" for name in step.outputs}
    for name, option in step.outputs.items():
        words += [option, fresh[name]] if option else [fresh[name]]
    folders = [str(tree / "Tools" / "peg_generator"), str(tree / "Parser")]
    try:
        run(
            words,
            cwd=tree,
            env=clean_env({"PYTHONPATH": os.pathsep.join(folders), "PYTHONHASHSEED": "0"}),
            timeout=_SECONDS,
        )
        for name, new in fresh.items():
            (tree / new).replace(tree / name)
    finally:
        for new in fresh.values():
            (tree / new).unlink(missing_ok=True)


def regenerate(names: Sequence[str], tree: Path, where: str) -> None:
    """Make generated files of a working tree again.

    Args:
        names: of `define.code.REGENERATED`.
        tree: the working tree.
        where: branch and change, for messages.

    Raises:
        BadBranchError: a generator refuses what it reads, or the tree has none; what that
            generator makes is untouched.
        ProgramTimeoutError: a generator takes longer than five minutes.
    """
    for name in names:
        step = _GENERATORS[name](tree)
        missing = [output for output in step.outputs if not (tree / output).is_file()]
        if missing:
            raise BadBranchError(
                f"regenerate: {name}: the tree has no {missing[0]}",
                where=where,
                todo="leave it out: this base does not make that file",
            )
        try:
            _made(step, tree)
        except ProgramFailedError as error:
            raise BadBranchError(
                f"regenerate: {name}: the tree's generator fails",
                where=where,
                details=error.details,
                todo="correct the grammar that the change's patch leaves",
            ) from error
