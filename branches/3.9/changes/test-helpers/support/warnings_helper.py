"""Helpers for warnings, under the name that later releases give them."""

from test.support import (
    check_no_resource_warning,
    check_no_warnings,
    check_syntax_warning,
    check_warnings,
    ignore_warnings,
)
