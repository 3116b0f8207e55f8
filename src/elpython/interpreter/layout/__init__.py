"""The layout probe: what installed public headers fix for every module compiled against them."""
