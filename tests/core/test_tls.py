"""Downloads believe whom the machine believes, not a list that came with a library."""

from __future__ import annotations

import ast
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import certifi

import elpython
from elpython.core import tls

if TYPE_CHECKING:
    import pytest

CALLS = {"httpx.Client", "httpx.get", "httpx.stream", "httpx.AsyncClient", "httpx.post"}


def test_the_system_s_authorities_are_believed() -> None:
    system = ssl.create_default_context()
    found = tls.trusted()
    assert found.verify_mode is ssl.CERT_REQUIRED
    assert found.check_hostname
    assert found.get_ca_certs(binary_form=True) == system.get_ca_certs(binary_form=True)


def test_a_system_without_a_store_gets_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = ssl.DefaultVerifyPaths(None, None, "SSL_CERT_FILE", "", "SSL_CERT_DIR", "")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nothing)
    monkeypatch.setattr(
        ssl, "create_default_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    )
    tls.trusted.cache_clear()
    try:
        assert len(tls.trusted().get_ca_certs()) == Path(certifi.where()).read_text().count("BEGIN")
    finally:
        tls.trusted.cache_clear()


def test_every_download_says_whom_it_believes() -> None:
    """An httpx client that is not told believes certifi alone: no organisation's own proxy."""
    silent = []
    calls = 0
    for path in sorted(Path(elpython.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in CALLS:
                calls += 1
                if "verify" not in {word.arg for word in node.keywords}:
                    silent.append(f"{path.name}:{node.lineno}")
    assert calls >= 7
    assert silent == []
