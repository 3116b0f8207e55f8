"""Small mutations of a real interpreter, each of which one promise has to catch.

`python -m tests.contract.mutants` (`make mutants`) tries all of them, and what is not mutated too:
it prints caught/total and false alarms. Most change a copy of an installed interpreter; those in C
are compiled into the base of a branch (`--no-compiler` leaves them out).
"""
