"""Commands about interpreters."""
