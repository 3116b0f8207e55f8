"""Modules of our own in the place of modules that are gone; found by `minpython.engine.missing`."""
