"""Helpers for threads, under the name that later releases give them."""

from test.support import (
    catch_threading_exception,
    join_thread,
    reap_threads,
    start_threads,
    threading_cleanup,
    threading_setup,
    wait_threads_exit,
)


def requires_working_threading(*, module=False):
    """Leave a test, or with `module` nothing at all, as it is: 3.9 always has threads."""
    return None if module else lambda test: test
