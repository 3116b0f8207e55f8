"""What came and went in ``asyncio``."""

from __future__ import annotations

import sys
from types import GeneratorType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch

_CLASSES = ("Lock", "Event", "Condition", "Semaphore", "BoundedSemaphore", "Queue")


def asyncio_coroutine(patch: Patch, module: ModuleType) -> None:
    """A decorator for generators."""

    def made(name: str) -> Any:
        from minpython.restorers.impl import coroutine as _coroutine

        return getattr(_coroutine, name)

    patch.lazy(module, "coroutine", lambda: made("coroutine"))
    if module.__name__ == "asyncio.coroutines":
        patch.lazy(module, "CoroWrapper", lambda: made("CoroWrapper"))
        patch.lazy(module, "_DEBUG", module._is_debug_mode)


def asyncio_wait_for_generators(patch: Patch, module: ModuleType) -> None:
    """Objects of ``types.coroutine`` functions are coroutines to asyncio as well."""

    def iscoroutine(original: Any) -> Any:
        def wrapper(obj: Any) -> bool:
            return original(obj) or (type(obj).__name__ == "generator" and _is_marked(obj))

        return wrapper

    def iscoroutinefunction(original: Any) -> Any:
        def wrapper(func: Any) -> bool:
            return original(func) or getattr(func, "_is_coroutine", None) is not None

        return wrapper

    coroutines = sys.modules["asyncio.coroutines"]
    if patch.scope.everyone and sys.version_info >= (3, 12):
        # The check of the tasks written in C was taken before anybody could replace it; it reads
        # the types that count, as in 3.11, when all generators did.
        types = (*coroutines._COROUTINE_TYPES, GeneratorType)
        patch.value(coroutines, "_COROUTINE_TYPES", types)
    for name, make in (
        ("iscoroutine", iscoroutine),
        ("iscoroutinefunction", iscoroutinefunction),
    ):
        for place in (module, sys.modules["asyncio.coroutines"], sys.modules["asyncio.tasks"]):
            if name in vars(place):
                patch.replace(place, name, make)


def _is_marked(generator: Any) -> bool:
    # CO_ITERABLE_COROUTINE, which `types.coroutine` sets on the code of a generator.
    return bool(generator.gi_code.co_flags & 0x100)


