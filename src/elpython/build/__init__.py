"""A tree compiled and installed: steps, post-link optimisation, what a machine lacks."""
