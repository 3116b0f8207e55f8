"""Commands about fixes: watch, status, import, tests."""
