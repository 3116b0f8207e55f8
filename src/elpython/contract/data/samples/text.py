"""Text: re, string, textwrap, difflib, unicodedata, locale."""

import difflib
import fnmatch
import locale
import re
import string
import textwrap
import unicodedata

assert re.sub(r"(?P<a>\d+)", r"<\g<a>>", "a1b22") == "a<1>b<22>"
assert re.compile("a.c", re.S | re.X).fullmatch("a\nc")
assert string.Template("$a ${b}").substitute(a=1, b=2) == "1 2"
assert textwrap.fill("word " * 20, 30).count("\n") == 3
assert list(difflib.unified_diff(["a"], ["b"], lineterm=""))[-1] == "+b"
assert fnmatch.filter(["a.py", "b.c"], "*.py") == ["a.py"]
assert unicodedata.normalize("NFC", "e\u0301") == "\xe9"
locale.getpreferredencoding(False)
locale.localeconv()
