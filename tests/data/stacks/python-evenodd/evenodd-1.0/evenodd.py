import sys


def kind(number):
    return "even" if number % 2 == 0 else "odd"


def built_for():
    return "%d.%d" % sys.version_info[:2]
