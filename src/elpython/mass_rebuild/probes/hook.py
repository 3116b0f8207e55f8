"""Ask a build backend (PEP 517) what it needs, and let it build; runs in the build's interpreter.

Stdlib only, for CPython 3.6 and later. Usage: `python hook.py request.json answer.json`.
"""

import importlib
import json
import os
import re
import sys
from pathlib import Path
from typing import Any, List


def load_backend(spec: str, backend_path: List[str]) -> Any:
    """Import the backend object, from the source tree first when `backend-path` says so."""
    sys.path[:0] = [str(Path(item).resolve()) for item in backend_path]
    module_name, _, attribute = spec.partition(":")
    found = importlib.import_module(module_name)
    for part in [item for item in attribute.split(".") if item]:
        found = getattr(found, part)
    return found


def missing(wanted: List[str], have: List[str]) -> List[str]:
    """Return the requirements whose name is not among the installed ones."""
    found = []
    for text in wanted:
        name = re.match(r"\s*([A-Za-z0-9._-]+)", text)
        plain = re.sub(r"[-_.]+", "-", name.group(1)).lower() if name else text
        if plain not in have and ";" not in text:
            found.append(text)
    return found


def leave_own_folder() -> None:
    """Take this script's folder off the path, so that nothing beside it is imported."""
    own = Path(__file__).resolve().parent
    sys.path[:] = [item for item in sys.path if Path(item or ".").resolve() != own]


def main(request_path: str, answer_path: str) -> None:
    """Read the request, call the two hooks, write the answer."""
    request = json.loads(Path(request_path).read_text("utf-8"))
    leave_own_folder()
    os.chdir(request["source"])
    backend = load_backend(request["backend"], request["backend_path"])
    settings = request["settings"] or None
    ask = getattr(backend, "get_requires_for_build_wheel", None)
    wanted = list(ask(settings)) if ask else []
    answer = {"requires": wanted, "missing": missing(wanted, request["have"]), "wheel": ""}
    if not answer["missing"]:
        sys.stdout.write("== building the wheel\n")
        sys.stdout.flush()
        answer["wheel"] = backend.build_wheel(request["out"], settings)
    Path(answer_path).write_text(json.dumps(answer), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