def asyncio_loop_parameter(patch: Patch, module: ModuleType) -> None:
    """Classes keep the loop; functions use it for what isn't a future yet."""

    def init(original: Any) -> Any:
        def wrapper(self: Any, *args: Any, loop: Any = None, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            if loop is not None:
                self._loop = loop

        return wrapper

    for name in _CLASSES:
        owner = getattr(module, name)
        patch.replace(owner, "__init__", init)
    for name in (
        "create_subprocess_exec",
        "create_subprocess_shell",
        "open_connection",
        "open_unix_connection",
        "sleep",
        "start_server",
        "start_unix_server",
    ):
        _everywhere(patch, name, _drop_loop)
    for name in ("as_completed", "gather", "shield", "wait", "wait_for"):
        _everywhere(patch, name, _make_futures)


def asyncio_wait_coroutines(patch: Patch, module: ModuleType) -> None:
    """``wait`` makes tasks of them."""

    def make(original: Any) -> Any:
        def wait(fs: Any, **kwargs: Any) -> Any:
            if not isinstance(fs, (list, tuple, set, frozenset, dict)):
                fs = list(fs)
            if any(module.iscoroutine(future) for future in fs):
                fs = {module.ensure_future(future) for future in fs}
            return original(fs, **kwargs)

        async def wrapper(fs: Any, **kwargs: Any) -> Any:
            return await wait(fs, **kwargs)

        return wrapper

    _everywhere(patch, "wait", make)


def _everywhere(patch: Patch, name: str, make: Any) -> None:
    """Replace a function in ``asyncio`` and in the submodule that it comes from."""
    package = sys.modules["asyncio"]
    function = getattr(package, name, None)
    if function is None:
        return
    home = sys.modules.get(function.__module__, package)
    patch.replace(package, name, make)
    if home is not package and vars(home).get(name) is function:
        patch.replace(home, name, make)


def _drop_loop(original: Any) -> Any:
    def wrapper(*args: Any, loop: Any = None, **kwargs: Any) -> Any:
        return original(*args, **kwargs)

    return wrapper


def _make_futures(original: Any) -> Any:
    several = original.__name__ in ("as_completed", "wait")
    all_args = original.__name__ == "gather"

    def wrapper(*args: Any, loop: Any = None, **kwargs: Any) -> Any:
        if loop is not None and args:
            ensure = sys.modules["asyncio"].ensure_future

            def future(value: Any) -> Any:
                return ensure(value, loop=loop)

            if several:
                args = ([future(value) for value in args[0]], *args[1:])
            elif all_args:
                args = tuple(map(future, args))
            else:
                args = (future(args[0]), *args[1:])
        return original(*args, **kwargs)

    return wrapper


def asyncio_task_all_tasks(patch: Patch, module: ModuleType) -> None:
    """Class methods of the task type written in C, and of the one in Python."""

    def all_tasks(_cls: type, loop: Any = None) -> set[Any]:
        """Return the tasks of a loop, finished ones included."""
        if loop is None:
            loop = module.get_event_loop()
        everything = module.tasks
        found = list(getattr(everything, "_scheduled_tasks", None) or everything._all_tasks)
        found += getattr(everything, "_eager_tasks", ())
        return {task for task in found if everything.futures._get_loop(task) is loop}

    def current_task(_cls: type, loop: Any = None) -> Any:
        """Return the task that runs in a loop, None when there is none."""
        if loop is None:
            loop = module.get_event_loop()
        return module.current_task(loop)

    for owner in {module.Task, module.tasks._PyTask}:
        patch.attribute(owner, "all_tasks", classmethod(all_tasks))
        patch.attribute(owner, "current_task", classmethod(current_task))


def asyncio_lock_with(patch: Patch, module: ModuleType) -> None:
    """Awaiting a lock takes it and gives a context manager that releases it."""

    class Held:
        """A lock that is held; leaving the ``with`` statement releases it."""

        def __init__(self, lock: Any) -> None:
            self._lock = lock

        def __enter__(self) -> None:
            """Do nothing: the lock is held."""

        def __exit__(self, *_details: object) -> None:
            """Release the lock."""
            try:
                self._lock.release()
            finally:
                self._lock = None

    async def acquired(lock: Any) -> Held:
        await lock.acquire()
        return Held(lock)

    def awaiting(self: Any) -> Any:
        """Take the lock."""
        return acquired(self).__await__()

    def iterating(self: Any) -> Any:
        """Take the lock, for ``with (yield from lock)``."""
        return (yield from acquired(self).__await__())

    for name in ("Lock", "Condition", "Semaphore"):
        owner = getattr(module, name)
        patch.attribute(owner, "__await__", awaiting)
        patch.attribute(owner, "__iter__", iterating)


_TRANSPORT_SOCKET = (
    "accept bind close connect connect_ex detach ioctl listen makefile recv recv_into recvfrom "
    "recvfrom_into recvmsg recvmsg_into send sendall sendfile sendmsg sendmsg_afalg sendto "
    "set_inheritable share"
)


def asyncio_transport_socket(patch: Patch, module: ModuleType) -> None:
    """Each passes on to the real socket."""

    def passing(name: str) -> Any:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            return getattr(self._sock, name)(*args, **kwargs)

        method.__name__ = name
        method.__doc__ = f"Call `{name}` of the real socket."
        return method

    for name in ("__enter__", "__exit__", *_TRANSPORT_SOCKET.split()):
        patch.attribute(module.TransportSocket, name, passing(name))


def asyncio_reuse_address(patch: Patch, module: ModuleType) -> None:
    """A socket made beforehand carries the option."""

    def make(original: Any) -> Any:
        async def create_datagram_endpoint(
            self: Any,
            protocol_factory: Any,
            local_addr: Any = None,
            remote_addr: Any = None,
            *,
            reuse_address: Any = None,
            sock: Any = None,
            **kwargs: Any,
        ) -> Any:
            if reuse_address and sock is None and local_addr and not remote_addr:
                sock = _reusable(module.socket, kwargs.pop("family", 0), local_addr)
                local_addr = None
            return await original(
                self, protocol_factory, local_addr, remote_addr, sock=sock, **kwargs
            )

        return create_datagram_endpoint

    patch.replace(module.BaseEventLoop, "create_datagram_endpoint", make)


def _reusable(socket: Any, family: int, address: Any) -> Any:
    found = socket.getaddrinfo(*address[:2], family=family, type=socket.SOCK_DGRAM)[0]
    made = socket.socket(found[0], socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setblocking(False)
    made.bind(found[4])
    return made


def asyncio_ignored_reuse_address(patch: Patch, module: ModuleType) -> None:
    """Only the values that never did anything: None and False."""

    def make(original: Any) -> Any:
        async def create_datagram_endpoint(
            self: Any,
            protocol_factory: Any,
            local_addr: Any = None,
            remote_addr: Any = None,
            *,
            reuse_address: Any = None,
            **kwargs: Any,
        ) -> Any:
            if reuse_address:
                raise ValueError("Passing `reuse_address=True` is no longer supported")
            return await original(self, protocol_factory, local_addr, remote_addr, **kwargs)

        return create_datagram_endpoint

    patch.replace(module.BaseEventLoop, "create_datagram_endpoint", make)


def asyncio_get_event_loop(patch: Patch, module: ModuleType) -> None:
    """The main thread gets a new loop when it has none."""

    def make(original: Any) -> Any:
        def get_event_loop() -> Any:
            try:
                return original()
            except RuntimeError:
                import threading

                if threading.current_thread() is not threading.main_thread():
                    raise
                loop = module.new_event_loop()
                module.set_event_loop(loop)
                return loop

        return get_event_loop

    patch.replace(module, "get_event_loop", make)


def asyncio_child_watchers(patch: Patch, module: ModuleType) -> None:
    """Nothing needs them: subprocesses are watched by file descriptors or threads."""

    def made(name: str) -> Any:
        from minpython.restorers.impl import child_watchers as _child_watchers

        return getattr(_child_watchers, name)

    for name in (
        "AbstractChildWatcher",
        "BaseChildWatcher",
        "FastChildWatcher",
        "MultiLoopChildWatcher",
        "PidfdChildWatcher",
        "SafeChildWatcher",
        "ThreadedChildWatcher",
        "get_child_watcher",
        "set_child_watcher",
    ):
        patch.lazy(module, name, lambda name=name: made(name))  # type: ignore[misc]
    if module.__name__ == "asyncio":
        policy = getattr(module, "AbstractEventLoopPolicy", None) or vars(module.events).get(
            "_AbstractEventLoopPolicy"
        )
        patch.attribute(policy, "get_child_watcher", lambda _self: made("get_child_watcher")())
        patch.attribute(
            policy, "set_child_watcher", lambda _self, watcher: made("set_child_watcher")(watcher)
        )
