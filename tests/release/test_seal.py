"""sigstore's signature beside the key's: where the network allows, never instead of it.

The real program needs a network and a person; a stand-in of the same command line signs here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import MissingProgramError
from elpython.release.manifest import BUNDLE
from elpython.release.seal import Identity, check_seal
from elpython.release.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

    from release_sample import Sample

WHO = Identity(name="release@example.org", issuer="https://issuer.example")
PROGRAM = """\
#!/bin/sh
set -e
digest() { sha256sum < "$1" | cut -c1-64; }
if [ "$1" = sign ]; then  # sign --overwrite --bundle BUNDLE FILE
    [ -z "$OFFLINE" ] || { echo "no network" >&2; exit 1; }
    echo "release@example.org https://issuer.example $(digest "$5")" > "$4"
else  # verify identity --bundle BUNDLE --cert-identity WHO --cert-oidc-issuer URL FILE
    [ "$(cat "$4")" = "$6 $8 $(digest "$9")" ] || { echo "does not match" >&2; exit 1; }
fi
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bin" / "sigstore"
    path.parent.mkdir()
    path.write_text(PROGRAM)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")


@pytest.mark.usefixtures("program")
def test_both_signatures_are_made_and_checked(sample: Sample) -> None:
    folder = sample.release(sigstore=True).folder
    assert (folder / BUNDLE).is_file()
    assert verify(folder, sample.trust).good
    assert check_seal(folder, WHO) == ""
    other = Identity(name="other@example.org", issuer=WHO.issuer)
    assert check_seal(folder, other) == "does not match"
    (folder / "release.json").write_text("{}")
    assert check_seal(folder, WHO) == "does not match"


@pytest.mark.usefixtures("program")
def test_without_a_network_it_is_a_remark(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFLINE", "1")
    made = sample.release(sigstore=True)
    remarks = [remark for step in made.steps for remark in step.remarks]
    assert "sigstore did not sign: no network" in remarks
    assert not (made.folder / BUNDLE).exists()
    assert check_seal(made.folder, WHO) == f"there is no {BUNDLE}"
    assert verify(made.folder, sample.trust).good


def test_without_the_program_it_is_told(released: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MissingProgramError, match="sigstore"):
        check_seal(released.folder, WHO)
