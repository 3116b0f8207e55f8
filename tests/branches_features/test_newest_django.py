"""A package that needs 3.12 runs on EL Python 3.9: its database, its tests' client, its admin."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from examples import real_build

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.store import Store

# It needs 3.12, and is read with match, PEP 695, sqlite3's limits and asgiref's later asyncio.
DJANGO = "django==6.1.3"
PROGRAM = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "tried.settings"
import django
django.setup()
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
settings.ALLOWED_HOSTS = ["testserver"]
User.objects.create_superuser("anna", password="secret")
client = Client()
print(client.login(username="anna", password="secret"))
print([client.get(path).status_code for path in ("/admin/", "/admin/auth/user/1/change/")])
"""


def run(*words: str | Path, cwd: Path) -> str:
    """Run a program; return what it printed."""
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-4000:])
    return done.stdout


@pytest.mark.slow
def test_django_serves_its_admin(real_store: Store, tmp_path: Path) -> None:
    python = real_build(real_store, "3.9").python
    run(python, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    own = tmp_path / "venv" / "bin" / "python"
    install = [own, "-m", "pip", "install", "-q", "--ignore-requires-python", DJANGO]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode and "No matching distribution" not in done.stderr:
        pytest.skip(f"the index cannot be reached: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stderr[-2000:]
    run(own, "-m", "django", "startproject", "tried", tmp_path, cwd=tmp_path)
    assert "OK" in run(own, "manage.py", "migrate", "--no-color", cwd=tmp_path)
    assert run(own, "-c", PROGRAM, cwd=tmp_path).split("\n")[:2] == ["True", "[200, 200]"]
