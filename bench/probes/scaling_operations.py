"""Time operations of the standard library at n, 2n, 4n and 8n.

Stand-alone: runs inside any CPython from 3.9 on. Reads from standard input a JSON object: `start`
and `limit` in seconds, `modules` to import, and `operations`, a list of {name, size, prepare, run}.
Prints one JSON object a line: {name, size, seconds: [n, 2n, 4n, 8n]}, or {name, skipped}.

The size grows from the operation's own until a call takes `start`, so that clocks are fine enough.
What `prepare` and `run` may name are these modules and the functions of this file.
"""

import argparse
import configparser
import dbm.dumb
import email.message
import importlib
import io
import json
import os
import random
import shutil
import sqlite3
import sys
import tarfile
import tempfile
import time
import zipfile
from xml.dom import minidom

SCRATCH = tempfile.mkdtemp(prefix="scaling-")


def words(n):
    """Make n words, with repetitions."""
    return [f"word{i % 977}" for i in range(n)]


def numbers(n):
    """Make n numbers, the same ones each time."""
    source = random.Random(7)
    return [source.randrange(10**9) for _ in range(n)]


def text(n):
    """Make n sentences."""
    return "The quick brown fox jumps over the lazy dog. " * n


def lines(n):
    """Make n lines out of order."""
    return [f"line {i * 7919 % 1009}\n" for i in range(n)]


def mapping(n):
    """Make a dict of n keys."""
    return {f"key{i}": i for i in range(n)}


def nothing(*_):
    """Do nothing."""
    return


def written(name, content):
    """Write a file of the scratch folder; return its path."""
    path = os.path.join(SCRATCH, name)
    with open(path, "w") as file:
        file.write(content)
    return path


def populated(name, n):
    """Make a folder of n empty files."""
    folder = os.path.join(SCRATCH, f"{name}{n}")
    os.makedirs(folder, exist_ok=True)
    for i in range(n):
        open(os.path.join(folder, f"file{i}"), "w").close()
    return folder


def tarred(n):
    """Make an archive of n empty members."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for i in range(n):
            archive.addfile(tarfile.TarInfo(f"file{i}"))
    return data.getvalue()


def zipped(n, content=b""):
    """Make a zip file of n members that are stored as they are."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for i in range(n):
            archive.writestr(f"file{i}", content)
    return data.getvalue()


def backward(data):
    """Read a stored member from its end to its start, piece by piece."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("file0") as member:
        size = archive.getinfo("file0").file_size
        for place in range(size - 100, 0, -100):
            member.seek(place)
            member.read(10)


def dumb(n, delete):
    """Fill a dbm.dumb database, and empty it again."""
    for suffix in (".dat", ".dir", ".bak"):
        if os.path.exists(os.path.join(SCRATCH, "dumb" + suffix)):
            os.unlink(os.path.join(SCRATCH, "dumb" + suffix))
    with dbm.dumb.open(os.path.join(SCRATCH, "dumb"), "n") as database:
        for i in range(n):
            database[str(i)] = b"value"
        for i in range(n if delete else 0):
            del database[str(i)]


def filled(rows):
    """Make a database in memory with a table of one column."""
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (a)")
    connection.executemany("insert into t values (?)", rows)
    return connection


def header(value):
    """Make a message with a Content-Type."""
    message = email.message.Message()
    message["Content-Type"] = value
    return message


def grown(n):
    """Append n elements to a document."""
    document = minidom.Document()
    root = document.appendChild(document.createElement("a"))
    for _ in range(n):
        root.appendChild(document.createElement("b"))


def undecodable(content):
    """Read what no option is in, line by line."""
    try:
        configparser.ConfigParser().read_string(content)
    except configparser.Error:
        pass


def appended(n):
    """Parse one option n times."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-a", action="append")
    parser.parse_args(["-a", "1"] * n)


def spent(run, given):
    """Return the processor time of one call, in seconds."""
    begin = time.process_time()
    run(given)
    return time.process_time() - begin


def curve(prepare, run, size, start, limit):
    """Find a size that takes `start` seconds; measure it, twice, four and eight times as much."""
    began = time.perf_counter()
    while spent(run, prepare(size)) < start and size < 1 << 22:
        if time.perf_counter() - began > limit:
            break
        size *= 2
    found = []
    for factor in (1, 2, 4, 8):
        best = min(spent(run, prepare(size * factor)) for _ in range(3))
        found.append(best)
        if time.perf_counter() - began > 4 * limit:
            break
    return size, found


def main():
    """Measure what standard input asks for."""
    asked = json.load(sys.stdin)
    for name in asked["modules"]:
        importlib.import_module(name)
        top = name.partition(".")[0]
        globals()[top] = sys.modules[top]
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    for item in asked["operations"]:
        try:
            prepare = eval("lambda n: " + item["prepare"], globals())
            run = eval("lambda given: " + item["run"], globals())
            size, seconds = curve(prepare, run, item["size"], asked["start"], asked["limit"])
        except Exception as error:
            line = {"name": item["name"], "skipped": repr(error)[:200]}
        else:
            line = {"name": item["name"], "size": size, "seconds": seconds}
        print(json.dumps(line), flush=True)
    shutil.rmtree(SCRATCH, ignore_errors=True)


if __name__ == "__main__":
    main()
