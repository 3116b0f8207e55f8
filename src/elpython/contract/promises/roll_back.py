"""Roll-back data: what the candidate writes by default, the base reads."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from elpython.contract.compare import changed, tables
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.probe import ProbeError, ask
from elpython.contract.stdlib import modules
from elpython.contract.subject import remember

if TYPE_CHECKING:
    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_SECONDS = 120.0


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Let both write; compare the formats; let each read what the other wrote."""
    with tempfile.TemporaryDirectory(prefix="elpython-roll-back-") as name:
        written, read = [], []
        for subject in pair.both():
            folder = Path(name) / subject.role
            folder.mkdir()
            request = {"do": "write", "folder": str(folder)}
            written.append(ask(subject.python, "roll_back", request))
            request = {"do": "read", "folder": str(folder)}
            read.append(ask(pair.base.python, "roll_back", request))
        messages = _messages(pair, Path(name))
    old, new = ({f"format.{k}": v for k, v in table.items()} for table in written)
    found = tables(old, new, "default format", harmless=False)
    old, new = ({f"read.{k}": v for k, v in table.items()} for table in read)
    found += tables(old, new, "what the base reads", harmless=False)
    count, pickles = _pickles(pair, run)
    checked = len(written[0]) + len(read[0]) + count + 4
    return PromiseFindings(checked=checked, differences=(*found, *messages, *pickles))


def _pickles(pair: Pair, run: Run) -> tuple[int, list[Difference]]:
    """Exchange one instance of every picklable class, both ways; compare the reducers."""
    data = [_written(run, subject) for subject in pair.both()]
    own = [_read(subject, table) for subject, table in zip(pair.both(), data, strict=True)]
    forth = _read(pair.candidate, data[0])
    back = _read(pair.base, data[1])
    found = []
    for name, before in own[0].items():
        if forth[name] != before:
            what = "the candidate reads the base's pickle otherwise"
            found.append(changed(f"forward.{name}", what, before, forth[name]))
    for name, after in own[1].items():
        if name in data[0] and back[name] != after:
            what = "the base cannot read the candidate's pickle, or reads it otherwise"
            found.append(changed(f"back.{name}", what, after, back[name]))
    # A class that the base has but that only one side can pickle.
    gone = [name for name in data[0] if name not in data[1]]
    what = "cannot be pickled any more"
    found += [changed(f"written.{name}", what, own[0][name], "") for name in gone]
    tables_of = [ask(subject.python, "pickles", {"do": "reducers"}) for subject in pair.both()]
    old, new = ({f"reducer.{k}": v for k, v in table.items()} for table in tables_of)
    found += tables(old, new, "how instances are taken apart")
    known = {item.key for item in found}
    # What fails with the default protocol fails with the older one too: it is said once.
    once = [
        item for item in found if item.key.replace(".protocol2.", ".", 1) not in known - {item.key}
    ]
    return len(own[0]) + len(own[1]) + len(old), once


def _written(run: Run, subject: Subject) -> dict[str, str]:
    def make() -> object:
        wanted = [name for name in modules(subject) if not run.part or name in run.part]
        request = {"do": "write", "modules": wanted}
        return ask(subject.python, "pickles", request, flags=("-I", "-S"), timeout=_SECONDS)

    found: dict[str, str] = remember(run, subject, "pickles", make)
    return found


def _read(subject: Subject, data: dict[str, str]) -> dict[str, str]:
    request = {"do": "read", "data": data}
    told: dict[str, str] = ask(
        subject.python, "pickles", request, flags=("-I", "-S"), timeout=_SECONDS
    )
    return told


def _messages(pair: Pair, folder: Path) -> list[Difference]:
    """Let each side talk to the other over a socket, and write into one shelf."""
    told: dict[str, str] = {}
    pairs = {
        "base to base": (pair.base, pair.base),
        "base to candidate": (pair.base, pair.candidate),
        "candidate to base": (pair.candidate, pair.base),
    }
    for name, (server, client) in pairs.items():
        place = folder / name.replace(" ", "-")
        place.mkdir()
        told[name] = _talk(server, client, place)
    shelf = [ask(s.python, "messages", {"do": "shelf", "folder": str(folder), "name": s.role})
             for s in (*pair.both(), pair.base)]  # fmt: skip
    meant = repr([("base", {"by": "base"}), ("candidate", {"by": "candidate"})])
    found = [
        changed(f"messages.{name.replace(' ', '-')}", "messages are not understood",
                told["base to base"], text)
        for name, text in told.items()
        if text != told["base to base"]
    ]  # fmt: skip
    if shelf[2] != meant:
        found.append(changed("shelf.shared", "a shelf that both write", meant, shelf[2]))
    return found


def _talk(server: Subject, client: Subject, folder: Path) -> str:
    answers: list[Any] = ["", ""]

    def one(at: int, subject: Subject, do: str) -> None:
        try:
            request = {"do": do, "folder": str(folder)}
            answers[at] = ask(subject.python, "messages", request, timeout=20)
        except ProbeError as error:
            answers[at] = error.what

    listening = Thread(target=one, args=(0, server, "listen"))
    listening.start()
    end = time.monotonic() + 20
    while not (folder / "socket").exists() and listening.is_alive() and time.monotonic() < end:
        time.sleep(0.01)
    one(1, client, "talk")
    listening.join()
    return f"{answers[0]}; {answers[1]}"
