"""Insecure names can be mentioned; their use is refused, and code with a way out takes that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import environments
import pytest

if TYPE_CHECKING:
    from pathlib import Path

MENTIONS = {
    "attribute": "import ssl\nmatch = ssl.match_hostname\n",
    "from import": "from ssl import match_hostname as match, wrap_socket\n",
    "class body": "import ssl\nclass Server:\n    match = staticmethod(ssl.match_hostname)\n"
    "match = Server.match\n",
    "except ImportError around an attribute": "try:\n    import ssl\n"
    "    match = ssl.match_hostname\nexcept ImportError:\n    match = None\n",
    "other errors, two deep": "try:\n    import ssl\n    try:\n        match = ssl.match_hostname\n"
    "    except KeyError:\n        pass\nexcept (ImportError):\n    match = None\n",
    "function": "import ssl\ndef get():\n    return ssl.match_hostname\nmatch = get()\n",
}
WAYS_OUT = {
    "except ImportError": "try:\n    from ssl import match_hostname as match\n"
    "except ImportError:\n    match = None\n",
    "except AttributeError": "import ssl\ntry:\n    match = ssl.match_hostname\n"
    "except AttributeError:\n    match = None\n",
    "two deep": "import ssl\ntry:\n    try:\n        match = ssl.match_hostname\n"
    "    except KeyError:\n        pass\nexcept Exception:\n    match = None\n",
    "a tuple": "try:\n    import ssl\n    match = ssl.match_hostname\n"
    "except (ImportError, AttributeError):\n    match = None\n",
    "bare": "import ssl\ntry:\n    match = ssl.match_hostname\nexcept:\n    match = None\n",
    "suppress": "import contextlib, ssl\nmatch = None\nwith contextlib.suppress(AttributeError):\n"
    "    match = ssl.match_hostname\n",
    "hasattr": "import ssl\nmatch = None\nif hasattr(ssl, 'match_hostname'):\n"
    "    match = ssl.match_hostname\n",
    "getattr": "import ssl\nmatch = getattr(ssl, 'match_hostname', None)\n",
}
CALL = """
import insecure
from minpython.errors import InsecureError
try:
    insecure.match({}, "example.org")
except InsecureError as error:
    assert "allow_insecure=True" in str(error), error
else:
    raise AssertionError("not refused")
"""
SCOPES = ["3.8", "3.8:insecure"]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("way", MENTIONS)
def test_a_mention_imports_and_a_call_is_refused(
    newest: str, tmp_path: Path, way: str, scope: str
) -> None:
    (tmp_path / "insecure.py").write_text(MENTIONS[way])
    environments.run(newest, "-c", CALL, cwd=tmp_path, env={"PYTHONMINVERSION": scope})


@pytest.mark.parametrize("scope", SCOPES)
def test_a_mention_imports_on_each_python_without_the_name(
    python: str, tmp_path: Path, scope: str
) -> None:
    (tmp_path / "insecure.py").write_text(MENTIONS["except ImportError around an attribute"])
    code = "import insecure; assert insecure.match is not None"
    environments.run(python, "-c", code, cwd=tmp_path, env={"PYTHONMINVERSION": scope})


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("way", WAYS_OUT)
def test_a_way_out_is_taken(newest: str, tmp_path: Path, way: str, scope: str) -> None:
    (tmp_path / "insecure.py").write_text(WAYS_OUT[way])
    code = "import insecure; assert insecure.match is None"
    environments.run(newest, "-c", code, cwd=tmp_path, env={"PYTHONMINVERSION": scope})


def test_what_is_allowed_works(newest: str) -> None:
    code = "import ssl\nssl.match_hostname({'subjectAltName': (('DNS', 'a.org'),)}, 'a.org')"
    asked = "3.8,+ssl-match-hostname,allow_insecure"
    environments.run(newest, "-W", "ignore", "-c", code, env={"PYTHONMINVERSION": asked})
