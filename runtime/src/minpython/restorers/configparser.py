"""What came and went in ``configparser``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def readfp(self: Any, fp: Iterable[str], filename: str | None = None) -> None:
    """Read options from a file; the old name of ``read_file``."""
    self.read_file(fp, source=filename)


def configparser_parsingerror_filename(patch: Patch, module: ModuleType) -> None:
    """The attribute and the argument."""
    error = module.ParsingError

    def get(self: Any) -> Any:
        """The file's name; the old name of ``source``."""
        return self.source

    def put(self: Any, value: Any) -> None:
        self.source = value

    def make(original: Any) -> Any:
        def init(self: Any, source: Any = None, filename: Any = None, *args: Any) -> None:
            if filename is not None and source is not None:
                raise ValueError("Cannot specify both `filename' and `source'. Use `source'.")
            if filename is None and source is None:
                raise ValueError("Required argument `source' not given.")
            original(self, filename if source is None else source, *args)

        return init

    patch.attribute(error, "filename", property(get, put))
    patch.replace(error, "__init__", make)
