"""The proxy of ``smtpd`` for Mailman 2."""

from __future__ import annotations

import smtpd  # type: ignore[import-not-found, unused-ignore]
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class MailmanProxy(smtpd.PureProxy):  # type: ignore[misc, unused-ignore]
    """Passes mail on; mail for the lists of a Mailman 2, which ran on Python 2, can't be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Refuse SMTPUTF8, as the proxy always did."""
        if kwargs.get("enable_SMTPUTF8"):
            raise ValueError("MailmanProxy does not support SMTPUTF8.")
        super().__init__(*args, **kwargs)
