"""Names that ``token`` and ``tokenize`` had."""

from __future__ import annotations

import token

# 3.7 to 3.12 numbered them right after the last operator; a free pair below the non-terminals.
ASYNC, AWAIT = 254, 255
if token.N_TOKENS > 250:
    ASYNC, AWAIT = token.NT_OFFSET - 2, token.NT_OFFSET - 1

Bracket = "[][(){}]"
Operator = r"(\*\*=?|>>=?|<<=?|!=|//=?|->|[+\-*/%&@|^=<>]=?|~)"


class StopTokenizing(Exception):
    """The reader of lines asks the tokenizer to stop."""
