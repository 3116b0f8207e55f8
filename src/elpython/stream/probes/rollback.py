"""Write and read what programs keep on disk: pickle, shelve, dbm, sqlite3, marshal.

Standard library only; runs on CPython 3.6 and later. `rollback.py write FOLDER` writes one file a
kind and prints what it wrote as JSON; `rollback.py read FOLDER` takes that list on standard input
and prints for each whether it could be read back.
"""

import importlib
import json
import marshal
import os
import pickle
import shelve
import sys

sys.path[:] = [place for place in sys.path if place != os.path.dirname(os.path.abspath(__file__))]

VALUE = {"text": "caf\u00e9", "number": 2**70, "float": 0.5, "list": [1, None, True], "raw": b"x"}


def pickles():
    """Return the protocols with their labels."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield "pickle protocol %d" % protocol, protocol
    yield "pickle default protocol", None


def backends():
    """Return the database modules that this interpreter has."""
    found = []
    for name in ("dbm.sqlite3", "dbm.gnu", "dbm.ndbm", "dbm.dumb"):
        try:
            importlib.import_module(name)
        except ImportError:
            continue
        found.append(name)
    return found


def write_pickle(path, protocol):
    """Write the value with a protocol."""
    with open(path, "wb") as stream:
        pickle.dump(VALUE, stream, protocol)


def write_marshal(path, _):
    """Write the value with marshal."""
    with open(path, "wb") as stream:
        marshal.dump(VALUE, stream)


def write_dbm(path, name):
    """Write one key with a database module; the default one when it has no name."""
    import dbm

    module = importlib.import_module(name) if name else dbm
    database = module.open(path, "n")
    try:
        database[b"key"] = b"value"
    finally:
        database.close()


def write_shelve(path, _):
    """Write the value into a shelf."""
    with shelve.open(path, "n") as database:
        database["key"] = VALUE


def write_sqlite(path, _):
    """Write one row."""
    import sqlite3

    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE t (k TEXT PRIMARY KEY, v)")
        connection.execute("INSERT INTO t VALUES ('key', 'value')")
    connection.close()


def read_pickle(path):
    """Read the value back."""
    with open(path, "rb") as stream:
        assert pickle.load(stream) == VALUE


def read_marshal(path):
    """Read the value back."""
    with open(path, "rb") as stream:
        assert marshal.load(stream) == VALUE


def read_dbm(path):
    """Read the key back, with whatever module fits the file."""
    import dbm

    with dbm.open(path, "r") as database:
        assert database[b"key"] == b"value"


def read_shelve(path):
    """Read the value back."""
    with shelve.open(path, "r") as database:
        assert database["key"] == VALUE


def read_sqlite(path):
    """Read the row back."""
    import sqlite3

    connection = sqlite3.connect(path)
    try:
        assert connection.execute("SELECT v FROM t").fetchone() == ("value",)
    finally:
        connection.close()


WRITERS = {
    "pickle": write_pickle,
    "marshal": write_marshal,
    "dbm": write_dbm,
    "shelve": write_shelve,
    "sqlite": write_sqlite,
}
READERS = {
    "pickle": read_pickle,
    "marshal": read_marshal,
    "dbm": read_dbm,
    "shelve": read_shelve,
    "sqlite": read_sqlite,
}


def plan():
    """Return what is tried: kind, label and what the writer needs."""
    items = [("pickle", label, value) for label, value in pickles()]
    items.append(("marshal", "marshal", None))
    items.append(("sqlite", "sqlite3", None))
    items += [("dbm", name, name) for name in backends()]
    items += [("dbm", "dbm default", ""), ("shelve", "shelve", None)]
    return items


def write(folder):
    """Write everything; return what was written and what could not be."""
    import dbm

    done = []
    for number, (kind, label, value) in enumerate(plan()):
        path = os.path.join(folder, "item%d" % number)
        try:
            WRITERS[kind](path, value)
            error = ""
        except Exception as caught:
            error = "%s: %s" % (type(caught).__name__, caught)
        detail = (dbm.whichdb(path) or "") if kind in ("dbm", "shelve") and not error else ""
        done.append(
            {"kind": kind, "label": label, "file": "item%d" % number, "detail": detail,
             "error": error}
        )  # fmt: skip
    return done


def read(folder, items):
    """Read everything; return what could not be."""
    done = []
    for item in items:
        try:
            READERS[item["kind"]](os.path.join(folder, item["file"]))
            error = ""
        except Exception as caught:
            error = "%s: %s" % (type(caught).__name__, caught)
        done.append({"label": item["label"], "error": error})
    return done


if __name__ == "__main__":
    mode, target = sys.argv[1:3]
    answer = write(target) if mode == "write" else read(target, json.load(sys.stdin))
    json.dump(answer, sys.stdout)
