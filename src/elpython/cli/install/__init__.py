"""Commands about upgrades in place."""
