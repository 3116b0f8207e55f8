"""Scripts that run inside another interpreter: standard library only, CPython 3.6 and later."""
