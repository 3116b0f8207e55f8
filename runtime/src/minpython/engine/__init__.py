"""Who sees what, and the tools that change the interpreter for them."""

from minpython import waiting_for_engine

if waiting_for_engine:
    # Whatever needs the engine finds the version in force that a start has taken.
    __import__("minpython.awake")
