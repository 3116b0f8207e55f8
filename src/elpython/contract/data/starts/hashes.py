"""Hashes and the order of sets, with a fixed seed for those that have one."""

import datetime
import decimal
import fractions
import ipaddress
import pathlib
import uuid

for value in (
    0, -1, -2, 2**61 - 1, 2**61, 2**200, 1.5, -0.0, float("inf"), 1j, 2 + 3j, True,
    (), (1,), (1, 2, 3), (1, (2, (3,))), (-1, 0.5), range(3), range(0, 9, 2),
    frozenset(), frozenset({1, 2, 3}), "", "a", "word " * 9, b"a", "\u20ac",
    fractions.Fraction(1, 3), decimal.Decimal("1.10"), datetime.date(2026, 12, 1),
    datetime.timedelta(3), uuid.UUID(int=7), ipaddress.ip_address("10.1.2.3"),
    pathlib.PurePosixPath("a/b"),
):  # fmt: skip
    print(repr(value), hash(value))
print({1, 5, 9, 33, 64, 2**40}, set("organisation"), {0.5, 2.5, -1})
print({"b": 1, "a": 2} | {"c": 3}, list(dict.fromkeys("hello")))
