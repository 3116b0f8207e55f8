"""Ask a build backend (PEP 517) what it needs, and let it build; runs in the build's interpreter.

Stdlib only, for CPython 3.6 and later. Usage: `python _hook.py request.json answer.json`.
"""

import importlib
import json
import os
import re
import sys


def load_backend(spec, backend_path):
    """Import the backend object, from the source tree first when `backend-path` says so."""
    sys.path[:0] = [os.path.abspath(item) for item in backend_path]
    module_name, _, attribute = spec.partition(":")
    found = importlib.import_module(module_name)
    for part in [item for item in attribute.split(".") if item]:
        found = getattr(found, part)
    return found


def missing(wanted, have):
    """Give the requirements whose name is not among the installed ones."""
    found = []
    for text in wanted:
        name = re.match(r"\s*([A-Za-z0-9._-]+)", text)
        plain = re.sub(r"[-_.]+", "-", name.group(1)).lower() if name else text
        if plain not in have and ";" not in text:
            found.append(text)
    return found


def main(request_path, answer_path):
    """Read the request, call the two hooks, write the answer."""
    with open(request_path) as stream:
        request = json.load(stream)
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [item for item in sys.path if os.path.abspath(item or ".") != own]
    os.chdir(request["source"])
    backend = load_backend(request["backend"], request["backend_path"])
    settings = request["settings"] or None
    ask = getattr(backend, "get_requires_for_build_wheel", None)
    wanted = list(ask(settings)) if ask else []
    answer = {"requires": wanted, "missing": missing(wanted, request["have"]), "wheel": ""}
    if not answer["missing"]:
        print("== building the wheel", flush=True)
        answer["wheel"] = backend.build_wheel(request["out"], settings)
    with open(answer_path, "w") as stream:
        json.dump(answer, stream)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
