"""What came and went in the clients of network protocols: keys and certificates as arguments."""

from __future__ import annotations

from minpython.engine.adapters import positional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def _with_context(
    context_name: str = "context", key: str = "keyfile", cert: str = "certfile"
) -> Any:
    """Make a wrapper that turns the two files into a context."""

    def make(original: Any) -> Any:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            key_file, cert_file = kwargs.pop(key, None), kwargs.pop(cert, None)
            if key_file is not None or cert_file is not None:
                if kwargs.get(context_name) is not None:
                    raise ValueError(f"{context_name} and {key} or {cert} exclude each other")
                kwargs[context_name] = _context(key_file, cert_file)
            return original(*args, **kwargs)

        return wrapper

    return make


def _context(key_file: Any, cert_file: Any) -> Any:
    """Return a context as the clients make one themselves, with a certificate to show."""
    import ssl

    context = ssl._create_stdlib_context()  # type: ignore[attr-defined]
    if cert_file or key_file:
        context.load_cert_chain(cert_file, key_file)
    return context


def ftplib_keyfile(patch: Patch, module: ModuleType) -> None:
    """On the class; all but the account by position too."""
    owner = module.FTP_TLS
    patch.replace(owner, "__init__", _with_context())
    names = ("keyfile", "certfile", "context", "timeout", "source_address")
    patch.replace(owner, "__init__", positional(5, *names))


def ftplib_ssl_version(patch: Patch, module: ModuleType) -> None:
    """An attribute of the class."""
    import ssl

    patch.attribute(module.FTP_TLS, "ssl_version", ssl.PROTOCOL_TLS_CLIENT)


def http_client_key_file(patch: Patch, module: ModuleType) -> None:
    """On the class; by position too."""

    def make(original: Any) -> Any:
        def wrapper(self: Any, *args: Any, check_hostname: Any = None, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            if check_hostname is not None:
                self._context.check_hostname = check_hostname

        return wrapper

    owner = module.HTTPSConnection
    patch.replace(owner, "__init__", make)
    patch.replace(owner, "__init__", _with_context(key="key_file", cert="cert_file"))
    patch.replace(
        owner, "__init__", positional(3, "key_file", "cert_file", "timeout", "source_address")
    )


def imaplib_keyfile(patch: Patch, module: ModuleType) -> None:
    """On the class; by position too."""
    owner = module.IMAP4_SSL
    patch.replace(owner, "__init__", _with_context("ssl_context"))
    names = ("keyfile", "certfile", "ssl_context", "timeout")
    patch.replace(owner, "__init__", positional(3, *names))


def poplib_keyfile(patch: Patch, module: ModuleType) -> None:
    """On the class and on ``stls``."""
    owner = module.POP3_SSL
    patch.replace(owner, "__init__", _with_context())
    names = ("keyfile", "certfile", "timeout", "context")
    patch.replace(owner, "__init__", positional(3, *names))

    def make(original: Any) -> Any:
        def stls(self: Any, keyfile: Any = None, certfile: Any = None, context: Any = None) -> Any:
            if keyfile is not None or certfile is not None:
                if context is not None:
                    raise ValueError("context and keyfile or certfile exclude each other")
                context = _context(keyfile, certfile)
            return original(self, context)

        return stls

    patch.replace(owner, "stls", make)


def smtplib_keyfile(patch: Patch, module: ModuleType) -> None:
    """On the class and on ``starttls``."""
    names = ("local_hostname", "keyfile", "certfile", "timeout", "source_address", "context")
    patch.replace(module.SMTP_SSL, "__init__", _with_context())
    patch.replace(module.SMTP_SSL, "__init__", positional(3, *names))
    patch.replace(module.SMTP, "starttls", _with_context())
    patch.replace(module.SMTP, "starttls", positional(1, "keyfile", "certfile", "context"))
