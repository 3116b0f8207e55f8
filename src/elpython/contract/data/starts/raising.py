"""A program that fails two calls deep, with a cause."""

import json


def outer(text):
    try:
        return json.loads(text)
    except ValueError as error:
        raise RuntimeError("not today: é") from error


outer("[1,")
