"""Put the branches into the wheel: a toolchain that is installed works outside of a checkout."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
# What branches and commands read of a checkout; laid side by side as there.
DATA = ("branches", "runtime/src/minpython", "runtime/interpreter", "runtime/features-probe")
LEFT_OUT = ("__pycache__", "tests", "build", "dist", "*.egg-info", "*.py[cod]", "*.so", ".*")


class BuildWithBranches(build_py):
    """`build_py`, and then the data; an editable install reads the checkout itself."""

    def run(self) -> None:
        """Copy the modules, then the data of the checkout."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "elpython" / "checkout"
        shutil.rmtree(target, ignore_errors=True)
        for name in DATA:
            ignore = shutil.ignore_patterns(*LEFT_OUT)
            shutil.copytree(ROOT / name, target / name, ignore=ignore)


setup(cmdclass={"build_py": BuildWithBranches})
