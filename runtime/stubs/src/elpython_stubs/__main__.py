"""Print where the stubs are, as a setting of a type checker."""

import argparse
import sys

from elpython_stubs import typeshed


def main() -> None:
    """Print one line, or the table of a type checker for pyproject.toml."""
    parser = argparse.ArgumentParser(prog="python -m elpython_stubs", description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--mypy", action="store_true", help="for mypy, in pyproject.toml")
    which.add_argument("--pyright", action="store_true", help="for pyright, in pyproject.toml")
    options = parser.parse_args()
    if options.mypy:
        text = f'[tool.mypy]\ncustom_typeshed_dir = "{typeshed()}"'
    elif options.pyright:
        text = f'[tool.pyright]\ntypeshedPath = "{typeshed()}"'
    else:
        text = typeshed()
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
