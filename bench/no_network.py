"""Everything with the network cut: prepare, build, test, release and verify from a mirror folder.

Run `make no-network`, or `python -m bench.no_network --to FOLDER --branch 3.11`. The mirror is made
with the network; every later step runs in a network namespace that has only the loopback
interface, with an empty store. FOLDER keeps what each step made: a run that was stopped goes on
after the last step that was done, and `--only STEP` runs one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
RECORD = REPOSITORY / "docs" / "measurements" / "no-network.md"
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_MINUTE = 60
_HEAD = """\
# With the network cut

`make no-network` writes every pinned input of a branch into a folder (`elpython branch mirror`),
and does the rest in a network namespace without any interface but the loopback, with an empty
store and `ELPYTHON_SOURCES` set to that folder. The release is a rehearsal with the profile
`quick`: it does every task (contract, tests and rebuild of its own archive included), and gets no
tag.

"""


def loopback_up() -> None:
    """Bring the loopback interface of a new network namespace up (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        asked = struct.pack("16sH14x", b"lo", 0)
        _, flags = struct.unpack("16sH14x", fcntl.ioctl(control, _SIOCGIFFLAGS, asked))
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def interfaces() -> list[str]:
    """Return the names of the network interfaces that this process sees."""
    return sorted(name for _, name in socket.if_nameindex())


def steps(folder: Path, branch: str, changes: list[str]) -> dict[str, list[str]]:
    """Return what each step runs, by name and in order.

    Args:
        folder: gets what the steps make.
        branch: the branch.
        changes: those whose tests `test` runs.
    """
    signers, key = folder / "signers", folder / "key"
    return {
        "mirror": ["branch", "mirror", branch, "--to", str(folder / "mirror")],
        "prepare": ["branch", "prepare", branch, "--to", str(folder / "tree")],
        "build": ["build", branch],
        "test": ["fix", "test", branch, *changes],
        "release": [
            "release", "make", branch, "--to", str(folder / "release"), "--profile", "quick",
            "--key", str(key), "--signers", str(signers), "--rehearse",
        ],
        "verify": ["verify", str(folder / "release"), "--rebuild", "--signers", str(signers)],
    }  # fmt: skip


def make_key(folder: Path) -> None:
    """Make a key for the rehearsal, and the file that says whose it is."""
    key = folder / "key"
    if not key.exists():
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "trial@example.org", "-f", key],
            check=True,
        )
    public = (folder / "key.pub").read_text().split()[:2]
    (folder / "signers").write_text(f"trial@example.org {' '.join(public)}\n")


def run(folder: Path, name: str, words: list[str]) -> dict[str, object]:
    """Run one step; all but `mirror` in a network namespace of its own.

    Returns:
        Name, exit code, seconds of wall and processor time, and the interfaces that were there.
    """
    env = dict(os.environ)
    command = [sys.executable, "-m", "elpython", *words]
    if name != "mirror":
        env |= {
            "ELPYTHON_STORE": str(folder / "store"),
            "ELPYTHON_SOURCES": str(folder / "mirror"),
        }
        command = ["unshare", "-rn", sys.executable, "-m", "bench.no_network", "--inside", *command]
    if name == "verify":
        (archive,) = (folder / "release").glob("*/*.tar.xz")
        command[command.index(str(folder / "release"))] = str(archive)
    began, before = time.monotonic(), os.times()
    with (folder / f"{name}.log").open("wb") as log:
        code = subprocess.run(
            command, env=env, cwd=REPOSITORY, stdout=log, stderr=subprocess.STDOUT, check=False
        ).returncode
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return {
        "step": name,
        "code": code,
        "seconds": round(time.monotonic() - began),
        "processor": round(used),
    }


def inside(command: list[str]) -> int:
    """Become a command in a namespace that has nothing but the loopback interface."""
    if interfaces() != ["lo"]:
        raise SystemExit(f"bench.no_network: there are {', '.join(interfaces())}: nothing is cut")
    loopback_up()
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def written(branch: str, rows: list[dict[str, object]]) -> str:
    """Return the document with what the steps took."""
    day = dt.datetime.now(tz=dt.UTC).date()
    lines = [
        f"{day}, EL {branch}, {os.cpu_count()} cores, with other work beside:",
        "",
        "| step | minutes | processor minutes | exit code |",
        "| --- | ---: | ---: | ---: |",
    ]
    for row in rows:
        wall, used = (int(str(row[key])) / _MINUTE for key in ("seconds", "processor"))
        lines.append(f"| {row['step']} | {wall:.1f} | {used:.1f} | {row['code']} |")
    return _HEAD + "\n".join(lines) + "\n"


def main(argv: list[str] | None = None) -> int:
    """Run the steps; the first one that fails ends the run."""
    words = sys.argv[1:] if argv is None else argv
    if words[:1] == ["--inside"]:
        return inside(words[1:])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--branch", default="3.11")
    parser.add_argument("--changes", nargs="*", default=["gh-105708", "CVE-2024-0450"])
    parser.add_argument("--only", metavar="STEP", help="run this step, done or not")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    asked = parser.parse_args(words)
    folder = asked.to.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    make_key(folder)
    todo = steps(folder, asked.branch, asked.changes)
    if asked.only and asked.only not in todo:
        parser.error(f"there is no step {asked.only!r}; there are {', '.join(todo)}")
    state = folder / "done.json"
    done = json.loads(state.read_text()) if state.is_file() else {}
    for name, command in todo.items():
        ready = done.get(name, {}).get("code") == 0
        if name != asked.only if asked.only else ready:
            continue
        print(f"{name}: {folder / name}.log", flush=True)
        done[name] = run(folder, name, command)
        state.write_text(json.dumps(done, indent=1))
        print(json.dumps(done[name]), flush=True)
        if done[name]["code"] != 0:
            return 1
    if asked.record:
        RECORD.write_text(written(asked.branch, [done[name] for name in todo if name in done]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
