"""Encryption between a run and its workers: one authority, a certificate for each side.

The same three files secure Dask's connections and the depot. Each side must show a certificate of
the authority; without one nothing is answered. The depot's token is sent encrypted only.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elpython.mass_rebuild.errors import SchedulerError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Tls", "tls_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tls:
    """Paths of PEM files.

    Attributes:
        ca: certificate of the authority that signs all sides.
        cert: this side's certificate; its names must cover the address it is reached by.
        key: its private key.
    """

    ca: str
    cert: str
    key: str

    def server(self) -> ssl.SSLContext:
        """Return a server's context that asks clients for their certificate.

        Raises:
            SchedulerError: a file is missing, or they don't belong together.
        """
        return self._context(ssl.PROTOCOL_TLS_SERVER)

    def client(self) -> ssl.SSLContext:
        """Return a client's context that shows a certificate and checks the server's name.

        Raises:
            SchedulerError: a file is missing, or they don't belong together.
        """
        return self._context(ssl.PROTOCOL_TLS_CLIENT)

    def _context(self, protocol: int) -> ssl.SSLContext:
        context = ssl.SSLContext(protocol)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(self.ca)
            context.load_cert_chain(self.cert, self.key)
        except OSError as error:
            raise SchedulerError(
                f"these TLS files can't be used: {error}",
                where=f"{self.ca}, {self.cert}, {self.key}",
                todo="PEM files of one authority are wanted, the key without a password",
            ) from error
        return context

    def security(self) -> Any:  # noqa: ANN401 - Dask's own class
        """Return Dask's form of it, for the scheduler, the workers and the client."""
        import distributed

        sides = {
            f"tls_{side}_{part}": value
            for side in ("scheduler", "worker", "client")
            for part, value in (("cert", self.cert), ("key", self.key))
        }
        return distributed.Security(tls_ca_file=self.ca, require_encryption=True, **sides)


def tls_of(ca: Path | None, cert: Path | None, key: Path | None) -> Tls | None:
    """Return the files as one value; None when none is given.

    Raises:
        SchedulerError: only some of them are given, or they can't be used.
    """
    given = [path for path in (ca, cert, key) if path is not None]
    if not given:
        return None
    if ca is None or cert is None or key is None:
        raise SchedulerError(
            "TLS needs three files", todo="give --tls-ca, --tls-cert and --tls-key together"
        )
    tls = Tls(ca=str(ca), cert=str(cert), key=str(key))
    tls.server()
    return tls
