"""The system: os, pathlib, shutil, tempfile, subprocess, threading, logging, socket, ssl, signal."""

import argparse
import contextlib
import glob
import io
import logging
import os
import pathlib
import platform
import queue
import select
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import threading
import time
import zipfile

with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "a.txt").write_text("x", encoding="utf-8")
    assert [p.name for p in folder.glob("*.txt")] == ["a.txt"] and glob.glob(name + "/*")
    shutil.copytree(name, name + "-copy")
    shutil.make_archive(name + "-copy/made", "zip", name)
    shutil.rmtree(name + "-copy")
    with tarfile.open(str(folder / "a.tar"), "w") as tar:
        tar.add(str(folder / "a.txt"), arcname="a.txt")
    with tarfile.open(str(folder / "a.tar")) as tar:
        tar.extractall(str(folder / "out"))
    with zipfile.ZipFile(str(folder / "a.zip"), "w") as archive:
        archive.write(str(folder / "a.txt"), "a.txt")
    for _ in os.walk(name):
        pass
done = subprocess.run([sys.executable, "-c", "print(1)"], stdout=subprocess.PIPE)
assert done.stdout == b"1\n"
seen = queue.Queue()
thread = threading.Thread(target=seen.put, args=(1,), daemon=True)
thread.start()
thread.join()
threading.current_thread().name
lock = threading.RLock()
with lock, contextlib.closing(io.StringIO()):
    seen.get(timeout=1)
logger = logging.getLogger("sample")
logger.addHandler(logging.NullHandler())
logger.warning("%s", 1)
left, right = socket.socketpair()
left.sendall(b"x")
select.select([right], [], [], 1)
right.recv(1)
left.close()
right.close()
signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGTERM))
arguments = argparse.ArgumentParser()
arguments.add_argument("--flag", action="store_true")
arguments.parse_args(["--flag"])
platform.uname()
sysconfig.get_paths()
time.strftime("%Y", time.gmtime(0))
