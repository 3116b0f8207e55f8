"""What every codec makes of every byte and every character, and what is known of characters.

Each line is a digest, so that a table in C that changed by one entry shows.
"""

import codecs
import encodings.aliases
import hashlib
import sys
import unicodedata

EVERY = "".join(chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000)
SOME = EVERY[:0x10000] + "\U0001f600\U0010ffff"
BYTES = [bytes([one]) for one in range(256)]
PAIRS = [bytes([one, two]) for one in range(0x80, 256) for two in range(0x20, 256, 3)]
# What they give is the machine's or another library's, or takes minutes for every character.
LEFT_OUT = {"mbcs", "oem", "idna", "punycode", "bz2_codec", "zlib_codec"}


def digest(text):
    """A text's first 12 digits of SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def decoded(name):
    """Every byte and many pairs, decoded."""
    decode = codecs.lookup(name).decode
    for data in BYTES + PAIRS:
        try:
            yield decode(data, "replace")[0]
        except Exception as error:
            yield type(error).__name__


def tried(name):
    """A codec's digests: of what it decodes, of what it encodes, and its own name."""
    found = codecs.lookup(name)
    if not found._is_text_encoding:
        return found.name, digest(repr(codecs.encode(b"some bytes", name)))
    encoded = SOME.encode(name, "ignore")
    return found.name, digest("|".join(decoded(name))), hashlib.sha256(encoded).hexdigest()[:12]


for name in sorted(set(encodings.aliases.aliases.values()) - LEFT_OUT):
    try:
        print(name, *tried(name))
    except Exception as error:
        print(name, type(error).__name__)
for word in ("b\u00fccher", "fa\u00df", "\u4f8b\u3048", "a.b\u3002c", "\u0130x", "xn--n3h"):
    for name in ("idna", "punycode"):
        try:
            print(ascii(word), name, word.encode(name), ascii(word.encode(name).decode(name)))
        except UnicodeError as error:
            print(ascii(word), name, type(error).__name__)
print("aliases", digest(repr(sorted(encodings.aliases.aliases.items()))))
print("unicodedata", unicodedata.unidata_version)
for function in ("category", "bidirectional", "combining", "east_asian_width", "mirrored",
                 "decomposition"):  # fmt: skip
    ask = getattr(unicodedata, function)
    print(function, digest("|".join(map(str, map(ask, EVERY)))))
print("name", digest("|".join([unicodedata.name(letter, "") for letter in EVERY])))
print("numeric", digest("|".join([str(unicodedata.numeric(letter, None)) for letter in EVERY])))
for form in ("NFC", "NFD", "NFKC", "NFKD"):
    print(form, digest("|".join([unicodedata.normalize(form, letter) for letter in SOME])))
for method in ("upper", "lower", "title", "casefold"):
    print(method, digest("|".join(map(getattr(str, method), EVERY))))
for method in ("isalpha", "isdigit", "isdecimal", "isnumeric", "isspace", "isprintable", "isupper",
               "islower", "istitle", "isidentifier"):  # fmt: skip
    test = getattr(str, method)
    print(method, digest("".join(["01"[test(letter)] for letter in EVERY])))
for name in sorted(hashlib.algorithms_guaranteed):
    made = hashlib.new(name, b"el")
    print(name, made.hexdigest(8) if name.startswith("shake") else made.hexdigest()[:16])
sys.stdout.flush()
