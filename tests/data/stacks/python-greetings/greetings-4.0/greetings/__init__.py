import sys


def main():
    print("hello from %d.%d" % sys.version_info[:2])
