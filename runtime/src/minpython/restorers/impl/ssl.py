"""The check of a certificate's names, from RFC 6125."""

from __future__ import annotations

import ipaddress
import ssl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _matches(pattern: str, hostname: str) -> bool:
    pattern, hostname = pattern.lower(), hostname.lower()
    left, _, rest = pattern.partition(".")
    if "*" not in pattern:
        return pattern == hostname
    if left != "*" or "*" in rest or not rest:
        return False
    first, _, others = hostname.partition(".")
    return bool(first) and others == rest


def match_hostname(cert: Any, hostname: str) -> None:
    """Check that a certificate, as ``getpeercert()`` gives it, is for a host.

    Raises:
        ValueError: there is no certificate.
        ssl.CertificateError: it is for another host.
    """
    if not cert:
        raise ValueError("empty or no certificate")
    try:
        address = ipaddress.ip_address(hostname)
    except ValueError:
        address = None
    alternatives = cert.get("subjectAltName", ())
    names = [value for kind, value in alternatives if kind == "DNS"]
    addresses = [value for kind, value in alternatives if kind == "IP Address"]
    if address is None and any(_matches(name, hostname) for name in names):
        return
    if address is not None and any(
        ipaddress.ip_address(each.strip()) == address for each in addresses
    ):
        return
    if not names and not addresses:
        names = [
            value for part in cert.get("subject", ()) for key, value in part if key == "commonName"
        ]
        if address is None and any(_matches(name, hostname) for name in names):
            return
    shown = ", ".join(map(repr, [*names, *addresses])) or "no names at all"
    raise ssl.CertificateError(f"hostname {hostname!r} doesn't match {shown}")
