"""The built-in ``compile``, ``exec`` and ``eval`` as the interpreter has them."""

import builtins

compile = builtins.compile  # noqa: A001
exec = builtins.exec  # noqa: A001
eval = builtins.eval  # noqa: A001
