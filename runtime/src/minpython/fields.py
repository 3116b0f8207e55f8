"""The places of the fields in a row of the generated ``_index.py``."""

(
    CHANGED_IN,
    HOW,
    TARGETS,
    RESTORER,
    MODULES,
    PER_PACKAGE,
    INSECURE,
    DEFAULT,
    PROVIDER,
    FINDS,
    FUNCTIONS,
) = range(11)
