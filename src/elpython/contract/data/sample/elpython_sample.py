"""A module with the constructs of the language; `answers()` tells what they give."""

import asyncio
import contextlib
import functools


class Meta(type):
    """A metaclass, so that class bodies run through one."""

    def __new__(mcs, name, bases, namespace, **words):
        made = super().__new__(mcs, name, bases, namespace)
        made.words = sorted(words)
        return made


class Base(metaclass=Meta, kind="base"):
    """A class with a closure cell for `super`, a property and a descriptor."""

    def __init__(self, value):
        self._value = value

    @property
    def value(self):
        return self._value

    def __add__(self, other):
        return type(self)(self.value + other.value)


class Child(Base, kind="child"):
    """A subclass that calls upward."""

    def __init__(self, value):
        super().__init__(value * 2)


def counter(start):
    """A closure that keeps a number."""
    total = start

    def add(step=1, *rest, scale: int = 1, **words):
        nonlocal total
        total += step * scale + sum(rest) + len(words)
        return total

    return add


def generate(limit):
    """A generator that is delegated to, sent to and closed."""
    got = yield from range(limit)
    while got != "stop":
        got = yield got


def handled():
    """Exceptions: raised, chained, caught by type, finally run."""
    seen = []
    try:
        try:
            {}["missing"]
        except KeyError as error:
            raise ValueError("later") from error
        finally:
            seen.append("finally")
    except (TypeError, ValueError) as error:
        seen.append(type(error.__cause__).__name__)
    else:
        seen.append("never")
    return seen


@contextlib.contextmanager
def swallowed():
    """A context manager that swallows."""
    with contextlib.suppress(ZeroDivisionError):
        yield "inside"


async def twice(value):
    """A coroutine that awaits."""
    await asyncio.sleep(0)
    return value * 2


async def gathered():
    """Async comprehension, async generator, async with."""

    async def numbers():
        for number in range(3):
            yield number

    return [await twice(number) async for number in numbers()]


@functools.lru_cache(maxsize=None)
def fibonacci(number):
    """A recursive cached function."""
    return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)


def answers():
    """Run every construct and give JSON-able results."""
    add = counter(10)
    first, *middle, last = range(6)
    with swallowed() as inside:
        1 / 0  # noqa: B018
    running = generate(2)
    return {
        "closure": [add(), add(2, 3, scale=4, word=None)],
        "class": [(Base(1) + Base(2)).value, Child(4).value, Child.words],
        "generator": [next(running), next(running), running.send(None)],
        "handled": handled(),
        "with": inside,
        "async": asyncio.run(gathered()),
        "unpack": [first, middle, last],
        "comprehension": [sorted({x % 3 for x in range(9)}), {str(k): k * k for k in range(3)}],
        "format": f"{3.14159:.2f} {'x'!r:>5} {10:#x} {fibonacci(30)}",
        "big": str(2**200 % 10**9 + 7),
        "chain": [1 < 2 < 3 != 4, not None, 5 if () else 6],
        "slice": "abcdefgh"[::-2],
        "bytes": list(b"\x00\xff"),
        "complex": str((1 + 2j) * 3j),
        "lambda": sorted("bca", key=lambda letter: -ord(letter)),
        "docs": counter.__doc__,
        "annotations": sorted(counter(0).__kwdefaults__ or {}),
    }
