"""The program in an interpreter beside the main one."""

import sys

try:
    import _xxsubinterpreters as interpreters
except ImportError:
    import _interpreters as interpreters

with open(sys.argv[1], encoding="utf-8") as stream:
    text = stream.read()
made = interpreters.create()
sys.stdout.flush()
interpreters.run_string(made, text)
interpreters.destroy(made)
