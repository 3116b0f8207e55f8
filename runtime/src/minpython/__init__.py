"""minpython: ``sys.set_min_python_version((3, 8))`` lets old code run on a new Python."""

__version__ = "27.1.0"


def enable(name, packages=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Switch one behaviour on."""
    from minpython import engine, gate, missing

    gate.install()
    missing.install()
    engine.enable(name, (packages is None, frozenset(packages or ()), frozenset()))
