"""Write the table of python.org's release digests from pyenv's definitions.

python bench/base_digests.py ~/.pyenv/plugins/python-build/share/python-build \
    > src/elpython/release/data/bases.toml

Where a digest is already pinned by a branch, the two must agree; else nothing is written.
"""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import tomllib
from pathlib import Path

OLDEST = (3, 8)
ARCHIVE = re.compile(r"/(Python-[\d.]+\.(tgz|tar\.xz))#([0-9a-f]{64})")
# Whose OpenPGP signature lies next to the archive (python.org, "OpenPGP Public Keys"), and whose
# sigstore signature (PEP 761: from 3.14 on there is no OpenPGP signature).
SIGNERS = {
    "3.8": ("Łukasz Langa", "E3FF2839C048B25C084DEBE9B26995E310250568", ""),
    "3.9": ("Łukasz Langa", "E3FF2839C048B25C084DEBE9B26995E310250568", ""),
    "3.10": ("Pablo Galindo Salgado", "A035C8C19219BA821ECEA86B64E628F8D684696D", ""),
    "3.11": ("Pablo Galindo Salgado", "A035C8C19219BA821ECEA86B64E628F8D684696D", ""),
    "3.12": ("Thomas Wouters", "7169605F62C751356D054A26A821E680E5FA6305", ""),
    "3.13": ("Thomas Wouters", "7169605F62C751356D054A26A821E680E5FA6305", ""),
    "3.14": ("Hugo van Kemenade", "", "hugo@python.org"),
}


def digests(folder: Path) -> dict[tuple[int, ...], dict[str, str]]:
    """Return version -> form -> sha256, of every final release from `OLDEST` on."""
    found: dict[tuple[int, ...], dict[str, str]] = {}
    for path in folder.glob("3.*"):
        if not re.fullmatch(r"3\.\d+\.\d+", path.name):
            continue
        version = tuple(int(part) for part in path.name.split("."))
        forms = {
            form: sha256
            for name, form, sha256 in ARCHIVE.findall(path.read_text("utf-8"))
            if name == f"Python-{path.name}.{form}"
        }
        if version >= OLDEST and forms:
            found[version] = forms
    return dict(sorted(found.items()))


def check_branches(found: dict[tuple[int, ...], dict[str, str]]) -> None:
    """Stop when a branch pins another digest for the same python.org archive."""
    for path in Path("branches").glob("*/branch.toml"):
        data = tomllib.loads(path.read_text("utf-8"))
        forms = found.get(tuple(int(part) for part in data["base"].split(".")), {})
        for source in data["source"]:
            form = source["file"].partition(data["base"] + ".")[2]
            if source["provider"] == "python-org" and forms.get(form) != source["sha256"]:
                sys.exit(f"{path}: {source['file']} is pinned with another digest")


def main(folder: Path) -> None:
    """Print the table."""
    found = digests(folder)
    check_branches(found)
    words = [str(folder.parents[3] / "bin" / "pyenv"), "--version"]
    pyenv = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    print("# Digests of python.org's source archives; written by bench/base_digests.py.")
    print(f"dated = {dt.datetime.now(tz=dt.UTC).date()}")
    print(f'origin = "definitions of python-build, {pyenv}"')
    for series, (who, openpgp, sigstore) in SIGNERS.items():
        print(f'\n[signers."{series}"]\nmanager = "{who}"')
        print(f'openpgp = "{openpgp}"' if openpgp else f'sigstore = "{sigstore}"')
    for version, forms in found.items():
        print(f'\n[release."{".".join(map(str, version))}"]')
        for form, sha256 in sorted(forms.items()):
            print(f'"{form}" = "{sha256}"')


if __name__ == "__main__":
    main(Path(sys.argv[1]).expanduser())
