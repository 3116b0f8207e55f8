"""Commands about stacks."""
