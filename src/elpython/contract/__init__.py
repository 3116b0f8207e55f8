"""The contract: what a candidate interpreter owes its base, proved promise by promise.

Each promise is one module under `promises/`: it looks at both interpreters and gives the
differences that it found. `check` runs them, lays the declarations of the changes beside the
differences, and gives a verdict a promise. Nothing here needs more than two interpreters.
"""
