"""Replace an interpreter in place, and go back: one prefix, swapped whole."""
