"""Scripts that run inside the interpreters under test: stdlib only, CPython 3.6 to 3.15.

`ask.py` is what is started; every other script here has one function `answer(request)` that takes
and gives JSON-able data. None of them imports another.
"""
