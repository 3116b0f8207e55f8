"""Helpers for imports, under the name that later releases give them."""

from test.support import (
    CleanImport,
    DirsOnSysPath,
    forget,
    import_fresh_module,
    import_module,
    make_legacy_pyc,
    modules_cleanup,
    modules_setup,
    unload,
)
