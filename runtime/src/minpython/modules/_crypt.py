"""The `_crypt` module as it was up to Python 3.12, over the system's library."""

import ctypes
import ctypes.util
import os
import threading

_NAME = ctypes.util.find_library("crypt") or ctypes.util.find_library("c")
_lock = threading.Lock()
try:
    _function = ctypes.CDLL(_NAME, use_errno=True).crypt
except (AttributeError, OSError) as _error:
    raise ImportError("this system has no crypt function", name="_crypt") from _error
_function.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
_function.restype = ctypes.c_char_p


def crypt(word: str, salt: str, /) -> "str | None":
    """Hash a password; the salt tells the method.

    Raises:
        OSError: the system doesn't know the method.
    """
    with _lock:
        ctypes.set_errno(0)
        answer = _function(word.encode(), salt.encode())
        number = ctypes.get_errno()
    if answer is None and number:
        raise OSError(number, os.strerror(number))
    return None if answer is None else answer.decode()
