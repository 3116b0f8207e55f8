"""Write data with every default of the library, and read what another interpreter wrote."""

import csv
import dbm
import gzip
import io
import json
import marshal
import os
import pickle
import plistlib
import shelve
import struct
import tarfile
import zipfile
from typing import Any, Dict

DATA = {
    "text": "h\u00e9llo",
    "numbers": [1, 2.5, 10**30, -1],
    "nested": {"a": (1, None, True)},
    "bytes": b"\x00\xff",
    "set": {1, 2},
}  # type: Dict[str, Any]


def write_pickles(folder: str) -> None:
    """Pickle with the default protocol, the highest, and by class."""
    for name, protocol in (("default", None), ("highest", pickle.HIGHEST_PROTOCOL)):
        with open(os.path.join(folder, "pickle." + name), "wb") as stream:
            pickle.dump(DATA, stream, protocol)
    with open(os.path.join(folder, "marshal"), "wb") as stream:
        marshal.dump(["a", 1, 2.5, b"x", (None, True)], stream)
    with shelve.open(os.path.join(folder, "shelf")) as shelf:
        shelf["data"] = DATA


def write_files(folder: str) -> None:
    """Archives, databases and text formats, each with its defaults."""
    payload = json.dumps([1, {"a": None, "\u00fc": 0.1}]) * 50
    with zipfile.ZipFile(os.path.join(folder, "a.zip"), "w") as archive:
        archive.writestr("\u00fc/member.txt", payload)
    with tarfile.open(os.path.join(folder, "a.tar"), "w") as tar:
        info = tarfile.TarInfo("n" * 150 + "\u00fc")
        info.size = len(payload)
        info.mtime = 12345.5
        tar.addfile(info, io.BytesIO(payload.encode("ascii")))
    with gzip.open(os.path.join(folder, "a.gz"), "wt") as stream:
        stream.write(payload)
    with dbm.open(os.path.join(folder, "database"), "n") as database:
        database[b"key"] = b"value"
    with open(os.path.join(folder, "a.csv"), "w", newline="") as stream:
        csv.writer(stream).writerows([["a", 'quo"ted', "x,y"], [1, None, "line\nbreak"]])
    with open(os.path.join(folder, "a.plist"), "wb") as stream:
        plistlib.dump({"a": [1, 2.5, b"x"], "b": True}, stream)
    with open(os.path.join(folder, "a.json"), "w") as stream:
        json.dump({"a": [1, 2.5, None, float("inf")], "\u00fc": "\u00fc"}, stream)


def write_sqlite(folder: str) -> None:
    """A database file with a table and an index."""
    import sqlite3

    connection = sqlite3.connect(os.path.join(folder, "a.sqlite"))
    connection.execute("create table t (a integer primary key, b text)")
    connection.execute("create index i on t (b)")
    connection.execute("insert into t (b) values ('x')")
    connection.commit()
    connection.close()


def formats(folder: str) -> Dict[str, Any]:
    """The defaults themselves, and what the written files begin with."""

    def head(name: str, count: int) -> str:
        with open(os.path.join(folder, name), "rb") as stream:
            return stream.read(count).hex()

    with zipfile.ZipFile(os.path.join(folder, "a.zip")) as archive:
        member = archive.infolist()[0]
        zipped = [
            member.compress_type,
            member.create_version,
            member.extract_version,
            member.flag_bits,
        ]
    return {
        "pickle.default_protocol": pickle.DEFAULT_PROTOCOL,
        "pickle.highest_protocol": pickle.HIGHEST_PROTOCOL,
        "pickle.head": head("pickle.default", 2),
        "shelve.protocol": shelve_protocol(folder),
        "marshal.version": marshal.version,
        "tarfile.format": tarfile.DEFAULT_FORMAT,
        "tarfile.encoding": tarfile.ENCODING,
        "zipfile.member": zipped,
        "dbm.which": str(dbm.whichdb(os.path.join(folder, "database"))),
        "shelve.which": str(dbm.whichdb(os.path.join(folder, "shelf"))),
        "sqlite.head": head("a.sqlite", 20)
        if os.path.exists(os.path.join(folder, "a.sqlite"))
        else "none",
        "csv.text": head("a.csv", 100),
        "json.text": head("a.json", 100),
        "plist.head": head("a.plist", 60),
        "struct.native": struct.calcsize("@PlLqhbid"),
    }


def shelve_protocol(folder: str) -> int:
    """The pickle protocol of a shelf's entry."""
    with dbm.open(os.path.join(folder, "shelf"), "r") as raw:
        return raw[b"data"][1]


def attempt(read: Any) -> str:
    """What a reader gives, as text; its error otherwise."""
    try:
        return repr(read())
    except Exception as error:
        return "{}: {}".format(type(error).__name__, error)


def read_all(folder: str) -> Dict[str, str]:
    """Read everything that lies in the folder."""

    def content(name: str) -> bytes:
        with open(os.path.join(folder, name), "rb") as stream:
            return stream.read()

    def shelf() -> Any:
        with shelve.open(os.path.join(folder, "shelf"), "r") as opened:
            return sorted(opened["data"].items(), key=str)

    def rows() -> Any:
        import sqlite3

        connection = sqlite3.connect(os.path.join(folder, "a.sqlite"))
        try:
            return connection.execute("select * from t").fetchall()
        finally:
            connection.close()

    def database() -> Any:
        with dbm.open(os.path.join(folder, "database"), "r") as opened:
            return opened[b"key"]

    return {
        "pickle.default": attempt(
            lambda: sorted(pickle.loads(content("pickle.default")).items(), key=str)
        ),
        "pickle.highest": attempt(
            lambda: sorted(pickle.loads(content("pickle.highest")).items(), key=str)
        ),
        "marshal": attempt(lambda: marshal.loads(content("marshal"))),
        "shelve": attempt(shelf),
        "dbm": attempt(database),
        "sqlite": attempt(rows),
        "zip": attempt(
            lambda: [
                (item.filename, item.file_size)
                for item in zipfile.ZipFile(os.path.join(folder, "a.zip")).infolist()
            ]
        ),
        "tar": attempt(
            lambda: [
                (item.name, item.size, item.mtime)
                for item in tarfile.open(os.path.join(folder, "a.tar")).getmembers()
            ]
        ),
        "gzip": attempt(lambda: len(gzip.decompress(content("a.gz")))),
        "csv": attempt(lambda: list(csv.reader(io.StringIO(content("a.csv").decode())))),
        "plist": attempt(lambda: sorted(plistlib.loads(content("a.plist")).items())),
        "json": attempt(lambda: json.loads(content("a.json").decode("ascii"))),
    }


def answer(request: Any) -> Any:
    """Write into a folder, or read it."""
    folder = request["folder"]
    if request["do"] == "read":
        return read_all(folder)
    write_pickles(folder)
    write_files(folder)
    try:
        write_sqlite(folder)
    except ImportError:
        pass
    return formats(folder)
