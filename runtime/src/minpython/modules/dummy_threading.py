"""The `dummy_threading` module as it was up to Python 3.8.

Each CPython has threads, so that this is `threading` itself: code that chose between the two keeps
working. Gone in 3.9; the modern way is `threading`.
"""

from threading import *  # noqa: F403
from threading import __all__  # noqa: F401
