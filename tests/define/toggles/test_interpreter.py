"""Toggles in the built interpreters: each behaviour both ways, start-up, and who used what."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from elpython.define.toggles import read_toggles
from examples import REPOSITORY, real_build

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.core.store import Store

pytestmark = pytest.mark.slow

NAMES = ["3.9", "3.11", "3.13"]

MAIL = "import email.utils as u; print(u.parseaddr('alice@a.org)bob@b.com'))"
MANY = "import email.utils as u; print(u.getaddresses(a for a in ['a@b.org <c@d.org>']))"
QS = "import urllib.parse as u; print(u.parse_qs('a=1;b=2'), u.parse_qsl(b'a=1;b=2'))"
DIGITS = (
    "try:\n print(len(str(int('1' * 5000))))\nexcept ValueError as e:\n print(type(e).__name__)"
)
HTTPS = "import http.client as h; print(h.HTTPSConnection('localhost')._context.verify_mode.name)"
ZEROS = (
    "import ipaddress as i\n"
    "try:\n print(i.ip_address('010.0.0.1'))\nexcept ValueError as e:\n print('refused')"
)
COOKIE = (
    "from http import cookies as c\n"
    "m = c.SimpleCookie({'a': 'b'})\n"
    "try:\n m['a']['path'] = 'x\\ny'; print(repr(m.output()))\n"
    "except c.CookieError:\n print('refused')"
)
HEADER = (
    "from wsgiref.headers import Headers\n"
    "try:\n print(repr(Headers([('a', 'b\\rc')])['a']))\nexcept ValueError:\n print('refused')"
)
DATA = (
    "import urllib.request as r\n"
    "try:\n print(r.urlopen('data:text/x;a=\\x01,b').read())\n"
    "except ValueError:\n print('refused')"
)
MARKUP = (
    "from html.parser import HTMLParser\n"
    "class Tags(HTMLParser):\n"
    " def handle_starttag(self, tag, attrs): print(tag)\n"
    "Tags().feed('<!-- --!><b>--><i>')"
)
URL = (
    "import urllib.parse as u\n"
    "try:\n print(u.urlsplit('http://a.[b].c/').netloc)\nexcept ValueError:\n print('refused')"
)
SCRIPT = (
    "from http import cookies as c\n"
    "print([x.strip() for x in c.SimpleCookie('a=\"b\"').js_output().split('\\n') if '=' in x][1])"
)
BASE64 = (
    "import base64 as b\n"
    "try:\n print(b.b64decode(b'YWI=YWI='))\nexcept ValueError:\n print('refused')"
)
TAR = (
    "import io, os, tarfile, tempfile, warnings\n"
    "warnings.simplefilter('ignore')\n"
    "made = io.BytesIO()\n"
    "with tarfile.open(fileobj=made, mode='w') as t:\n t.addfile(tarfile.TarInfo('../out'))\n"
    "made.seek(0)\n"
    "with tempfile.TemporaryDirectory() as d, tarfile.open(fileobj=made) as t:\n"
    " os.mkdir(d + '/in')\n"
    " try:\n  t.extractall(d + '/in'{more}); print(os.path.exists(d + '/out'))\n"
    " except tarfile.FilterError:\n  print('refused')"
)
BEHAVIOURS = [
    ("email-addresses", MAIL, "('', '')", "('', 'alice@a.org')"),
    ("email-addresses", MANY, "[('', '')]", "[('', 'a@b.org'), ('', 'c@d.org')]"),
    (
        "parse-qs-separator",
        QS,
        "{'a': ['1;b=2']} [(b'a', b'1;b=2')]",
        "{'a': ['1'], 'b': ['2']} [(b'a', b'1'), (b'b', b'2')]",
    ),
    ("int-str-digits", DIGITS, "ValueError", "5000"),
    ("html-markup", MARKUP, "b\ni", "i"),
    ("https-verify", HTTPS, "CERT_REQUIRED", "CERT_NONE"),
    ("ipaddress-leading-zeros", ZEROS, "refused", "10.0.0.1"),
    ("cookie-control-characters", COOKIE, "refused", "'Set-Cookie: a=b; Path=x\\ny'"),
    ("header-control-characters", HEADER, "refused", "'b\\rc'"),
    ("header-control-characters", DATA, "refused", "b'b'"),
    ("tarfile-filter", TAR.replace("{more}", ""), "refused", "True"),
    ("url-brackets", URL, "refused", "a.[b].c"),
    (
        "cookie-js-output",
        SCRIPT,
        'document.cookie = decodeURIComponent("a%3D%22b%22");',
        r'document.cookie = "a=\"b\"";',
    ),
    ("base64-after-padding", BASE64, "refused", "b'ab'"),
]
ARGUMENTS = [
    ("email-addresses=legacy", MAIL.replace("om')", "om', strict=True)"), "('', '')"),
    (
        "email-addresses=new",
        MAIL.replace("om')", "om', strict=False)"),
        "('', 'alice@a.org')",
    ),
    (
        "parse-qs-separator=legacy",
        QS.replace("2')", "2', separator='&')").replace("u.parse_qsl", "u.parse_qs"),
        "{'a': ['1;b=2']} {b'a': [b'1;b=2']}",
    ),
    ("int-str-digits=new", "import sys; sys.set_int_max_str_digits(0)\n" + DIGITS, "5000"),
    ("tarfile-filter=legacy", TAR.replace("{more}", ", filter='data'"), "refused"),
    ("tarfile-filter=new", TAR.replace("{more}", ", filter='fully_trusted'"), "True"),
]


@pytest.fixture(scope="session", params=NAMES)
def python(request: pytest.FixtureRequest, real_store: Store) -> Path:
    """The interpreter of each branch, quick profile."""
    return real_build(real_store, request.param).python


def run(python: Path, code: str, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run code with an environment that has nothing but what is given."""
    return subprocess.run(
        [python, *options, "-c", code],
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"} | env,
        capture_output=True,
        text=True,
        check=False,
    )


