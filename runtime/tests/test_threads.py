"""A module that another thread is importing when the version is set is restored all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

# The body of the standard library's module waits in the middle for the version to be set.
PROGRAM = """
import importlib, sys, threading
name, look = sys.argv[1:]
begun, asked = threading.Event(), threading.Event()
class Slow:
    def find_spec(self, fullname, path=None, target=None):
        if fullname != name:
            return None
        for finder in sys.meta_path:
            if finder is not self and type(finder).__name__ != "Gate":
                spec = finder.find_spec(fullname, path, target)
                if spec is not None:
                    break
        run = spec.loader.exec_module
        class Loader:
            def create_module(self, spec):
                return None
            def exec_module(self, module):
                begun.set()
                assert asked.wait(20)
                run(module)
        spec.loader = Loader()
        return spec
sys.meta_path.insert(0, Slow())
sys.modules.pop(name, None)
thread = threading.Thread(target=importlib.import_module, args=(name,))
thread.start()
assert begun.wait(20)
sys.set_min_python_version((3, 6))
asked.set()
thread.join()
module = sys.modules[name]
assert type(module.__spec__).__name__ == "ModuleSpec", type(module.__spec__)
assert module.__spec__._initializing is False
assert eval(look), look
"""
MODULES = {
    "base64": "hasattr(module, 'encodestring')",
    "platform": "hasattr(module, 'linux_distribution')",
    "fractions": "hasattr(module, 'gcd')",
    "html.parser": "hasattr(module.HTMLParser, 'unescape')",
}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_that_is_being_imported(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    run("-W", "ignore", "program.py", name, MODULES[name])
