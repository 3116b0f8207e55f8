"""What happens in which order: generators that are closed, and a program that ends."""

import atexit
import sys
import threading
import weakref


def say(*words):
    """Write a line at once: what is buffered would hide the order."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


def stubborn():
    """Yield again when it is closed."""
    try:
        yield 1
    except GeneratorExit:
        yield 2


def tidy(name):
    """Say when it is closed."""
    try:
        yield 1
    finally:
        say("closed", name)


def returning():
    """Return a value when it is closed, or when it is thrown at."""
    try:
        yield 1
    except GeneratorExit:
        return 5
    except KeyError:
        return 6


def wrong():
    """Let an exhausted iterator's end through."""
    yield next(iter(()))


def tried(function):
    """Say what a call gives or raises."""
    try:
        say("gives", function())
    except BaseException as error:
        say(type(error).__name__, error, type(error.__cause__).__name__)


def advanced(made):
    """A generator at its first value."""
    next(made)
    return made


tried(advanced(stubborn()).close)
tried(advanced(tidy("by hand")).close)
tried(lambda: advanced(returning()).close() and None)
tried(lambda: advanced(returning()).throw(KeyError("k")))
tried(lambda: next(wrong()))
tried(lambda: [item for item in zip(tidy("first"), tidy("second"))])
for _ in tidy("left"):
    break
say("after the loop")


async def numbers():
    try:
        yield 1
    finally:
        say("asynchronous closed")


async def main():
    async for _ in numbers():
        break
    say("after the asynchronous loop")


import asyncio  # noqa: E402 - what is imported first is part of the order

asyncio.run(main())


class Kept:
    """Say when it dies."""

    def __init__(self, name):
        self.name = name

    def __del__(self, say=say):
        say("gone", self.name)


kept = Kept("of the module")
cycle = Kept("in a circle")
cycle.me = cycle
for number in (1, 2):
    atexit.register(say, "at exit", number)
weakref.finalize(kept, say, "finalised")
atexit.register(say, "at exit", 3)
threading.Thread(target=lambda: (threading.main_thread().join(), say("thread"))).start()
sys.stdout.write("not flushed\n")
say("end")
