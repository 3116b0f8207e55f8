"""The functions that restore behaviours, one module an area of the standard library.

The table names them (``restorer = area:function``); they are imported when their target is. Each
takes a `minpython.engine.patch.Patch` and the target module.
"""
