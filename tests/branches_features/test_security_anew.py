"""Security fixes without upstream's tests: shown on the bases of 3.9 and 3.11, mended there."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from examples import real_build

if TYPE_CHECKING:
    from elpython.core.store import Store

LITERAL = """
import imaplib
class File:
    most = 0
    def read(self, size):
        File.most = max(File.most, size)
        return b""
client = imaplib.IMAP4.__new__(imaplib.IMAP4)
client.file = File()
client.read(10**9)
print("at once" if File.most == 10**9 else "in chunks")
"""

WITHOUT_THREAD_STATE = """
import subprocess, sys
# CDLL lets go of the GIL, and with it of the thread state.
call = "import ctypes; ctypes.CDLL(None).PySys_AddWarnOptionUnicode(ctypes.py_object('a'))"
done = subprocess.run([sys.executable, "-I", "-c", call], capture_output=True, text=True)
print("told" if "the GIL is released" in done.stderr else done.returncode)
"""

EMPTIED = '''
import subprocess, sys
code = """
from collections import deque
class Empties:
    def __eq__(self, other):
        items.clear()
        return NotImplemented
class Looks:
    def __eq__(self, other):
        return other.__class__ is Looks
items = deque([Empties()])
items.index(Looks())
"""
done = subprocess.run(
    [sys.executable, "-I", "-X", "dev", "-c", code], capture_output=True, text=True
)
print("crash" if done.returncode < 0 else done.stderr.splitlines()[-1])
'''

DECODED = """
import io, os, tempfile, uu
with tempfile.TemporaryDirectory() as folder:
    os.makedirs(os.path.join(folder, "in", "sub"))
    os.chdir(os.path.join(folder, "in"))
    try:
        uu.decode(io.BytesIO(f"begin 644 {name}\\n \\nend\\n".encode()))
    except uu.Error as error:
        print(str(error).split()[0])
    for place, folders, files in os.walk(folder):
        for file in files:
            print(os.path.relpath(os.path.join(place, file)))
    os.chdir("/")
"""

LISTING = """
import http.server, io, tempfile
asked = http.server.SimpleHTTPRequestHandler.__new__(http.server.SimpleHTTPRequestHandler)
asked.path = "{path}"
asked.send_response = asked.send_header = asked.end_headers = lambda *words: None
with tempfile.TemporaryDirectory() as folder:
    page = asked.list_directory(folder).read()
    print("local path" if folder.encode() in page else page.count(b"Directory listing for /a"))
"""

AUDIT_HOOKS = """
import gc, sys
def hook(*event): pass
sys.addaudithook(hook)
print(sum(type(holder) is list for holder in gc.get_referrers(hook)))
"""

PAGED = """
import pydoc, tempfile
show = 'show() { test "$(dirname "$1")" = "%s" && echo shared || echo own; cat "$1"; }; show'
pydoc.tempfilepager("text", show % tempfile.gettempdir())
"""


def _said(python: object, code: str) -> str:
    done = subprocess.run(
        [str(python), "-I", "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return " ".join(done.stdout.split())


BOTH = [
    (WITHOUT_THREAD_STATE, "-11", "told"),
    (EMPTIED, "crash", "RuntimeError: deque mutated during iteration"),
    (DECODED.replace("{name}", "plain"), "plain", "plain"),
    (DECODED.replace("{name}", "sub/a..b"), "sub/a..b", "sub/a..b"),
    (DECODED.replace("{name}", "../out"), "../out", "Refusing"),
    (DECODED.replace("{name}", "sub/../../out"), "../out", "Refusing"),
    (DECODED.replace("{name}", "{folder}/out"), "../out", "Refusing"),
    (LISTING.format(path="/a"), "2", "2"),
    (LISTING.format(path="/a%ff"), "local path", "2"),
]
OLD = [
    (LITERAL, "at once", "in chunks"),
    (AUDIT_HOOKS, "1", "0"),
    (PAGED, "shared text", "own text"),
]
CASES = [(name, *case) for name in ("3.9", "3.11") for case in BOTH]
CASES += [("3.9", *case) for case in OLD]


@pytest.mark.slow
@pytest.mark.parametrize(("branch", "code", "base", "now"), CASES)
def test_what_a_fix_alters(real_store: Store, branch: str, code: str, base: str, now: str) -> None:
    assert _said(real_build(real_store, branch, bare=True).python, code) == base
    assert _said(real_build(real_store, branch).python, code) == now
