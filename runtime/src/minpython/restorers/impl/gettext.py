"""The functions of ``gettext`` that answered in bytes, and their methods."""

from __future__ import annotations

import gettext
import locale

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_codesets: dict[str, str | None] = {}


def bind_textdomain_codeset(domain: str, codeset: str | None = None) -> str | None:
    """Set, or tell, in which encoding the functions with ``l`` answer for a domain."""
    if codeset is not None:
        _codesets[domain] = codeset
    return _codesets.get(domain)


def _encoded(message: str, codeset: str | None) -> bytes:
    return message.encode(codeset or locale.getpreferredencoding())


def ldgettext(domain: str, message: str) -> bytes:
    """Translate a message of a domain; the answer is bytes."""
    return _encoded(gettext.dgettext(domain, message), _codesets.get(domain))


def ldngettext(domain: str, msgid1: str, msgid2: str, n: int) -> bytes:
    """Translate a message of a domain with plural forms; the answer is bytes."""
    return _encoded(gettext.dngettext(domain, msgid1, msgid2, n), _codesets.get(domain))


def lgettext(message: str) -> bytes:
    """Translate a message of the current domain; the answer is bytes."""
    return ldgettext(gettext.textdomain(), message)


def lngettext(msgid1: str, msgid2: str, n: int) -> bytes:
    """Translate a message of the current domain with plural forms; the answer is bytes."""
    return ldngettext(gettext.textdomain(), msgid1, msgid2, n)


def method_lgettext(self: Any, message: str) -> bytes:
    """Translate a message; the answer is bytes."""
    return _encoded(self.gettext(message), method_output_charset(self))


def method_lngettext(self: Any, msgid1: str, msgid2: str, n: int) -> bytes:
    """Translate a message with plural forms; the answer is bytes."""
    return _encoded(self.ngettext(msgid1, msgid2, n), method_output_charset(self))


def method_output_charset(self: Any) -> str | None:
    """Return the encoding of the answers in bytes."""
    charset: str | None = getattr(self, "_output_charset", None)
    return charset


def method_set_output_charset(self: Any, charset: str | None) -> None:
    """Set the encoding of the answers in bytes."""
    self._output_charset = charset
