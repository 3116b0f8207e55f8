"""Source files that ask for an old syntax, on their way to the compiler."""

from minpython import waiting_for_engine

if waiting_for_engine:
    # As with `minpython.engine`.
    __import__("minpython.awake")
