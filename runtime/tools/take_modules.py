"""Take modules that left the standard library out of the last release that has them, for a wheel.

Called as ``python runtime/tools/take_modules.py`` before the wheel is built; it writes the folder
``runtime/taken``, which is in no repository and which ``setup.py`` puts into the wheel, below
``minpython/modules``. The release is fetched by the toolchain's own providers, by the digest that
its branch pins, and what is taken is pinned here once more.

``lib2to3`` is that of 3.11.2: up to 3.12, the last Python that had it, one line changed (a type
comparison in ``pgen2/token.py``).
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TAKEN = ROOT / "runtime" / "taken"
BRANCH = "3.11"
# By folder of the release: the digest over its files.
MODULES = {
    "Lib/lib2to3": "40bfaca7842a728d0ee89b9b0bd7708bcc71917f530ee0d5a658543065a11637",
}
LEFT_OUT = ("tests", "__pycache__", "*.pickle")


def digest_of(folder: Path) -> str:
    """Return the SHA-256 digest over the paths and the contents of a folder's files, in order."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in (".pyc", ".pickle"):
            digest.update(f"{path.relative_to(folder).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def take(release: Path, to: Path, modules: dict[str, str]) -> None:
    """Copy modules out of a release's sources, without their tests.

    Args:
        release: the folder of the sources.
        to: where they go; what was taken before is replaced.
        modules: by folder in the release, the digest that it must have.

    Raises:
        ValueError: a folder is missing or has another digest; nothing was copied.
    """
    for place, pinned in modules.items():
        if not (release / place).is_dir():
            raise ValueError(f"{release / place}: there is no such folder")
        if digest_of(release / place) != pinned:
            raise ValueError(f"{release / place}: its digest is not {pinned}")
    new = to.with_name(to.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    for place in modules:
        shutil.copytree(
            release / place, new / Path(place).name, ignore=shutil.ignore_patterns(*LEFT_OUT)
        )
    shutil.rmtree(to, ignore_errors=True)
    new.rename(to)


def main() -> int:
    """Fetch the release and take the modules; return the exit code."""
    from elpython.core.errors import ElpythonError
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.upstream import release_folder

    try:
        branch = load_branch(ROOT / "branches", BRANCH)
        release = release_folder(Store.default(), branch.sources)
        take(release, TAKEN, MODULES)
    except (ElpythonError, ValueError) as error:
        sys.stderr.write(f"take_modules: {error}\n")
        return 1
    sys.stdout.write(f"{TAKEN}: {', '.join(Path(place).name for place in MODULES)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
