"""Small mutations of a real interpreter, each of which one promise has to catch.

`python -m tests.contract.mutants` (`make mutants`) tries all of them on a copy of an installed
interpreter, and the copy without mutation too: it prints caught/total and false alarms.
"""
