"""``python -m minpython``."""

import sys

from minpython.cli import main

sys.exit(main())
