"""What came and went in ``ssl``."""

from __future__ import annotations

from minpython.engine import refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def ssl_rand_pseudo_bytes(patch: Patch, module: ModuleType) -> None:
    """As strong as the others, since OpenSSL 1.1."""

    def RAND_pseudo_bytes(n: int) -> tuple[bytes, bool]:  # noqa: N802
        """Return random bytes, and True: they are cryptographically strong."""
        return module.RAND_bytes(n), True

    patch.attribute(module, "RAND_pseudo_bytes", RAND_pseudo_bytes)


def ssl_wrap_socket(patch: Patch, module: ModuleType) -> None:
    """With a context that checks nothing unless it is asked to."""

    def wrap_socket(
        sock: Any,
        keyfile: Any = None,
        certfile: Any = None,
        server_side: bool = False,
        cert_reqs: Any = module.CERT_NONE,
        ssl_version: Any = module.PROTOCOL_TLS,
        ca_certs: Any = None,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        ciphers: Any = None,
    ) -> Any:
        """Return an SSL socket around a socket."""
        if server_side and not certfile:
            raise ValueError("certfile must be specified for server-side operations")
        if keyfile and not certfile:
            raise ValueError("certfile must be specified")
        context = _context(module, ssl_version, cert_reqs, (keyfile, certfile, ca_certs, ciphers))
        return context.wrap_socket(
            sock=sock,
            server_side=server_side,
            do_handshake_on_connect=do_handshake_on_connect,
            suppress_ragged_eofs=suppress_ragged_eofs,
        )

    patch.attribute(module, "wrap_socket", wrap_socket)


def _context(module: ModuleType, version: Any, cert_reqs: Any, files: Any) -> Any:
    keyfile, certfile, ca_certs, ciphers = files
    context = module.SSLContext(version)
    context.check_hostname = False
    context.verify_mode = cert_reqs
    if ca_certs:
        context.load_verify_locations(ca_certs)
    if certfile:
        context.load_cert_chain(certfile, keyfile)
    if ciphers:
        context.set_ciphers(ciphers)
    return context


def ssl_match_hostname(patch: Patch, module: ModuleType) -> None:
    """From RFC 6125; OpenSSL checks names itself, and better."""

    def make() -> Any:
        from minpython.restorers.impl import ssl as _ssl

        return _ssl.match_hostname

    patch.lazy(module, "match_hostname", make)


def ssl_refused_names(patch: Patch, module: ModuleType) -> None:
    """Unless they are allowed: these have behaviours of their own."""
    for name in ("match_hostname", "wrap_socket"):
        behaviour = "ssl-" + name.replace("_", "-")
        patch.refuse(module, name, refusal.Refused(module, name, behaviour))


def ssl_direct_construction(patch: Patch, module: ModuleType) -> None:
    """Both classes hand over to a context."""

    def socket_new(original: Any) -> Any:
        def new(cls: Any, sock: Any = None, *args: Any, **kwargs: Any) -> Any:
            if sock is None:
                return original(cls, *args, **kwargs)
            context = kwargs.pop("_context", None) or _context(
                module,
                kwargs.pop("ssl_version", module.PROTOCOL_TLS),
                kwargs.pop("cert_reqs", module.CERT_NONE),
                (
                    kwargs.pop("keyfile", None),
                    kwargs.pop("certfile", None),
                    kwargs.pop("ca_certs", None),
                    kwargs.pop("ciphers", None),
                ),
            )
            return context.wrap_socket(sock, *args, **kwargs)

        return new

    def socket_init(_original: Any) -> Any:
        def init(_self: Any, *_args: Any, **_kwargs: Any) -> None:
            """Do nothing: the context has made it."""

        return init

    def object_new(_original: Any) -> Any:
        def new(cls: Any, sslobj: Any = None, owner: Any = None, **_kwargs: Any) -> Any:
            made = object.__new__(cls)
            if sslobj is not None:
                made._sslobj = sslobj
            return made

        return new

    patch.replace(module.SSLSocket, "__new__", socket_new)
    patch.replace(module.SSLSocket, "__init__", socket_init)
    patch.replace(module.SSLObject, "__new__", object_new)
    patch.replace(module.SSLObject, "__init__", socket_init)
