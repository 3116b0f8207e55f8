import sys


def main():
    print("wheelhouse on %d.%d" % sys.version_info[:2])
