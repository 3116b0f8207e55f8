"""Feeds that tell of vulnerabilities: one interface, one small module per kind."""
