"""Puts the version that `minpython.early` took in force in full, once, when it is imported.

The import system lets one thread do it and the others wait, and it knows how to let threads pass
that wait for each other.
"""

from minpython import waiting_for_engine

if waiting_for_engine:
    from minpython import early

    _version = waiting_for_engine.pop()
    early.give_back()

    from minpython.engine import state
    from minpython.source import hooks

    with state.lock:
        state.requests.ask(_version)
    hooks.install()
    state.refresh()
