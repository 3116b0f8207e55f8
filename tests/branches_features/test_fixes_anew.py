"""Fixes that were written anew for an old branch: shown on the base, mended on the branch."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from elpython.build.build import Build

TUNNEL = """
import http.client
asked = http.client.HTTPConnection("proxy")
asked.send = lambda data: None
asked.set_tunnel("host", headers={{"{name}": "{value}"}})
asked._tunnel_host = {host!r}
try:
    asked._tunnel()
except ValueError as error:
    print(error)
except AttributeError:
    print("sent")  # it went on to wait for an answer
"""

AFTER_ERROR = """
import bz2
reader = bz2.BZ2Decompressor()
for _ in range(2):
    try:
        reader.decompress(b"BZh9" + b"no block" * 4)
    except (OSError, ValueError) as error:
        print(type(error).__name__)
"""

SECOND_SERVER = """
import ftplib
class Server:
    trust_server_pasv_ipv4_address = {trusted}
    class sock:
        getpeername = staticmethod(lambda: ("192.0.2.1", 21))
    def voidcmd(self, what): pass
    def sendcmd(self, what):
        return "227 at (10,0,0,1,4,1)" if what == "PASV" else "150"
    def sendport(self, host, port): print(host)
    def voidresp(self): pass
ftplib.ftpcp(Server(), "a", Server(), "b")
"""

ANSWERS = """
import http.client, io
class Socket:
    def makefile(self, mode):
        return io.BytesIO(
            b"HTTP/1.1 100 Continue\\r\\n\\r\\n" * {interim}
            + b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n2\\r\\nhi\\r\\n0\\r\\n"
            + b"a: b\\r\\n" * {trailers}
            + b"\\r\\n"
        )
answer = http.client.HTTPResponse(Socket())
try:
    answer.begin()
    print(answer.read().decode())
except http.client.HTTPException as error:
    print(error)
"""

STATUS = """
import io
from wsgiref.handlers import SimpleHandler
written = io.BytesIO()
def application(environ, start_response):
    start_response({status!r}, [])
    return [b"x"]
environ = {{"SERVER_PROTOCOL": "HTTP/1.0"}}
SimpleHandler(io.BytesIO(), written, io.StringIO(), environ, False).run(application)
print(written.getvalue().decode().splitlines()[0].split(" ", 1)[1])
"""

MAILBOX = """
import imaplib
class Client(imaplib.IMAP4):
    def __init__(self):
        self.state, self.literal, self.is_readonly, self.debug = "AUTH", None, False, 0
        self.untagged_responses, self.tagged_commands = {{}}, {{}}
        self.tagpre, self.tagnum, self._encoding = b"A", 0, "ascii"
        self._cmd_log, self._cmd_log_idx, self._cmd_log_len = {{}}, 0, 10
    def send(self, data):
        print(data.decode().split()[1], "sent")
try:
    Client()._command("SELECT", {mailbox!r})
except ValueError as error:
    print(error)
"""

LINK_INTO_ITSELF = """
import os, shutil, tempfile
os.chdir(tempfile.mkdtemp())
os.makedirs("folder/inner")
os.symlink("folder", "link")
print(shutil._destinsrc("folder", "link/inner"), shutil._destinsrc("folder", "other"))
"""

PARENT_PARSER = """
import gc
from xml.parsers import expat
parent = expat.ParserCreate()
print(parent in gc.get_referents(parent.ExternalEntityParserCreate(None)))
"""

# Long enough that the base, where the time grows with the square of the length, needs minutes.
LINEAR = {
    "options": """
import configparser
parser = configparser.RawConfigParser()
try:
    parser.read_string("[a]\\nx" + " " * 400_000 + "y\\n")
except configparser.ParsingError:
    print("read")
""",
    "parameters": """
from email.message import _parseparam
print(len(_parseparam('a="' + ";" * 1_500_000)), _parseparam('a; B = "c;d" ;;e'))
""",
    "markup": """
from html.parser import HTMLParser
parser = HTMLParser()
parser.feed('<a b="')
for _ in range(300_000):
    parser.feed(">x <")
parser.close()
print("read")
""",
}


def _said(build: Build, code: str, *, seconds: float = 60) -> list[str]:
    done = subprocess.run(
        [build.python, "-I", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds,
    )
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "base", "branch"),
    [
        (TUNNEL.format(name="a", value="b", host="host"), "sent", "sent"),
        (TUNNEL.format(name="a", value="b", host="ho\rst"), "sent", "Tunnel host can't contain"),
        (TUNNEL.format(name="a:", value="b", host="host"), "sent", "Invalid header name"),
        (TUNNEL.format(name="a", value="b\\r\\nc", host="host"), "sent", "Invalid header value"),
        (AFTER_ERROR, "OSError OSError", "OSError ValueError"),
        (SECOND_SERVER.format(trusted=False), "10.0.0.1", "192.0.2.1"),
        (SECOND_SERVER.format(trusted=True), "10.0.0.1", "10.0.0.1"),
        (ANSWERS.format(interim=100, trailers=100), "hi", "hi"),
        (ANSWERS.format(interim=101, trailers=0), "hi", "got more than 100 interim responses"),
        (ANSWERS.format(interim=0, trailers=101), "hi", "got more than 100 trailer lines"),
        (STATUS.format(status="200 a\tb"), "200 a\tb", "200 a\tb"),
        (STATUS.format(status="200 OK\r\nX: y"), "200 OK", "500 Internal"),
        (MAILBOX.format(mailbox="a"), "SELECT sent", "SELECT sent"),
        (MAILBOX.format(mailbox="a\r\nB"), "SELECT sent", "NUL, CR and LF not allowed"),
        (MAILBOX.format(mailbox=b"\0"), "SELECT sent", "NUL, CR and LF not allowed"),
        (LINK_INTO_ITSELF, "False False", "True False"),
        (PARENT_PARSER, "False", "True"),
    ],
)
def test_what_a_fix_alters(el311: Build, base311: Build, code: str, base: str, branch: str) -> None:
    assert " ".join(_said(base311, code)).startswith(base)
    assert " ".join(_said(el311, code)).startswith(branch)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "answer"),
    [
        ("options", "read"),
        ("parameters", """1 ['a', 'b="c;d"', '', 'e']"""),
        ("markup", "read"),
    ],
)
def test_what_no_longer_takes_quadratic_time(
    el311: Build, base311: Build, what: str, answer: str
) -> None:
    assert _said(el311, LINEAR[what]) == [answer]
    with pytest.raises(subprocess.TimeoutExpired):
        _said(base311, LINEAR[what], seconds=5)
