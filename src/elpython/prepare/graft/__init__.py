"""Code of a later release brought into an older tree: Python, C, newer syntax."""
