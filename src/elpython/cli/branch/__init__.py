"""Commands about branches."""
