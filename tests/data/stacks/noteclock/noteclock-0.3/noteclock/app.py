import sys


def main():
    print("noteclock on %d.%d" % sys.version_info[:2])
