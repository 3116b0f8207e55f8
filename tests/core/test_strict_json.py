"""JSON from elsewhere: whatever is wrong with it is a ValueError."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import elpython
from elpython.core.strict_json import load_json, strict_json

DEEP = b"[" * 100_000
# They run in interpreters that have nothing of ours, or are read by the tests alone.
ELSEWHERE = ("contract/probes", "contract/data", "interpreter/probes")


@pytest.mark.parametrize("read", [load_json, strict_json])
def test_what_is_nested_beyond_all_measure_is_a_value_error(read: object) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        read(DEEP)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "told"),
    [(b'{"a": 1, "a": 2}', "twice"), (b"[NaN]", "NaN"), (b"[Infinity]", "Infinity")],
)
def test_what_means_two_things_is_refused(text: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        strict_json(text)


def _expects(node: ast.Try) -> bool:
    """Whether a `try` expects what is no JSON or TOML."""
    said = [ast.dump(handler) for handler in node.handlers]
    return any("ValueError" in text or "DecodeError" in text for text in said)


def _bare(path: Path) -> list[int]:
    """The lines of a file where a `try` that expects a ValueError reads without these functions."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Try) and _expects(node):
            calls = (call for part in node.body for call in ast.walk(part))
            found += [
                call.lineno
                for call in calls
                if isinstance(call, ast.Call)
                and ast.unparse(call.func) in {"json.loads", "tomllib.loads"}
                and any(
                    "ValueError" in ast.dump(h) or "Decode" in ast.dump(h) for h in node.handlers
                )
            ]
    return found


def test_whoever_expects_bad_json_or_toml_expects_depth_too() -> None:
    root = Path(elpython.__file__).parent
    own = {root / "core" / "strict_json.py", root / "core" / "toml.py"}
    bare = {
        str(path.relative_to(root)): lines
        for path in sorted(root.rglob("*.py"))
        if path not in own
        and not str(path.relative_to(root)).startswith(ELSEWHERE)
        and (lines := _bare(path))
    }
    assert bare == {}
