"""A program that reads the standard input that it was started with."""

import sys

print(repr(input("name? ")), repr(sys.stdin.readline()), repr(sys.stdin.read()))
