"""Commands about builds."""
