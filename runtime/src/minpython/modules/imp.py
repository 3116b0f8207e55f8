"""``imp`` as it was: to be completed."""

import importlib
from importlib._bootstrap import _builtin_from_name as init_builtin  # noqa: F401
from types import ModuleType as new_module  # noqa: F401

reload = importlib.reload
