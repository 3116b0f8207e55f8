"""Tests run against the sources beside them, installed or not."""

import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1] / "src"
HELPERS = Path(__file__).resolve().parent
for folder in (SOURCES, HELPERS):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
