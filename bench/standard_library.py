"""Make `src/elpython/project/data/standard.json`: what the standard library has since when.

What runs decides: every interpreter of pyenv from 3.6 on is asked for its names and parameters
(`bench/probes/standard_names.py`). Typeshed, as mypy ships it, adds later CPythons, keywords behind
`**kwargs`, and the classes of results; vermin's tables add keywords of C functions whose signature
older CPythons hide. Needs `pip install mypy vermin`. Not looked at: other systems than Linux, names
with an underscore, attributes that only `__init__` sets.

    python -m bench.standard_library [--check]
"""

from __future__ import annotations

import argparse
import json
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench import typeshed
from bench.interpreters import pyenv_interpreters

Series = tuple[int, int]
TARGET = Path(__file__).parents[1] / "src/elpython/project/data/standard.json"
PROBE = Path(__file__).parent / "probes/standard_names.py"
# What typeshed keeps beside the standard library.
FOREIGN = {"typing_extensions", "_typeshed", "mypy_extensions"}
STUBBED: tuple[Series, ...] = ((3, 10), (3, 11), (3, 12), (3, 13), (3, 14), (3, 15))


def probe(python: Path) -> dict[str, Any]:
    """Return what an interpreter offers."""
    words = [str(python), "-I", "-W", "ignore", str(PROBE)]
    done = subprocess.run(words, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def first_names(facts: dict[Series, dict[str, Any]]) -> dict[str, Series]:
    """Return name -> first series."""
    first: dict[str, Series] = {}
    for series, fact in sorted(facts.items()):
        for name in fact["names"]:
            first.setdefault(name, series)
    return first


def first_parameters(
    facts: dict[Series, dict[str, Any]], names: dict[str, Series]
) -> dict[tuple[str, str], Series]:
    """Return (function, keyword) -> first series, where every earlier signature is visible."""
    first: dict[tuple[str, str], Series] = {}
    hidden: set[str] = set()
    for series, fact in sorted(facts.items()):
        for function, words in fact["parameters"].items():
            for word in words:
                unknown = function in hidden
                first.setdefault((function, word), (0, 0) if unknown else series)
        hidden |= set(fact["opaque"])
    return {key: since for key, since in first.items() if since > names[key[0]]}


def of_typeshed(names: dict[str, Series]) -> dict[str, Any]:
    """Return what typeshed adds: names, parameters, results, attributes, bases."""
    spec = find_spec("mypy")
    if spec is None or spec.origin is None:
        raise SystemExit("typeshed comes with mypy: pip install mypy")
    folder = Path(spec.origin).parent / "typeshed/stdlib"
    read = {series: typeshed.read(folder, series) for series in STUBBED}
    newest = read[STUBBED[-1]]
    public = _public(newest)
    more: dict[str, Series] = {}
    last = max(names.values())
    for old, series in pairwise(STUBBED):
        before, now = read[old], read[series]
        if series > last:
            added = [path for path in now.exports.keys() - before.exports.keys()
                     if now.exports[path] in now.names]  # fmt: skip
            for name in (now.names - before.names).union(added):
                if name.partition(".")[0] in FOREIGN:
                    continue
                more.setdefault(_plain(public.get(name, name)), series)
    words = _stub_words(read)
    aliases: dict[str, list[str]] = {}
    for path, target in newest.exports.items():
        aliases.setdefault(_plain(target), []).append(_plain(path))
    for (function, word), since in list(words.items()):
        for path in aliases.get(function, ()):
            words[path, word] = since

    def clean(table: dict[str, str]) -> dict[str, str]:
        found = {_plain(public.get(key, key)): _type(kind, public) for key, kind in table.items()}
        return {key: kind for key, kind in found.items() if kind and kind != "?"}

    results = clean(newest.returns)
    for path, target in newest.exports.items():
        if _plain(target) in results:
            results.setdefault(_plain(path), results[_plain(target)])
    bases = {
        _plain(public.get(name, name)): [_plain(public.get(base, base)) for base in found]
        for name, found in newest.bases.items()
    }
    return {"names": more, "parameters": words, "returns": results,
            "attributes": clean(newest.attributes), "bases": bases}  # fmt: skip


def _stub_words(read: dict[Series, typeshed.Stubs]) -> dict[tuple[str, str], Series]:
    """Return (function, keyword) -> first series, where typeshed has the function before it."""
    words: dict[tuple[str, str], Series] = {}
    for old, series in pairwise(STUBBED):
        for function, own in read[series].parameters.items():
            before = read[old].parameters.get(function)
            for word in (own or set()) - before if before is not None else ():
                words[_plain(function), word] = series
    return words


def _public(stubs: typeshed.Stubs) -> dict[str, str]:
    """Return private import path -> the shortest public one, with all members."""
    shortest: dict[str, str] = {}
    for path, target in stubs.exports.items():
        if target.startswith("_") and not path.startswith("_"):
            shortest[target] = min(
                path, shortest.get(target, path), key=lambda name: (len(name), name)
            )
    found = dict(shortest)
    for name in stubs.names | set(stubs.returns) | set(stubs.attributes):
        head, _, last = name.rpartition(".")
        if head in shortest:
            found[name] = f"{shortest[head]}.{last}"
    return found


def _plain(path: str) -> str:
    return path.removeprefix("builtins.")


def _type(kind: str, public: dict[str, str]) -> str:
    head, _, inner = kind.partition("[")
    head = _plain(public.get(head, head))
    inner = _plain(public.get(inner.rstrip("]"), inner.rstrip("]")))
    if head == "iterator" and not inner:
        return ""
    return f"{head}[{inner}]" if inner else head


def of_vermin() -> dict[tuple[str, str], Series]:
    """Return vermin's keywords of what runs on Python 3."""
    import vermin

    table = vermin.KWARGS_REQS(vermin.Config())
    return {key: since[1] for key, since in table.items() if since[1] and since[1] > (3, 6)}


def merged() -> dict[str, Any]:
    """Return the whole table."""
    facts = {series: probe(python) for series, python in sorted(pyenv_interpreters().items())}
    missing = {(3, minor) for minor in range(6, 14)} - set(facts)
    if missing:
        raise SystemExit(f"no interpreter under pyenv for {sorted(missing)}")
    names = first_names(facts)
    parameters = first_parameters(facts, names)
    stubs = of_typeshed(names)
    hidden = {key for key, since in parameters.items() if since == (0, 0)}
    visible = {function for fact in facts.values() for function in fact["parameters"]}
    for key, since in of_vermin().items():
        if key in hidden or key[0] not in visible:
            parameters[key] = since
    for key, since in stubs["parameters"].items():
        if parameters.get(key, (0, 0)) == (0, 0) and key not in of_vermin():
            parameters[key] = since
    oldest = min(facts)
    for name, since in stubs["names"].items():
        names.setdefault(name, since)
    new = {name: since for name, since in names.items() if since > oldest}
    new = {name: since for name, since in new.items() if new.get(name.rpartition(".")[0]) != since}
    new = {name: since for name, since in new.items() if not _unseen(name, since, facts)}
    new |= _older(names, new, stubs, oldest)
    new = {name: since for name, since in new.items() if not _inherited(name, since, new, stubs)}
    words: dict[str, dict[str, list[str]]] = {}
    for (function, word), since in sorted(parameters.items()):
        if since > max(oldest, names.get(function, oldest)):
            words.setdefault(_shown(since), {}).setdefault(function, []).append(word)
    interesting = _interesting(stubs, set(new) | {key[0] for key in parameters})
    return {
        "about": "made by bench/standard_library.py; do not edit",
        "date": datetime.now(tz=UTC).date().isoformat(),
        "interpreters": [".".join(map(str, fact["version"])) for fact in facts.values()],
        "typeshed": f"mypy {version('mypy')}",
        "names": _by_series(new),
        "parameters": words,
        **interesting,
    }


def _older(
    names: dict[str, Series], new: dict[str, Series], stubs: dict[str, Any], oldest: Series
) -> dict[str, Series]:
    """Return the members that a class had before its base got them: `datetime.strptime`."""
    members = {name.rpartition(".")[2] for name in new}
    found = {}
    for name, since in names.items():
        owner, _, last = name.rpartition(".")
        if last in members and owner in stubs["bases"] and since <= oldest:
            bases = [owner]
            for item in bases:
                bases += [base for base in stubs["bases"].get(item, ()) if base not in bases]
            if any(f"{base}.{last}" in new for base in bases[1:]):
                found[name] = since
    return found


def _unseen(name: str, since: Series, facts: dict[Series, dict[str, Any]]) -> bool:
    """Return whether an earlier series makes the owner by a function, so hides its members."""
    owner = name.rpartition(".")[0]
    return any(owner in fact["factories"] for series, fact in facts.items() if series < since)


def _inherited(name: str, since: Series, names: dict[str, Series], stubs: dict[str, Any]) -> bool:
    """Return whether a member is told of a base class already."""
    owner, _, last = name.rpartition(".")
    return any(names.get(f"{base}.{last}") == since for base in stubs["bases"].get(owner, ()))


def _interesting(stubs: dict[str, Any], versioned: set[str]) -> dict[str, Any]:
    """Return the results and attributes whose class has something that is not in every CPython."""
    classes = {name.rpartition(".")[0] for name in versioned}
    bases = {name: found for name, found in stubs["bases"].items() if found}

    def counts(name: str, seen: frozenset[str] = frozenset()) -> bool:
        return name in classes or any(
            counts(base, seen | {name}) for base in bases.get(name, ()) if base not in seen
        )

    def keep(table: dict[str, str]) -> dict[str, str]:
        return {
            key: kind
            for key, kind in sorted(table.items())
            if not key.rpartition(".")[2].startswith("_")
            and any(part == "Self" or counts(part) for part in kind.rstrip("]").split("["))
        }

    kept = {name: [base for base in found if counts(base)] for name, found in sorted(bases.items())}
    return {
        "returns": keep(stubs["returns"]),
        "attributes": keep(stubs["attributes"]),
        "bases": {name: found for name, found in kept.items() if found},
    }


def _shown(series: Series) -> str:
    return f"{series[0]}.{series[1]}"


def _by_series(names: dict[str, Series]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, since in sorted(names.items(), key=lambda item: (item[1], item[0])):
        found.setdefault(_shown(since), []).append(name)
    return found


def main() -> int:
    """Write the table, or compare it with what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare; exit code 1 if it differs")
    options = parser.parse_args()
    table = merged()
    if options.check:
        old = json.loads(TARGET.read_text("utf-8"))
        different = [key for key in table if key != "date" and table[key] != old.get(key)]
        print(f"differs: {', '.join(different)}" if different else "the same")
        return 1 if different else 0
    lines = ",\n".join(
        f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}"
        for key, value in table.items()
    )
    TARGET.write_text(f"{{{lines}}}\n", "utf-8")
    count = sum(len(found) for found in table["names"].values())
    print(f"{count} names, {TARGET.stat().st_size >> 10} KiB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
