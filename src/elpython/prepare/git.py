"""The program git, as trees need it: fixed dates and author, deaf to everybody's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.core.process import clean_env, run

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FALLBACK_DATE", "Git", "git_env"]

FALLBACK_DATE = "2000-01-01"

_AUTHOR = "EL Python"
_EMAIL = "el-python@localhost"


def git_env(date: str) -> dict[str, str]:
    """Return the environment for git, for commits of a day (`2023-02-07`)."""
    return clean_env(
        {
            "GIT_AUTHOR_NAME": _AUTHOR,
            "GIT_AUTHOR_EMAIL": _EMAIL,
            "GIT_AUTHOR_DATE": f"{date}T00:00:00Z",
            "GIT_COMMITTER_NAME": _AUTHOR,
            "GIT_COMMITTER_EMAIL": _EMAIL,
            "GIT_COMMITTER_DATE": f"{date}T00:00:00Z",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_SYSTEM": "/dev/null",
            "GIT_TEMPLATE_DIR": "",
        }
    )


class Git:
    """The program git in one working tree, deaf to the user's and the system's configuration."""

    def __init__(self, folder: Path, date: str = FALLBACK_DATE) -> None:
        self.folder = folder
        self.date = date

    def __call__(self, *words: str | Path, text: str | None = None, check: bool = True) -> str:
        """Run git and return its output."""
        argv: list[str | Path] = ["git", "-C", self.folder, *words]
        env = git_env(self.date)
        return run(argv, env=env, input_text=text, check=check, errors="surrogateescape").stdout

    def settle(self) -> None:
        """Set what must not depend on the machine."""
        settings = {
            "core.autocrlf": "false",
            "core.fileMode": "true",
            "core.safecrlf": "false",
            "gc.auto": "0",
            "user.name": _AUTHOR,
            "user.email": _EMAIL,
        }
        for key, value in settings.items():
            self("config", key, value)

    def commit(self, message: str, date: str) -> str:
        """Commit everything in the working tree; return the commit id."""
        # Ignored files of the base (*.pyc patterns and the like) belong to the release too.
        self("add", "--all", "--force")
        argv: list[str | Path] = [
            "git",
            "-C",
            self.folder,
            "commit",
            "-q",
            "--allow-empty",
            "--no-verify",
            "-F",
            "-",
        ]
        run(argv, env=git_env(date), input_text=message)
        return self("rev-parse", "HEAD").strip()
