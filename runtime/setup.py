"""Puts ``minpython.pth`` at the top of the wheel, and modules that were taken from a release."""

import os

from setuptools import setup
from setuptools.command.build_py import build_py

PTH = "minpython.pth"
TAKEN = "taken"


class BuildWithPth(build_py):
    """Also copy the start-up file beside the packages."""

    def run(self) -> None:
        """Build, then copy."""
        super().run()
        os.makedirs(self.build_lib, exist_ok=True)
        self.copy_file(os.path.join("src", PTH), os.path.join(self.build_lib, PTH))
        if os.path.isdir(TAKEN):
            # What `tools/take_modules.py` took out of a release.
            self.copy_tree(TAKEN, os.path.join(self.build_lib, "minpython", "modules"))

    def get_outputs(self, include_bytecode: bool = True) -> "list[str]":  # noqa: FBT001, FBT002
        """Name the start-up file too."""
        return [*super().get_outputs(include_bytecode), os.path.join(self.build_lib, PTH)]


setup(cmdclass={"build_py": BuildWithPth})
