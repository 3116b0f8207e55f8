"""Controllers of ``webbrowser`` for browsers that are gone."""

from __future__ import annotations

import webbrowser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Netscape(webbrowser.UnixBrowser):
    """Netscape."""

    raise_opts = ["-noraise", "-raise"]  # noqa: RUF012
    remote_args = ["-remote", "openURL(%s%action)"]  # noqa: RUF012
    remote_action = ""
    remote_action_newwin = ",new-window"
    remote_action_newtab = ",new-tab"
    background = True


class Galeon(webbrowser.UnixBrowser):
    """Galeon and Epiphany."""

    raise_opts = ["-noraise", ""]  # noqa: RUF012
    remote_args = ["%action", "%s"]  # noqa: RUF012
    remote_action = "-n"
    remote_action_newwin = "-w"
    background = True


class Grail(webbrowser.BaseBrowser):
    """Grail; none runs any more, so nothing is ever opened."""

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> Any:
        """Return False: there is no Grail to ask."""
        return False
