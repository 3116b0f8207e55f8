"""The built-in ``compile``, ``exec`` and ``eval`` as the interpreter has them."""

import builtins

compile = builtins.compile  # noqa: A001
exec = builtins.exec  # noqa: A001
eval = builtins.eval  # noqa: A001


def refused(source: "str | bytes", file: str) -> bool:
    """Return whether the interpreter refuses a text: its symbols tell, cheaper than its code."""
    import _symtable  # type: ignore[import-not-found]

    try:
        _symtable.symtable(source, file, "exec")
    except SyntaxError:
        return True
    except ValueError:
        pass
    return False
