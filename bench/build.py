"""How long a first build takes, a second one, and one after a single C file changed.

    python -m bench.build [BRANCH] [--jobs N]

Uses a store and a compiler cache of its own in a temporary folder; sources are taken from the
user's store or fetched. Prints wall times and their ratios.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

from elpython.build.build import build
from elpython.build.request import BuildRequest, profile_named
from elpython.core.store import Store
from elpython.define.branch import load_branch
from elpython.define.folder import branches_folder
from elpython.prepare.tree import TreeRequest, prepare
from elpython.upstream import fetch

_PATCH = """\
--- a/Objects/listobject.c
+++ b/Objects/listobject.c
@@ -1,2 +1,3 @@
+/* one file changed */
{first}
{second}
"""


def timed(store: Store, branches: Path, name: str, jobs: int) -> float:
    """Prepare and build a branch; return the wall time in seconds."""
    began = time.monotonic()
    branch = load_branch(branches, name)
    tree = prepare(store, TreeRequest(branches=branches, branch=branch))
    profile = profile_named("quick")
    build(store, BuildRequest(tree=tree, settings=branch.build, profile=profile, jobs=jobs))
    return time.monotonic() - began


def add_change(branches: Path, name: str, source: Path) -> None:
    """Add a change that touches one C file, and nothing else."""
    folder = branches / name / "changes"
    first, second, *_ = source.read_text("utf-8").splitlines()
    (folder / "one-file.patch").write_text(_PATCH.format(first=f" {first}", second=f" {second}"))
    (folder / "one-file.toml").write_text(
        'title = "Touch one C file"\nkind = "bugfix"\n'
        '[source]\nprovider = "patch"\npatch = { default = "one-file.patch" }\n'
    )
    path = branches / name / "branch.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("\n]\n", '\n    "one-file",\n]\n', 1))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("branch", nargs="?", default="3.11")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    name = arguments.branch
    with tempfile.TemporaryDirectory(prefix="elpython-bench-") as folder:
        root = Path(folder)
        os.environ["CCACHE_DIR"] = str(root / "ccache")
        branches = root / "repository" / "branches"
        original = branches_folder()
        shutil.copytree(original, branches)
        for beside in ("runtime",):
            if (original.parent / beside).is_dir():
                (branches.parent / beside).symlink_to(original.parent / beside)
        store = Store(root / "store")
        # Only building is measured, not downloading.
        branch = load_branch(branches, name)
        archive = fetch(Store.default(), branch.sources)
        kept = store.path("sources", branch.sources[0].sha256[:32])
        kept.mkdir(parents=True)
        shutil.copyfile(archive, kept / archive.name)
        for shared in ("patches",):
            place = Store.default().root / shared
            if place.is_dir():
                shutil.copytree(place, store.root / shared)
        first = timed(store, branches, name, arguments.jobs)
        second = timed(store, branches, name, arguments.jobs)
        tree = prepare(store, TreeRequest(branches=branches, branch=branch))
        add_change(branches, name, tree.folder / "Objects" / "listobject.c")
        third = timed(store, branches, name, arguments.jobs)
    cache = "with ccache" if shutil.which("ccache") else "without ccache"
    print(f"branch {name}, profile quick, {arguments.jobs} job(s), {cache}")
    print(f"first build              {first:8.1f} s")
    print(f"second, nothing changed  {second:8.2f} s")
    print(f"one C file changed       {third:8.1f} s   ratio {third / first:.2f}")


if __name__ == "__main__":
    main()