def answer(python: Path, code: str, *options: str, **env: str) -> str:
    """Return what code prints; it must succeed."""
    done = run(python, code, *options, **env)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_toggle_is_tried() -> None:
    real = {toggle.name for toggle in read_toggles(REPOSITORY / "branches", NAMES)}
    assert {name for name, *_ in BEHAVIOURS} == real


@pytest.mark.parametrize(
    ("name", "code", "new", "legacy"), BEHAVIOURS, ids=[item[0] for item in BEHAVIOURS]
)
def test_a_toggle_switches_its_behaviour(
    python: Path, name: str, code: str, new: str, legacy: str
) -> None:
    toggles = {item.name: item for item in read_toggles(REPOSITORY / "branches", NAMES)}
    default = toggles[name].default(_series(python))
    if default is None:
        assert answer(python, code, "-X", f"el_toggles={name}=new") == legacy
        return
    assert answer(python, code, "-X", f"el_toggles={name}=new") == new
    assert answer(python, code, ELPYTHON_TOGGLES=f"{name}=legacy") == legacy
    assert answer(python, code) == (new if default == toggles[name].new else legacy)


def _series(python: Path) -> str:
    return python.name.removeprefix("python")


@pytest.mark.parametrize(
    ("toggle", "code", "expected"), ARGUMENTS, ids=[item[0] for item in ARGUMENTS]
)
def test_the_calls_own_argument_wins(python: Path, toggle: str, code: str, expected: str) -> None:
    assert answer(python, code, ELPYTHON_TOGGLES=toggle) == expected


def test_a_programs_own_context_and_extraction_filter_win(python: Path) -> None:
    code = HTTPS.replace("'localhost'", "'localhost', context=s.create_default_context()")
    assert answer(python, "import ssl as s; " + code, ELPYTHON_TOGGLES="https-verify=skip") == (
        "CERT_REQUIRED"
    )
    code = TAR.replace("{more}", "").replace(
        "made = io",
        "tarfile.TarFile.extraction_filter = staticmethod(tarfile.data_filter)\nmade = io",
    )
    assert answer(python, code, ELPYTHON_TOGGLES="tarfile-filter=legacy") == "refused"


