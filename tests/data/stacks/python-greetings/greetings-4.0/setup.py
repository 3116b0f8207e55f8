import sys

from setuptools import setup

setup(
    name="greetings",
    version="4.0",
    packages=["greetings"],
    entry_points={
        "console_scripts": [
            "greet = greetings:main",
            "greet3 = greetings:main",
            "greetd-%d.%d = greetings:main" % sys.version_info[:2],
            "hello.py = greetings:main",
        ]
    },
)
