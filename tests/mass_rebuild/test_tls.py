"""Workers and depot behind TLS: who shows no certificate of the authority gets nothing."""

from __future__ import annotations

import ssl
import subprocess
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import SourceUnavailableError
from elpython.core.store import Store
from elpython.mass_rebuild import plan as plans
from elpython.mass_rebuild import work
from elpython.mass_rebuild.depot import HttpDepot, StoreDepot
from elpython.mass_rebuild.errors import SchedulerError
from elpython.mass_rebuild.serve import depot_server
from elpython.mass_rebuild.tls import Tls, tls_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elpython.mass_rebuild.model import RebuildPlan


def openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def authority(folder: Path) -> tuple[Path, Path]:
    folder.mkdir()
    key, cert = folder / "ca.key", folder / "ca.pem"
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=ca",
        "-keyout", str(key), "-out", str(cert),
    )  # fmt: skip
    return key, cert


def issue(folder: Path, ca: tuple[Path, Path], name: str = "127.0.0.1") -> Tls:
    key, request, cert = (folder / f"side.{end}" for end in ("key", "csr", "pem"))
    extensions = folder / "extensions"
    extensions.write_text(f"subjectAltName=IP:{name}\n")
    openssl(
        "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=side", "-keyout", str(key),
        "-out", str(request),
    )  # fmt: skip
    openssl(
        "x509", "-req", "-in", str(request), "-CA", str(ca[1]), "-CAkey", str(ca[0]),
        "-CAcreateserial", "-days", "2", "-extfile", str(extensions), "-out", str(cert),
    )  # fmt: skip
    return Tls(ca=str(ca[1]), cert=str(cert), key=str(key))


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    folder = tmp_path / "ours"
    return issue(folder, authority(folder))


def test_the_depot_answers_only_those_with_a_certificate_of_its_authority(
    tmp_path: Path, store: Store, tls: Tls
) -> None:
    (tmp_path / "file").write_bytes(b"x")
    artifact = StoreDepot(store).put(tmp_path / "file")
    stranger = tmp_path / "stranger"
    foreign = issue(stranger, authority(stranger))
    with depot_server(StoreDepot(store), tls=tls) as where:
        assert where["http"].startswith("https://")

        def fetch(who: Tls | None, name: str) -> Path:
            local = StoreDepot(Store(tmp_path / name))
            return HttpDepot(where["http"], where["token"], local, who).get(artifact)

        assert fetch(tls, "good").read_bytes() == b"x"
        mixed = Tls(ca=tls.ca, cert=foreign.cert, key=foreign.key)
        for who in (None, foreign, mixed):
            with pytest.raises(SourceUnavailableError):
                fetch(who, "bad")
        bare = ssl.create_default_context(cafile=tls.ca)
        with pytest.raises((OSError, urllib.error.URLError)):
            urllib.request.urlopen(where["http"], context=bare, timeout=5)


def test_a_server_under_another_name_is_not_believed(tmp_path: Path, store: Store) -> None:
    folder = tmp_path / "ours"
    other_name = issue(folder, authority(folder), "127.0.0.9")
    with depot_server(StoreDepot(store), tls=other_name) as where:
        depot = HttpDepot(where["http"], where["token"], StoreDepot(store), other_name)
        with pytest.raises(SourceUnavailableError, match="cannot be reached"):
            depot.record("0" * 32)


def test_a_silent_client_stops_nobody(store: Store, tls: Tls) -> None:
    import socket

    with depot_server(StoreDepot(store), tls=tls) as where:
        host, port = where["http"].removeprefix("https://").split(":")
        with socket.create_connection((host, int(port))):
            depot = HttpDepot(where["http"], where["token"], StoreDepot(store), tls)
            assert depot.record("0" * 32) is None


def test_files_that_do_not_fit_are_said(tmp_path: Path, tls: Tls) -> None:
    from pathlib import Path as File

    with pytest.raises(SchedulerError, match="three files"):
        tls_of(File(tls.ca), None, None)
    (tmp_path / "no.pem").write_text("no certificate")
    with pytest.raises(SchedulerError, match="can't be used"):
        tls_of(File(tls.ca), tmp_path / "no.pem", File(tls.key))
    assert tls_of(None, None, None) is None


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_rebuild_on_secured_workers(
    tmp_path: Path,
    sdist: Callable[..., Path],
    plan_of: Callable[..., RebuildPlan],
    store: Store,
    tls: Tls,
) -> None:
    sdist("base")
    sdist("top", build=("base",))
    plans.save(plan_of("top"), tmp_path / "run" / "plan.json")
    seen: list[str] = []

    def watch(executor: object) -> None:
        present = executor.present()  # type: ignore[attr-defined]
        seen.extend(present or ())

    result = work.run(
        tmp_path / "run", work.WorkOptions(store=store, workers=1, tls=tls, watch=watch)
    )
    assert result.tally.built == 2
    assert seen
    assert all(address.startswith("tls://") for address in seen)
