from setuptools import setup

setup(name="mainlib", version="5", py_modules=["mainlib"])
