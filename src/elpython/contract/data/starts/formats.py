"""Texts that programs read again: numbers, tables, messages, as the library writes them."""

import ast
import base64
import binascii
import calendar
import configparser
import csv
import datetime
import decimal
import difflib
import email.message
import email.policy
import enum
import fractions
import http.cookies
import inspect
import io
import ipaddress
import json
import logging
import pprint
import shlex
import quopri
import string
import struct
import sys
import textwrap
import traceback
import urllib.parse
import xml.etree.ElementTree as ElementTree
import xml.sax.saxutils
from dataclasses import dataclass
from typing import Dict, List, Optional


class Colour(enum.Enum):
    RED = 1


class Level(enum.IntFlag):
    LOW = 1
    HIGH = 2


@dataclass
class Point:
    x: int
    y: float = 1.5


def called(a, *, b: Optional[int] = None, **rest: Dict[str, List[int]]) -> "Point":
    """Do nothing."""


print(0.1, 1e22, 1e16, 123456789.0, 5e-324, float("nan"), 2**70, 1j, -0.0, b"\x00\xff'")
print(f"{1234567.891:,.2f} {0.5:%} {255:#x} {3:>5}|{'a':^5}|{1e6:g} {Colour.RED} {Level.LOW}")
print("%r %s %5.1f %-4d| %x" % ("é", b"a", 2.25, 7, 255), round(2.5), round(2.675, 2))
print(repr(Colour.RED), repr(Level.LOW | Level.HIGH), str(Level.LOW), format(Level.HIGH), Point(1))
print(inspect.signature(called), Optional[int], Dict[str, int], repr([...]), slice(1, None))
print(json.dumps({"a": [1, 2.5, None, True], "é": "\u2028"}, indent=2, sort_keys=True))
print(json.dumps([1, float("inf")]), json.dumps("é", ensure_ascii=False))
pprint.pprint({"key" * 6: list(range(30)), "b": {"c": ("d" * 40, "e" * 40)}}, width=60)
print(textwrap.fill("words that are long and others that are not " * 3, 40, initial_indent="* "))
table = io.StringIO()
csv.writer(table).writerows([["a", 'say "b"', 1.5, None], ["c,d", "e\nf", "", "g"]])
print(repr(table.getvalue()))
print(shlex.quote("it's"), urllib.parse.quote("a b/é"), urllib.parse.urlencode({"a": "b c"}))
settings = configparser.ConfigParser()
settings.read_dict({"DEFAULT": {"a": "1"}, "part": {"Key": "two\nlines", "empty": ""}})
table = io.StringIO()
settings.write(table)
print(repr(table.getvalue()))
message = email.message.EmailMessage(policy=email.policy.SMTP)
message["To"], message["Subject"] = "Z\u00fc Rich <z@example.org>", "H\u00e9llo " * 12
message.set_content("text \u20ac\n")
print(message.as_bytes())
cookie = http.cookies.SimpleCookie({"a": "b c;"})
cookie["a"]["path"] = "/"
print(cookie.output())
root = ElementTree.fromstring("<a b='1 &lt;'>t<c/>&#233;</a>")
print(ElementTree.tostring(root), ElementTree.tostring(root, "unicode"))
print(xml.sax.saxutils.quoteattr("<a 'b' \"c\">"), quopri.encodestring(b"a=\xe9 \t\n" * 20))
print(*difflib.unified_diff(["a\n", "b\n"], ["a\n", "c\n"], "from", "to"))
print(base64.b85encode(b"some bytes"), base64.a85encode(b"\0" * 8), binascii.b2a_base64(b"a" * 60))
print(struct.pack("@bhilqfdP?n", 1, 2, 3, 4, 5, 1.5, 2.5, 6, True, 7), struct.calcsize("bPh"))
print(ipaddress.ip_address("::ffff:1.2.3.4"), repr(ipaddress.ip_network("10.0.0.0/9")))
print(fractions.Fraction(-3, 9), repr(fractions.Fraction("0.125")), sys.float_info.dig)
print(string.Template("$a ${b}").safe_substitute(a=1), repr("a\tb\x7f\xa0\U0001f600"))
moment = datetime.datetime(2026, 12, 1, 3, 4, 5, 600, tzinfo=datetime.timezone.utc)
print(moment, moment.isoformat(timespec="milliseconds"), f"{moment:%Y-%j %a %U}", repr(moment))
print(datetime.timedelta(days=-1, seconds=5), calendar.month(2026, 12))
print(decimal.Decimal("1E+5"), decimal.Decimal(1) / 3, decimal.Decimal("0.10").normalize())
print(ast.unparse(ast.parse("x=(1,)\nif x : y = lambda a,*b : a+ -b")))
print(ast.dump(ast.parse("f(a, b=1)[0]")))
try:
    {}["missing"]
except KeyError as error:
    print("".join(traceback.format_exception_only(type(error), error)), repr(error), error)
logging.basicConfig(stream=sys.stdout)
logging.getLogger("el").warning("of %d", 3)
