"""Which audit events the library raises, and with how many arguments: security tools go by them."""

import sys

TOLD = set()
sys.addaudithook(lambda event, words: TOLD.add((event, len(words))))

import array  # noqa: E402 - what is imported is audited too
import contextlib  # noqa: E402
import ctypes  # noqa: E402
import fcntl  # noqa: E402
import glob  # noqa: E402
import http.client  # noqa: E402
import marshal  # noqa: E402
import mmap  # noqa: E402
import os  # noqa: E402
import pickle  # noqa: E402
import resource  # noqa: E402
import shutil  # noqa: E402
import signal  # noqa: E402
import smtplib  # noqa: E402
import socket  # noqa: E402
import sqlite3  # noqa: E402
import subprocess  # noqa: E402
import syslog  # noqa: E402
import tempfile  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
import urllib.request  # noqa: E402
import zipfile  # noqa: E402
from ftplib import FTP  # noqa: E402
from imaplib import IMAP4  # noqa: E402
from poplib import POP3  # noqa: E402


def files(folder):
    """Do to files what there is to do."""
    path = os.path.join(folder, "one")
    yield lambda: open(path, "w").close()
    yield lambda: os.close(os.open(path, os.O_RDONLY))
    yield lambda: (os.chmod(path, 0o600), os.chown(path, -1, -1), os.utime(path))
    yield lambda: (os.link(path, path + "l"), os.symlink(path, path + "s"), os.truncate(path, 3))
    yield lambda: (os.listdir(folder), list(os.scandir(folder)), list(os.walk(folder)))
    yield lambda: (os.mkdir(path + "d"), os.rmdir(path + "d"), os.rename(path + "l", path + "m"))
    # One by one: a file system may not know them.
    yield lambda: os.setxattr(path, "user.a", b"b")
    yield lambda: os.getxattr(path, "user.a")
    yield lambda: os.listxattr(path)
    yield lambda: os.removexattr(path, "user.a")
    yield lambda: (shutil.copyfile(path, path + "c"), shutil.copymode(path, path + "c"))
    yield lambda: (shutil.copystat(path, path + "c"), shutil.move(path + "c", path + "e"))
    yield lambda: (os.mkdir(path + "t"), shutil.copytree(path + "t", path + "u"))
    yield lambda: shutil.make_archive(path + "a", "zip", folder, "one")
    yield lambda: shutil.unpack_archive(path + "a.zip", path + "u")
    yield lambda: (shutil.chown(path, os.getuid()), shutil.rmtree(path + "u"))
    yield lambda: (glob.glob(folder + "/*"), list(glob.iglob(folder + "/*")), os.remove(path + "e"))
    yield lambda: (tempfile.mkstemp(dir=folder), tempfile.mkdtemp(dir=folder))
    yield lambda: zipfile.ZipFile(path + "a.zip").extractall(folder + "/x")
    yield lambda: fcntl.flock(open(path), fcntl.LOCK_EX)
    yield lambda: (fcntl.fcntl(open(path), fcntl.F_GETFD), fcntl.ioctl(open(path), 0))
    yield lambda: mmap.mmap(-1, 10)
    yield lambda: os.lockf(os.open(path, os.O_RDWR), os.F_LOCK, 1)
    yield lambda: sqlite3.connect(":memory:").enable_load_extension(False)
    yield lambda: os.chdir(folder)


def processes():
    """Start programs, and ask the system."""
    yield lambda: subprocess.run(["true"])
    yield lambda: (os.system("true"), os.popen("true").close(), os.putenv("EL", "1"))
    yield lambda: (os.unsetenv("EL"), os.environ.pop("EL", None))
    yield lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
    yield lambda: os.execv("/no/such/program", ["x"])
    yield lambda: os.fork() or os._exit(0)
    yield lambda: (os.kill(os.getpid(), 0), signal.pthread_kill(threading.get_ident(), 0))
    yield lambda: resource.setrlimit(resource.RLIMIT_CORE, resource.getrlimit(resource.RLIMIT_CORE))
    yield lambda: (syslog.openlog("el"), syslog.setlogmask(255), syslog.closelog())
    yield lambda: (time.sleep(0), os.add_dll_directory)


def connections():
    """Connect to nobody."""
    yield lambda: socket.create_connection(("127.0.0.1", 1), 1)
    yield lambda: (socket.gethostbyname("127.0.0.1"), socket.getaddrinfo("127.0.0.1", 1))
    yield lambda: (socket.gethostname(), socket.gethostbyaddr("127.0.0.1"))
    yield lambda: socket.getnameinfo(("127.0.0.1", 1), socket.NI_NUMERICHOST)
    yield lambda: (socket.getservbyname("http"), socket.getservbyport(80))
    yield lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(("127.0.0.1", 0))
    yield lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", ("127.0.0.1", 9))
    yield lambda: socket.socketpair()[0].sendmsg([b"a"])
    yield lambda: urllib.request.urlopen("data:,a")
    yield lambda: http.client.HTTPConnection("127.0.0.1", 1).connect()
    yield lambda: FTP(timeout=1).connect("127.0.0.1", 1)
    yield lambda: IMAP4("127.0.0.1", 1)
    yield lambda: POP3("127.0.0.1", 1)
    yield lambda: smtplib.SMTP("127.0.0.1", 1)


def language():
    """Do what reaches into the interpreter."""
    yield lambda: exec(compile("x = 1", "a", "exec"))
    yield lambda: (marshal.loads(marshal.dumps(1)), marshal.load(open(os.devnull, "rb")))
    yield lambda: pickle.loads(pickle.dumps(len))
    yield lambda: (id(1), sys._getframe(), sys._current_frames(), sys._current_exceptions())
    yield lambda: (sys.settrace(None), sys.setprofile(None), sys.addaudithook(lambda *_: None))
    yield lambda: (array.array("i", [1]), (lambda: 0).__code__.replace(co_name="b"))
    yield lambda: setattr(language, "__code__", language.__code__)
    yield lambda: object.__getattribute__(language, "__code__")
    yield lambda: setattr(type("A", (), {}), "__module__", "b")
    yield lambda: (ctypes.CDLL(None).abs, ctypes.string_at(b"a"), ctypes.c_int.in_dll)
    yield lambda: (ctypes.get_errno(), ctypes.set_errno(0), ctypes.addressof(ctypes.c_int()))
    yield lambda: (ctypes.c_int.from_buffer(bytearray(8)), ctypes.cast(1, ctypes.c_void_p))
    yield lambda: threading.Thread(target=int).start()
    yield lambda: (sys.set_asyncgen_hooks(None, None), sys.setswitchinterval(0.005))
    yield lambda: breakpoint.__self__
    yield lambda: (sys.unraisablehook, __import__("gc").get_objects() and None)
    yield lambda: (__import__("gc").get_referrers(1), __import__("gc").get_referents(1))


with tempfile.TemporaryDirectory() as place:
    for group in (language(), processes(), connections(), files(place)):
        for deed in group:
            with contextlib.suppress(Exception):
                deed()
    os.chdir("/")
for name, count in sorted(TOLD):
    print(name, count)
