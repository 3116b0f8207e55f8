"""Does this environment keep working? What it needs, which differences reach it, and the proof."""
