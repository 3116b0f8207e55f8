"""What ``test.support`` held."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    from minpython.engine.patch import Patch

_HELPERS = {
    "os_helper": "EnvironmentVarGuard FS_NONASCII FakePath SAVEDCWD TESTFN TESTFN_NONASCII "
    "TESTFN_UNDECODABLE TESTFN_UNENCODABLE can_symlink can_xattr change_cwd create_empty_file "
    "fd_count fs_is_case_insensitive make_bad_fd rmdir rmtree skip_unless_symlink "
    "skip_unless_xattr temp_cwd temp_dir temp_umask unlink",
    "warnings_helper": "check_no_resource_warning check_no_warnings check_syntax_warning "
    "check_warnings ignore_warnings",
    "import_helper": "CleanImport DirsOnSysPath forget import_fresh_module import_module "
    "make_legacy_pyc modules_cleanup modules_setup unload",
    "socket_helper": "HOST HOSTv4 HOSTv6 IPV6_ENABLED bind_port bind_unix_socket "
    "find_unused_port skip_unless_bind_unix_socket transient_internet",
    "threading_helper": "catch_threading_exception join_thread reap_threads start_threads "
    "threading_cleanup threading_setup wait_threads_exit",
}


def test_support_helpers(patch: Patch, module: ModuleType) -> None:
    """Each is read from the submodule that has it now."""

    def reader(helper: str, name: str) -> Callable[[], Any]:
        def read() -> Any:
            import importlib

            return getattr(importlib.import_module(f"test.support.{helper}"), name)

        return read

    names = []
    for helper, text in _HELPERS.items():
        for name in text.split():
            patch.lazy(module, name, reader(helper, name))
            names.append(name)
    if patch.scope.everyone and hasattr(module, "__all__"):
        patch.value(module, "__all__", [*module.__all__, *names])
