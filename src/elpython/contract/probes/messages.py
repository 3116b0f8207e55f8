"""Messages of multiprocessing between two Pythons, and a shelf that both write."""

import os
import shelve
import sys
from multiprocessing.connection import Client, Listener
from typing import Any

KEY = b"a key that both know"
MESSAGES = ["text", {"a": [1, 2.5, None]}, b"x" * 100000, ("tuple", {1, 2})]


def listen(address: str) -> Any:
    """Answer one client's messages until it is done; return what came."""
    seen = []
    with Listener(address, "AF_UNIX", authkey=KEY) as listener:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        with listener.accept() as connection:
            for _ in MESSAGES:
                seen.append(connection.recv())
                connection.send(seen[-1])
    return [str(type(item)) + str(len(item)) for item in seen]


def talk(address: str) -> Any:
    """Send each message and compare what comes back."""
    with Client(address, "AF_UNIX", authkey=KEY) as connection:
        came = []
        for message in MESSAGES:
            connection.send(message)
            came.append(connection.recv() == message)
    return came


def shelf(path: str, name: str) -> Any:
    """Add an entry to a shelf that may be there already; return all entries."""
    with shelve.open(path) as opened:
        opened[name] = {"by": name}
        return sorted(opened.items())


def answer(request: Any) -> Any:
    """Do one side's part."""
    try:
        if request["do"] == "shelf":
            return repr(shelf(os.path.join(request["folder"], "shared"), request["name"]))
        do = listen if request["do"] == "listen" else talk
        return repr(do(os.path.join(request["folder"], "socket")))
    except Exception as error:
        return "{}: {}".format(type(error).__name__, error)
