"""The `spwd` module as it was up to Python 3.12: the shadow password file, read through libc.

Gone in 3.13; only root may read that file.
"""

import ctypes
import ctypes.util
import os
from typing import NamedTuple, Optional

__all__ = ["getspall", "getspnam", "struct_spwd"]


class struct_spwd(NamedTuple):
    """One entry of the shadow password file; times in days."""

    sp_namp: str
    sp_pwdp: str
    sp_lstchg: int
    sp_min: int
    sp_max: int
    sp_warn: int
    sp_inact: int
    sp_expire: int
    sp_flag: int

    @property
    def sp_nam(self) -> str:
        """The older name of `sp_namp`."""
        return self.sp_namp

    @property
    def sp_pwd(self) -> str:
        """The older name of `sp_pwdp`."""
        return self.sp_pwdp


class _Entry(ctypes.Structure):
    _fields_ = [
        ("sp_namp", ctypes.c_char_p),
        ("sp_pwdp", ctypes.c_char_p),
        *((name, ctypes.c_long) for name in struct_spwd._fields[2:8]),
        ("sp_flag", ctypes.c_ulong),
    ]


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    try:
        for name in ("getspnam", "getspent"):
            getattr(libc, name).restype = ctypes.POINTER(_Entry)
    except AttributeError as error:
        raise ImportError("this system has no shadow password file", name="spwd") from error
    libc.getspnam.argtypes = [ctypes.c_char_p]
    return libc


_LIBC = _libc()


def _told(entry: _Entry) -> struct_spwd:
    values = [getattr(entry, name) for name in struct_spwd._fields]
    flag = ctypes.c_long(values[-1]).value
    return struct_spwd(os.fsdecode(values[0]), os.fsdecode(values[1]), *values[2:-1], flag)  # type: ignore[call-arg]


def getspnam(name: str, /) -> struct_spwd:
    """Return the entry of one user.

    Raises:
        KeyError: there is none.
        PermissionError: the file can't be read.
    """
    ctypes.set_errno(0)
    found = _LIBC.getspnam(os.fsencode(name))
    if found:
        return _told(found.contents)
    number = ctypes.get_errno()
    if number:
        raise OSError(number, os.strerror(number))
    raise KeyError("getspnam(): name not found")


def getspall() -> list[struct_spwd]:
    """Return the entries of all users."""
    entries: list[struct_spwd] = []
    _LIBC.setspent()
    try:
        entry: Optional[ctypes._Pointer[_Entry]]
        while entry := _LIBC.getspent():
            entries.append(_told(entry.contents))
    finally:
        _LIBC.endspent()
    return entries
