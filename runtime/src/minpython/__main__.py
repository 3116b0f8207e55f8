"""``python -m minpython``."""

import sys

from minpython.commands.cli import main

sys.exit(main())
