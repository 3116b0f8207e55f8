"""Commands about the store of products."""
