"""Source files that ask for an old syntax, on their way to the compiler."""
