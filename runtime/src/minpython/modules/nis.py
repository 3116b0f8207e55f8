"""The `nis` module as it was up to Python 3.12, over the system's library."""

import ctypes
import ctypes.util

__all__ = ["cat", "error", "get_default_domain", "maps", "match"]

_library = ctypes.util.find_library("nsl")
if _library is None:
    raise ImportError("this system has no library for NIS (nsl)", name="nis")
_nsl = ctypes.CDLL(_library)
_nsl.yperr_string.restype = ctypes.c_char_p
_libc = ctypes.CDLL(None)
_libc.free.argtypes = [ctypes.c_void_p]

_ALIASES = {
    "passwd": "passwd.byname",
    "group": "group.byname",
    "networks": "networks.byaddr",
    "hosts": "hosts.byname",
    "protocols": "protocols.bynumber",
    "services": "services.byname",
    "aliases": "mail.aliases",
    "ethers": "ethers.byname",
}


class error(Exception):
    """The name service refused."""


def _refused(code: int) -> error:
    return error((_nsl.yperr_string(code) or b"unknown").decode())


def get_default_domain() -> str:
    """Return the domain of this machine.

    Raises:
        error: there is none.
    """
    domain = ctypes.c_char_p()
    code = _nsl.yp_get_default_domain(ctypes.byref(domain))
    if code:
        raise _refused(code)
    return (domain.value or b"").decode()


def _domain(domain: "str | None") -> bytes:
    return (domain or get_default_domain()).encode()


def match(key: str, map: str, domain: "str | None" = None) -> str:
    """Return the entry of a key in a map.

    Raises:
        error: there is none.
    """
    value, length = ctypes.c_void_p(), ctypes.c_int()
    raw = key.encode()
    code = _nsl.yp_match(
        _domain(domain),
        _ALIASES.get(map, map).encode(),
        raw,
        len(raw),
        ctypes.byref(value),
        ctypes.byref(length),
    )
    if code:
        raise _refused(code)
    return _taken(value, length)


def _taken(pointer: ctypes.c_void_p, length: ctypes.c_int) -> str:
    text = ctypes.string_at(pointer, length.value).decode("utf-8", "surrogateescape")
    _libc.free(pointer)
    return text


def cat(map: str, domain: "str | None" = None) -> dict[str, str]:
    """Return all entries of a map.

    Raises:
        error: the map is unknown.
    """
    name, where = _ALIASES.get(map, map).encode(), _domain(domain)
    entries: dict[str, str] = {}
    key, key_length = ctypes.c_void_p(), ctypes.c_int()
    value, value_length = ctypes.c_void_p(), ctypes.c_int()
    answers = (
        ctypes.byref(key),
        ctypes.byref(key_length),
        ctypes.byref(value),
        ctypes.byref(value_length),
    )
    code = _nsl.yp_first(where, name, *answers)
    while not code:
        raw = ctypes.string_at(key, key_length.value)
        text = _taken(key, key_length).rstrip("\0")
        entries[text] = _taken(value, value_length).rstrip("\0")
        code = _nsl.yp_next(where, name, raw, len(raw), *answers)
    if not entries:
        raise _refused(code)
    return entries


def maps(domain: "str | None" = None) -> list[str]:
    """Return the names of the maps that a domain is known to have.

    Raises:
        error: the domain can't be asked.
    """
    found = []
    where = _domain(domain)
    for name in sorted(set(_ALIASES.values())):
        order = ctypes.c_int()
        if not _nsl.yp_order(where, name.encode(), ctypes.byref(order)):
            found.append(name)
    return found
