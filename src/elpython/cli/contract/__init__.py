"""Commands about the contract."""
