"""Parallel python3X stacks: state, spec files, macros and the mass rebuild."""
