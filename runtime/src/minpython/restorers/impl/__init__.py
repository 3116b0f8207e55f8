"""The code that comes back: what restorers put in place."""
