"""Parallel python3X stacks: their state, their transition, their macros and their spec files."""
