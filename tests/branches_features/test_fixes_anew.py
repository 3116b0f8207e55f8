"""Fixes that were written anew for an old branch: shown on the base, mended on the branch."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from elpython.build import Build

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


def _said(build: Build, code: str) -> list[str]:
    done = subprocess.run(
        [build.python, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=60
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
    ],
)
def test_what_a_fix_alters(el311: Build, base311: Build, code: str, base: str, branch: str) -> None:
    assert " ".join(_said(base311, code)).startswith(base)
    assert " ".join(_said(el311, code)).startswith(branch)
