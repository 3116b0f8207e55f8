"""The README's two commands on fresh machines: Debian roots, an ordinary user and root.

Run it as root: `make fresh`, or `python3 -m bench.fresh --suite trixie --who user --test quick`.
Each machine is a Debian root with only `git make ca-certificates python3`, made by debootstrap
once a suite and unpacked anew for each trial. The ordinary user has no sudo: the line that `make
demo` prints is run as root, as that user would ask an administrator to, and then `make demo` again.
Network settings of this machine (resolver, certificates, pip's index) are carried into the root.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SUITES = {"bookworm": "Debian 12", "trixie": "Debian 13"}
PACKAGES = "git,make,ca-certificates,python3"
REPOSITORY = Path(__file__).parents[1]
_CARRIED = ("/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf")
# Authorities that this machine trusts besides the usual ones.
_AUTHORITIES = Path("/usr/local/share/ca-certificates")
_HOUR = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One fresh machine.

    Attributes:
        suite: Debian suite.
        who: `root` or `user`.
        folder: the root.
        log: gets what the steps print.
    """

    suite: str
    who: str
    folder: Path
    log: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One step of a trial: what was run, its exit code, wall seconds, the end of its output."""

    trial: Trial
    step: str
    code: int
    seconds: float
    output: str


def image(suite: str, cache: Path, mirror: str) -> Path:
    """Return the packed root of a suite, made by debootstrap when it is not there yet."""
    packed = cache / f"{suite}.tar.gz"
    if packed.is_file():
        return packed
    if shutil.which("debootstrap") is None:
        raise SystemExit("bench.fresh: needs debootstrap: apt-get install debootstrap")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as name:
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, name]
        command += [mirror] if mirror else []
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        partial = packed.with_suffix(".part")
        subprocess.run(["tar", "-C", name, "-czf", partial, "."], check=True)
        partial.rename(packed)
    return packed


def lay(trial: Trial, packed: Path) -> None:
    """Unpack a root, carry the network settings, and put a bundle of this repository into it."""
    trial.folder.mkdir(parents=True)
    subprocess.run(["tar", "-C", trial.folder, "-xzf", packed], check=True)
    # It was packed from a folder that only root may enter.
    trial.folder.chmod(0o755)
    for name in _CARRIED:
        source, target = Path(name), trial.folder / name[1:]
        if source.is_file():
            target.unlink(missing_ok=True)
            shutil.copyfile(source, target)
    if _AUTHORITIES.is_dir():
        target = trial.folder / str(_AUTHORITIES)[1:]
        shutil.copytree(_AUTHORITIES, target, dirs_exist_ok=True)
        inside(trial, "root", "update-ca-certificates")
    bundle = trial.folder / "srv" / "elpython.bundle"
    subprocess.run(["git", "-C", REPOSITORY, "bundle", "create", "-q", bundle, "HEAD"], check=True)
    inside(trial, "root", "useradd --create-home somebody")


def inside(trial: Trial, who: str, command: str, limit: float = 2 * _HOUR) -> tuple[int, str]:
    """Run a shell command in a root; return its exit code and output."""
    home = "/root" if who == "root" else "/home/somebody"
    switch = "" if who == "root" else "setpriv --reuid=somebody --regid=somebody --init-groups "
    script = (
        f"mount -t proc proc {trial.folder}/proc && mount --rbind /dev {trial.folder}/dev && "
        f"exec chroot {trial.folder} {switch}env -i HOME={home} LANG=C.UTF-8 TERM=dumb"
        ' PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh -c "$1"'
    )
    done = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "sh", "-c", script, "sh", f"cd; {command}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=limit,
        check=False,
    )
    text = done.stdout.decode("utf-8", "replace")
    with trial.log.open("a", encoding="utf-8") as log:
        log.write(f"$ {command}    # as {who}\n{text}\n")
    return done.returncode, text


def step(trial: Trial, name: str, command: str, who: str = "") -> Result:
    """Run a command in the trial's root and say how it ended."""
    started = time.monotonic()
    code, text = inside(trial, who or trial.who, command)
    seconds = time.monotonic() - started
    print(f"{trial.suite} {trial.who}: {name}: exit code {code}, {seconds:.0f} s", flush=True)
    return Result(trial=trial, step=name, code=code, seconds=seconds, output=text)


def trial(suite: str, who: str, packed: Path, tests: str, branches: str) -> list[Result]:
    """Try one fresh machine from clone to tests; stops where no line to paste is printed."""
    with tempfile.TemporaryDirectory(dir=packed.parent, prefix=f"{suite}-{who}-") as name:
        log = packed.with_name(f"{suite}-{who}.log")
        machine = Trial(suite=suite, who=who, folder=Path(name) / "root", log=log)
        machine.log.write_text("")
        lay(machine, packed)
        results = [step(machine, "git clone", "git clone -q /srv/elpython.bundle elpython")]
        demo = "cd elpython && make demo"
        results.append(step(machine, "make demo", demo))
        if who == "user":
            line = re.search(r"^elpython: run: (sudo .*)$", results[-1].output, re.MULTILINE)
            if results[-1].code == 0 or line is None:
                print(f"{suite} {who}: make demo printed no line to paste", flush=True)
                return results
            # The first answer of `make demo` is the line; what counts is that it suffices.
            paste = line[1].replace("sudo ", "")
            results[-1] = step(machine, "the line it prints", paste, who="root")
            results.append(step(machine, "make demo", demo))
        use = results[-1].output.strip().rpartition("\n")[2].removeprefix("next: ")
        results.append(step(machine, "its last line", f"cd elpython && {use}"))
        for branch in branches.split():
            more = f"cd elpython && .venv/bin/elpython build {branch}"
            results.append(step(machine, f"elpython build {branch}", more))
        target = {"quick": "quick-test", "all": "test"}.get(tests, "")
        if target:
            results.append(step(machine, f"make {target}", f"cd elpython && make {target}"))
            last = results[-1].output.strip().rpartition("\n")[2]
            print(f"{suite} {who}: {last}", flush=True)
    return results


def main() -> int:
    """Try the machines that were asked for; print a table; exit code 1 when a step failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--suite", choices=SUITES, action="append")
    parser.add_argument("--who", choices=["user", "root"], action="append")
    parser.add_argument("--test", choices=["none", "quick", "all"], default="all")
    parser.add_argument("--branches", default="3.9 3.11 3.13", help="Built besides the demo's.")
    parser.add_argument("--mirror", default="", help="Of Debian [debootstrap's own].")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/elpython-fresh")
    wish = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("bench.fresh: run as root: debootstrap and chroot need it")
    results: list[Result] = []
    for suite in wish.suite or SUITES:
        packed = image(suite, wish.cache, wish.mirror)
        for who in wish.who or ("user", "root"):
            results += trial(suite, who, packed, wish.test, wish.branches)
    print(f"\n{dt.datetime.now(tz=dt.UTC):%Y-%m-%d}, {os.cpu_count()} cores\n")
    print("| machine | who | step | seconds | exit code |\n| --- | --- | --- | ---: | ---: |")
    for item in results:
        system = SUITES[item.trial.suite]
        row = f"{system} | {item.trial.who} | `{item.step}` | {item.seconds:.0f} | {item.code}"
        print(f"| {row} |")
    return 1 if any(item.code for item in results) else 0


if __name__ == "__main__":
    sys.exit(main())
