"""What redistributors do: rebuild under a name, package, build as strangers."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elpython.build.request import profile_named
from elpython.core.errors import BuildError, UnknownNameError, UsageError
from elpython.core.report import SILENT
from elpython.core.store import Store
from elpython.prepare.tree import base_repository
from elpython.release import derive as derive_module
from elpython.release.checks import Received
from elpython.release.derive import Derived, Wish, derive
from elpython.release.errors import PackagingError, TamperedError
from elpython.release.manifest import load
from elpython.release.package import Package, build_deb, build_rpm, choose, names, write
from elpython.release.proof import build_archive
from elpython.release.rebuild import reproduce
from elpython.release.verify import verify
from release_sample import IDENTITY, Sample, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.release.manifest import Manifest

WHO = "Acme <python@acme.example>"


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in's interpreter is a script that prints its header: nobody asks it for facts."""
    monkeypatch.setattr(derive_module, "facts_of", lambda python: python)
    monkeypatch.setattr(derive_module, "check_identity", lambda *_: dict(IDENTITY))


def manifest_of(folder: Path) -> Manifest:
    return load(folder / "release.json")


def received_of(folder: Path) -> Received:
    return Received(folder=folder, manifest=manifest_of(folder), signed=True)


def derived(sample: Sample, tmp_path: Path, **changed: object) -> Derived:
    wish = Wish(redistributor="acme", profile=profile_named("quick"), to=tmp_path, key=sample.key)
    store = Store(tmp_path / "store")
    return derive(store, sample.received(), replace(wish, **changed))


@pytest.mark.usefixtures("stand_in")
def test_a_release_is_rebuilt_under_a_name(released: Sample, tmp_path: Path) -> None:
    made = derived(released, tmp_path)
    assert made.variant == "elpython-acme"
    said = subprocess.run([made.build.python], capture_output=True, text=True, check=True).stdout
    assert '#define EL_VARIANT "elpython-acme"' in said
    folder = tmp_path / "elpython-acme-3.11.2.27.01.0"
    assert made.folder == folder
    found = verify(folder, released.trust)
    assert found.good, found.checks
    manifest = read_manifest(folder)
    assert manifest["variant"] == "elpython-acme"
    assert manifest["derived_from"]["variant"] == "elpython"
    assert manifest["series"][-1]["id"] == "elpython-acme"
    # It differs by one line and the README's head, and comes from the base and the patches as the
    # first one does.
    base = base_repository(
        released.example.store, "3.11.2", manifest_of(folder).base, lambda _line: None
    )
    assert reproduce(folder, manifest_of(folder), base, SILENT).problems == ()
    patch = (folder / manifest["series"][-1]["patch"]).read_text()
    lines = [line for line in patch.splitlines() if line[:1] in "+-" and line[1:2] == "#"]
    assert lines == [
        '-#define EL_VARIANT "elpython"', '+#define EL_VARIANT "elpython-acme"'
    ]  # fmt: skip


