"""The command `bdist_wininst` as far as it can be: it made installers from a binary that is gone."""

from distutils.core import Command
from distutils.errors import DistutilsPlatformError


class bdist_wininst(Command):
    """Refuses to run."""

    description = "create an executable installer for MS Windows"
    user_options: "list[tuple[str, str, str]]" = []

    def initialize_options(self) -> None:
        """Do nothing."""

    def finalize_options(self) -> None:
        """Do nothing."""

    def run(self) -> None:
        """Refuse.

        Raises:
            DistutilsPlatformError: always.
        """
        raise DistutilsPlatformError("bdist_wininst is gone since Python 3.10: use bdist_wheel")