def test_only_the_unset_default_of_tarfile_warns(python: Path) -> None:
    code = TAR.replace("{more}", "").replace("ignore", "error", 1)
    code = code.replace("except tarfile.FilterError", "except DeprecationWarning")
    warned = answer(python, code) == "refused"
    assert warned == (_series(python) == "3.13")
    assert answer(python, code, ELPYTHON_TOGGLES="tarfile-filter=fully_trusted") == "True"


def _imported(python: Path, *options: str, **env: str) -> set[str]:
    code = "import sys; print(*[name for name in sys.modules if name.startswith('_elpython')])"
    return set(answer(python, code, *options, **env).split())


def test_start_up_imports_nothing_until_something_is_set(python: Path) -> None:
    assert _imported(python) == set()
    assert _imported(python, "-I", ELPYTHON_TOGGLES="email-addresses=legacy") == set()
    assert "_elpython._config" in _imported(python, ELPYTHON_TOGGLES="email-addresses=legacy")
    assert "_elpython._config" in _imported(python, PYTHONHTTPSVERIFY="0")


@pytest.mark.parametrize("options", [[], ["-X", "el_toggles=spam=1"]])
def test_a_wrong_name_ends_the_start_as_cpythons_own_options_do(
    python: Path, options: Sequence[str]
) -> None:
    env = {} if options else {"ELPYTHON_TOGGLES": "spam=1"}
    place = "-X el_toggles" if options else "ELPYTHON_TOGGLES"
    done = run(python, "print('ran')", *options, **env)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        f"Fatal Python error: toggles: {place}: there is no toggle 'spam'"
    )
    own = run(python, "print('ran')", "-X", "int_max_str_digits=1")
    assert own.returncode == done.returncode
    assert own.stderr.startswith("Fatal Python error: ")


