from setuptools import setup

setup(name="roman", version="1.2", packages=["roman", "roman.examples"])