@pytest.mark.usefixtures("stand_in")
def test_the_readme_tells_who_answers_for_it(released: Sample, tmp_path: Path) -> None:
    """`README.elpython.rst` said EL Python, whoever had rebuilt it."""
    derived(released, tmp_path)
    archive = tmp_path / "elpython-acme-3.11.2.27.01.0" / "elpython-acme-3.11.2.27.01.0.tar.xz"
    with tarfile.open(archive) as tar:
        content = tar.extractfile("elpython-acme-3.11.2.27.01.0/README.elpython.rst")
        assert content is not None
        text = content.read().decode()
    title, line, *_ = text.splitlines()
    assert (title, line) == ("elpython-acme 3.11.2.27.01.0", "=" * len(title))
    assert "rebuilt and answered for by acme" in text
    assert "--prefix=/opt/elpython-acme-3.11" in text
    assert text.count("This is the source of an EL Python.") == 1


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("name", ["", "Acme", "a b", "x" * 50])
def test_a_bad_name_is_refused(released: Sample, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        derived(released, tmp_path, redistributor=name)


@pytest.mark.usefixtures("stand_in")
def test_what_has_a_name_gets_no_second(released: Sample, tmp_path: Path) -> None:
    folder = derived(released, tmp_path).folder
    assert folder is not None
    wish = Wish(redistributor="beta", profile=profile_named("quick"))
    with pytest.raises(UsageError, match="elpython-acme already"):
        derive(Store(tmp_path / "store"), received_of(folder), wish)
    with pytest.raises(UsageError, match="is there already"):
        derived(released, tmp_path)


@pytest.mark.usefixtures("stand_in")
def test_an_archive_with_another_tree_is_refused(released: Sample, tmp_path: Path) -> None:
    received = released.received(tree="0" * 40)
    wish = Wish(redistributor="acme", profile=profile_named("quick"))
    with pytest.raises(TamperedError, match="holds the tree"):
        derive(Store(tmp_path / "store"), received, wish)


def package(sample: Sample, **changed: object) -> Package:
    item = Package(received=sample.received(), maintainer=WHO)
    return replace(item, **changed)


def test_names_keep_packages_beside_each_other(released: Sample) -> None:
    values = names(package(released))
    assert (values["package"], values["prefix"]) == ("elpython-3.11", "/opt/elpython-3.11")
    assert (values["program"], values["version"]) == ("elpython3.11", "3.11.2.27.01.0")
    assert names(package(released, prefix="/usr/el"))["prefix"] == "/usr/el"
    assert values["summary"] == "EL Python 3.11: CPython 3.11.2 kept for ten years"
    other = released.received()
    other = replace(other, manifest=replace(other.manifest, variant="elpython-acme"))
    summary = names(package(released, received=other))["summary"]
    assert summary == "elpython-acme 3.11: EL Python on CPython 3.11.2, rebuilt by acme"


@pytest.mark.skipif(not shutil.which("dpkg-buildpackage"), reason="needs the package dpkg-dev")
def test_a_debian_package_is_built_and_installs(released: Sample, tmp_path: Path) -> None:
    item = package(released)
    write(item, "debian", tmp_path)
    made = build_deb(item, tmp_path / "debian")
    assert [path.suffix for path in made] == [".dsc", ".deb"]
    root = tmp_path / "root"
    subprocess.run(["dpkg-deb", "-x", made[1], root], check=True)
    python = root / "opt" / "elpython-3.11" / "bin" / "python3.11"
    assert "elpython" in subprocess.run([python], capture_output=True, text=True, check=True).stdout
    link = root / "usr" / "bin" / "elpython3.11"
    assert str(link.readlink()) == "/opt/elpython-3.11/bin/python3.11"
    fields = subprocess.run(
        ["dpkg-deb", "-f", made[1], "Package", "Version"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert fields == "Package: elpython-3.11\nVersion: 3.11.2.27.01.0-1\n"
    with pytest.raises(UsageError, match="not empty"):
        write(item, "debian", tmp_path)


@pytest.mark.skipif(not shutil.which("rpmbuild"), reason="needs rpmbuild")
def test_an_rpm_is_built_and_unpacks(released: Sample, tmp_path: Path) -> None:
    item = package(released)
    write(item, "rpm", tmp_path)
    made = build_rpm(item, tmp_path / "rpm")
    assert sorted(path.name.rpartition(".3.11")[0] or path.name for path in made)
    binary = next(path for path in made if ".src." not in path.name)
    listed = subprocess.run(
        ["rpm", "-qlp", binary], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "/opt/elpython-3.11/bin/python3.11" in listed
    assert "/usr/bin/elpython3.11" in listed
    told = subprocess.run(
        ["rpm", "-qp", "--qf", "%{NAME} %{VERSION}-%{RELEASE}", binary],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert told.startswith("elpython-3.11 3.11.2.27.01.0-1")


@pytest.mark.skipif(not shutil.which("dpkg-buildpackage"), reason="needs the package dpkg-dev")
def test_a_package_that_does_not_build_is_told(released: Sample, tmp_path: Path) -> None:
    item = package(released)
    write(item, "debian", tmp_path)
    rules = next((tmp_path / "debian").glob("*/debian/rules"))
    rules.write_text(rules.read_text().replace("$(MAKE) $(jobs)", "false"))
    with pytest.raises(PackagingError, match="dpkg-buildpackage ended") as caught:
        build_deb(item, tmp_path / "debian")
    assert "build.log" in caught.value.todo


def test_a_containerfile_names_the_archive_and_its_digest(released: Sample, tmp_path: Path) -> None:
    item = package(released)
    files = write(item, "container", tmp_path)
    text = files[0].read_text()
    digest = item.manifest.files["elpython-3.11.2.27.01.0.tar.xz"]
    assert f'echo "{digest}  /src/elpython-3.11.2.27.01.0.tar.xz" | sha256sum -c' in text
    assert "--prefix=/opt/elpython-3.11 " in text
    assert files[1].read_bytes() == item.archive.read_bytes()


def test_an_unknown_kind_is_told() -> None:
    assert choose(["rpm", "debian"]) == ["debian", "rpm"]
    with pytest.raises(UnknownNameError, match="did you mean 'debian'"):
        choose(["debain"])


def hits(folder: Path) -> int:
    words = ["ccache", "--print-stats"]
    env = os.environ | {"CCACHE_DIR": str(folder)}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
    stats = dict(line.split("\t") for line in done.stdout.splitlines())
    return int(stats["direct_cache_hit"]) + int(stats["preprocessed_cache_hit"])


@pytest.mark.skipif(not shutil.which("ccache"), reason="needs ccache")
def test_an_archive_is_built_once_and_the_compilers_cache_is_used(
    released: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is the content: the same archive elsewhere is no work, another finds its objects."""
    monkeypatch.setenv("CCACHE_DIR", str(tmp_path / "ccache"))
    monkeypatch.delenv("CC", raising=False)
    store = Store(tmp_path / "store")
    first = build_archive(store, released.received())
    assert '"elpython"' in (first / "lib" / "python3.11" / "version").read_text()
    log = (first.parent / "build.log").read_text()
    assert hits(tmp_path / "ccache") == 0

    moved = shutil.copytree(released.folder, tmp_path / "moved")
    assert build_archive(store, received_of(moved)) == first
    assert (first.parent / "build.log").read_text() == log

    other = released.received(tar_sha256="0" * 64)
    assert build_archive(store, other) != first
    assert hits(tmp_path / "ccache") == 1


def test_an_archive_that_does_not_build_is_told(released: Sample, tmp_path: Path) -> None:
    top = "elpython-3.11.2.27.01.0"
    subprocess.run(["tar", "-C", tmp_path, "-xf", released.folder / f"{top}.tar.xz"], check=True)
    (tmp_path / top / "Modules" / "one.c").write_text("int one(void) { return }\n")
    (tmp_path / "spoiled").mkdir()
    shutil.copy(released.folder / "release.json", tmp_path / "spoiled")
    spoiled = tmp_path / "spoiled" / f"{top}.tar.xz"
    subprocess.run(["tar", "-C", tmp_path, "-cJf", spoiled, top], check=True)
    store = Store(tmp_path / "store")
    with pytest.raises(BuildError, match="does not build") as caught:
        build_archive(store, received_of(tmp_path / "spoiled"))
    assert any("error:" in line for line in caught.value.details)
    assert not list((tmp_path / "store" / "proofs").iterdir())
