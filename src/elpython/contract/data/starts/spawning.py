"""Processes that multiprocessing starts import the program again, under another name."""

import multiprocessing
import sys


def twice(value):
    return value * 2, __name__, len(sys.argv)


if __name__ == "__main__":
    for way in ("spawn", "forkserver", "fork"):
        with multiprocessing.get_context(way).Pool(1) as pool:
            print(way, pool.map(twice, [1, 2]))
