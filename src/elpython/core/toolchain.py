"""What the toolchain is called in what it makes."""

__all__ = ["VERSION"]

VERSION = "27.1.0.dev0"
