from setuptools import setup

setup(
    name="noteclock",
    version="0.3",
    packages=["noteclock"],
    entry_points={"console_scripts": ["noteclock = noteclock.app:main"]},
)
