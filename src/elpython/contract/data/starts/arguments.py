"""What a command line interface says of itself and of wrong arguments."""

import argparse
import sys

parser = argparse.ArgumentParser(prog="tool", description="A tool.", epilog="See also.")
parser.add_argument("files", nargs="*", help="what to read")
parser.add_argument("-n", "--number", type=int, default=3, help="how many [%(default)s]")
parser.add_argument("--way", choices=["one", "two"])
group = parser.add_mutually_exclusive_group()
group.add_argument("--quiet", action="store_true")
group.add_argument("--loud", action="store_true")
print(parser.parse_args(sys.argv[1:]))
