from setuptools import Extension, setup

setup(name="fastadd", version="2.1", ext_modules=[Extension("fastadd", ["fastadd.c"])])
