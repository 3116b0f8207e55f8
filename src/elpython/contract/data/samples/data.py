"""Data: json, csv, pickle, struct, base64, hashlib, zlib, sqlite3, configparser, xml, datetime."""

import base64
import configparser
import copy
import csv
import datetime
import decimal
import fractions
import hashlib
import hmac
import io
import json
import pickle
import random
import statistics
import struct
import uuid
import xml.etree.ElementTree as ET
import zlib

assert json.loads(json.dumps({"a": [1, None]}, indent=1, sort_keys=True)) == {"a": [1, None]}
assert list(csv.DictReader(io.StringIO("a,b\n1,2\n")))[0]["b"] == "2"
assert pickle.loads(pickle.dumps(copy.deepcopy({1: [2]}))) == {1: [2]}
assert struct.unpack("<IH", struct.pack("<IH", 1, 2)) == (1, 2)
assert base64.b64decode(base64.b64encode(b"x")) == b"x"
assert hashlib.new("sha256", b"").hexdigest() == hashlib.sha256().hexdigest()
assert hmac.compare_digest(
    hmac.new(b"k", b"m", "sha256").digest(), hmac.new(b"k", b"m", "sha256").digest()
)
assert zlib.decompress(zlib.compress(b"abc")) == b"abc"
parser = configparser.ConfigParser()
parser.read_string("[s]\nkey = %(other)s\nother = 1\n")
assert parser.get("s", "key") == "1" and parser["s"].getint("other") == 1
root = ET.fromstring("<a><b x='1'/></a>")
assert root.find("b").get("x") == "1" and ET.tostring(root)
when = datetime.datetime(2026, 11, 21, tzinfo=datetime.timezone.utc)
assert datetime.datetime.strptime(when.strftime("%Y-%m-%d"), "%Y-%m-%d").year == 2026
assert when.isoformat() and datetime.date.fromordinal(when.toordinal())
assert decimal.Decimal("1.10") + fractions.Fraction(1, 2).numerator == decimal.Decimal("2.10")
assert statistics.mean([1, 2, 3]) == 2 and uuid.uuid5(uuid.NAMESPACE_DNS, "x").version == 5
random.Random(1).sample(range(10), 3)
random.Random(1).shuffle([1, 2, 3])
