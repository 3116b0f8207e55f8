"""Whom a download believes: the authorities that this machine trusts."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

__all__ = ["trusted"]


@cache
def trusted() -> ssl.SSLContext:
    """Return the settings of a TLS client that believes whom the machine believes.

    That is the system's own store, or what SSL_CERT_FILE and SSL_CERT_DIR name: an organisation's
    proxy is signed by an authority that no list on the index has. Where the system has no store
    (Python's installer for macOS), the list that comes with the HTTP library serves.
    """
    # Loaded late: whoever downloads nothing does not wait for it.
    import ssl

    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    folder = Path(paths.capath) if paths.capath else None
    if paths.cafile is None and (folder is None or not any(folder.iterdir())):
        import certifi

        context.load_verify_locations(certifi.where())
    return context
