from setuptools import setup

setup(name="evenodd", version="1.0", py_modules=["evenodd"])
