"""`python -m elpython` is `elpython`."""

from elpython.cli import main

main()