def test_the_file_below_the_prefix_is_read(python: Path, tmp_path: Path) -> None:
    copy = tmp_path / "python"
    shutil.copytree(
        python.parents[1], copy, copy_function=os.link, symlinks=True,
        ignore=shutil.ignore_patterns("test", "__pycache__"),
    )  # fmt: skip
    moved = copy / "bin" / python.name
    assert "'alice" not in answer(moved, MAIL)
    config = copy / "etc" / "elpython" / "toggles.cfg"
    config.parent.mkdir(parents=True)
    config.write_text("# for the old mail gate\nemail-addresses = legacy\n")
    assert "'alice" in answer(moved, MAIL)
    assert "'alice" in answer(moved, MAIL, "-I")
    assert "'alice" not in answer(moved, MAIL, ELPYTHON_TOGGLES="email-addresses=new")
    subprocess.run([moved, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    assert "'alice" in answer(tmp_path / "venv/bin/python", MAIL)
    config.write_text("\nemail-addresses = no\n")
    done = run(moved, "pass")
    assert done.returncode == 1
    assert f"{config}, line 2: email-addresses cannot be 'no'" in done.stderr


def test_child_processes_inherit_the_option(python: Path) -> None:
    done = subprocess.run(
        [python, "-X", "el_toggles=email-addresses=legacy", "-"],
        input="import subprocess, sys\n"
        "words = subprocess._args_from_interpreter_flags()\n"
        f"subprocess.run([sys.executable, *words, '-c', {MAIL!r}], check=True)\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "('', 'alice@a.org')", done.stderr


INSIDE = """
import importlib
try:
    sub = importlib.import_module('_interpreters')
except ImportError:
    sub = importlib.import_module('_xxsubinterpreters')
one = sub.create()
getattr(sub, 'exec' if hasattr(sub, 'exec') else 'run_string')(one, CODE)
sub.destroy(one)
"""


@pytest.mark.parametrize("options", [(), ("-I",), ("-E",)])
def test_subinterpreters_have_the_same_toggles(python: Path, options: Sequence[str]) -> None:
    code = "import sys, os; sys.stdout = os.fdopen(os.dup(1), 'w');" + MAIL + "; sys.stdout.flush()"
    inside = INSIDE.replace("CODE", repr(code))
    toggle = ("-X", "el_toggles=email-addresses=legacy")
    assert answer(python, inside, *options) == "('', '')"
    assert answer(python, inside, *options, *toggle) == "('', 'alice@a.org')"


@pytest.mark.parametrize("options", [(), ("-I",), ("-E",)])
def test_a_slip_in_the_options_name_is_told(python: Path, options: Sequence[str]) -> None:
    for slip in ("el_toggle", "EL_TOGGLES", "el-toggles"):
        done = run(python, MAIL, *options, "-X", f"{slip}=email-addresses=legacy")
        assert (done.returncode, done.stdout) == (0, "('', '')\n")
        assert done.stderr == f"elpython: warning: -X {slip} is not read; -X el_toggles is\n"
    for wrong in ("el_toggles", "el_toggles=", "el_toggles=email-addresses=no"):
        done = run(python, "print('ran')", *options, "-X", wrong)
        ended = done.returncode, done.stdout, done.stderr.startswith("Fatal Python error: toggles:")
        assert ended == (1, "", True) or (wrong.endswith("=") and done.returncode == 0)


USES = """
import email.utils, http.client, http.cookies, io, ipaddress, tarfile, tempfile, urllib.parse
email.utils.parseaddr('alice@example.org')
email.utils.parseaddr('alice@example.org)bob@example.com')
email.utils.getaddresses(['a@example.com'])
urllib.parse.parse_qs('a=1&b=2')
urllib.parse.parse_qs('a=1;b=2')
ipaddress.ip_address('10.0.0.1')
ipaddress.ip_address('010.0.0.1')
str(10 ** 10000), int('9' * 5000), str(7)
"""


def test_the_report_counts_what_the_new_behaviour_would_answer_otherwise(python: Path) -> None:
    names = ("email-addresses", "parse-qs-separator", "ipaddress-leading-zeros", "int-str-digits")
    env = {"ELPYTHON_TOGGLES": ",".join(f"{name}=legacy" for name in names)}
    done = run(python, USES + TAR.replace("{more}", ""), ELPYTHON_TOGGLES_REPORT="1", **env)
    assert done.returncode == 0, done.stderr
    told = {
        line.split("=")[0].removeprefix("elpython: "): line for line in done.stderr.splitlines()
    }
    for name in ("email-addresses", "parse-qs-separator", "ipaddress-leading-zeros"):
        assert told[name].endswith("used 1 time(s), by __main__ (1)")
    assert told["int-str-digits"].endswith("used 2 time(s), by __main__ (2)")
    assert told["tarfile-filter"].endswith("used 1 time(s), by __main__ (1)")
    assert run(python, USES, **env).stderr == ""


def test_the_commands_tell_toggles_and_features(python: Path) -> None:
    def tell(*words: str, **env: str) -> str:
        done = subprocess.run(
            [python, "-m", "_elpython", *words],
            env={"PATH": os.environ["PATH"]} | env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    text = tell("toggles", ELPYTHON_TOGGLES="email-addresses=legacy")
    row = next(line for line in text.splitlines() if line.startswith("email-addresses "))
    assert row.split()[1:3] == ["lenient", "ELPYTHON_TOGGLES"]
    told = json.loads(tell("toggles", "--json"))
    assert told["branch"] == _series(python)
    assert len(told["toggles"]) >= 7
    features = json.loads(tell("features", "--json"))
    assert {"sys.set_min_python_version", "python -m _elpython"} <= {
        item["name"] for item in features["features"]
    }
    assert "sys.set_min_python_version" in tell("features")
    kept = python.parents[1] / "lib" / python.name / "_elpython" / "features.json"
    assert json.loads(kept.read_text()) == features
    wrong = subprocess.run(
        [python, "-m", "_elpython", "togles"], capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 2
