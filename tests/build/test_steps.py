"""The environment of a build: the compiler keeps its own name, cached or not."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from elpython.build.steps import environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(not shutil.which("ccache"), reason="needs ccache")
def test_the_cache_stands_before_the_compiler_by_the_compilers_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CC", raising=False)
    for _ in range(2):
        env = environment(tmp_path / "work", "0")
    assert (env["CC"], env["CXX"]) == ("gcc", "g++")
    first, _, rest = env["PATH"].partition(os.pathsep)
    assert rest == os.environ["PATH"]
    # As configure asks, the compiler as one word.
    words = ["sh", "-c", '"$CC" -v --help 2>/dev/null | grep -c -e -fwrapv']
    said = subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout
    assert int(said) > 0
    (tmp_path / "one.c").write_text("int one(void) { return 1; }\n")
    env |= {"CCACHE_DIR": str(tmp_path / "cache")}
    for _ in range(2):
        subprocess.run(["gcc", "-c", "one.c"], cwd=tmp_path, env=env, check=True)
    stats = subprocess.run(
        ["ccache", "--print-stats"], env=env, capture_output=True, text=True, check=True
    ).stdout
    assert "direct_cache_hit\t1\n" in stats
    assert first == str(tmp_path / "work" / "ccache")


def test_a_compiler_that_was_named_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "gcc-12")
    env = environment(tmp_path, "0")
    assert (env["CC"], env["PATH"]) == ("gcc-12", os.environ["PATH"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("priority", [0, 19])
def test_what_configure_finds_does_not_depend_on_the_priority(
    tmp_path: Path, priority: int
) -> None:
    """CPython's configure asks nice() whether it works: at the lowest priority it seems not to."""
    question = (
        "test ${ac_cv_broken_nice+y} ||"
        " if test $(nice -n 1 nice) -ne $(nice -n 2 nice); then ac_cv_broken_nice=no;"
        " else ac_cv_broken_nice=yes; fi; echo $ac_cv_broken_nice"
    )
    env = environment(tmp_path, "0")
    words = ["nice", "-n", str(priority), "sh", "-c", question]
    said = subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout
    assert said == "no\n"
