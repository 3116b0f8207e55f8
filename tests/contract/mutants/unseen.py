"""Mutants of kinds that no promise had seen: start-up order, install schemes, seeds, defaults."""

from __future__ import annotations

from .lab import Copy, Mutant

__all__ = ["MUTANTS"]


def _state(name: str, file: str, texts: tuple[str, str], expect: str, way: str) -> Mutant:
    """Return a mutant of one text of the library, seen by one way of starting."""
    return Mutant(
        name=name,
        promise="process-state",
        expect=expect,
        change=lambda c: c.swap(file, *texts),
        part=(way,),
    )


def _added(name: str, file: str, code: str, expect: str, way: str) -> Mutant:
    return Mutant(
        name=name,
        promise="process-state",
        expect=expect,
        change=lambda c: c.append(file, code),
        part=(way,),
    )


SITE = [
    _state(
        "an environment without the link for the series",
        "venv/__init__.py",
        ("('python', 'python3', f'python3.", "('python', f'python3."),
        r"^start\.environment-",
        "environment-venv",
    ),
    _added(
        "imports leave no byte code",
        "encodings/__init__.py",
        "import _frozen_importlib_external as _external\n"
        "_external.SourceFileLoader.set_data = lambda *_a, **_k: None",
        r"^start\.byte-code",
        "byte-code",
    ),
    _added(
        "byte code that others may write",
        "encodings/__init__.py",
        "import _frozen_importlib_external as _external\n_external._calc_mode = lambda _p: 0o666",
        r"^start\.byte-code",
        "byte-code",
    ),
]

VALUES = [
    _state(
        "a run of no tests is a failure",
        "unittest/main.py",
        (
            "            sys.exit(not self.result.wasSuccessful())",
            (
                "            ran = self.result.testsRun\n"
                "            sys.exit(not self.result.wasSuccessful() or 5 * (not ran))"
            ),
        ),
        r"^start\.tools",
        "tools",
    ),
    _state(
        "the same seed shuffles otherwise",
        "random.py",
        ("for i in reversed(range(1, len(x))):", "for i in range(1, len(x)):"),
        r"^start\.values-seeds",
        "values-seeds",
    ),
    _state(
        "the same seed samples otherwise",
        "random.py",
        (
            "                j = randbelow(n - i)\n",
            "                j = n - i - 1 - randbelow(n - i)\n",
        ),
        r"^start\.values-seeds",
        "values-seeds",
    ),
    _added(
        "a connection allows less",
        "ssl.py",
        "_created = create_default_context\n"
        "def create_default_context(purpose=Purpose.SERVER_AUTH, *, cafile=None, capath=None,\n"
        "                           cadata=None):\n"
        "    made = _created(purpose, cafile=cafile, capath=capath, cadata=cadata)\n"
        "    made.minimum_version = TLSVersion.TLSv1_3\n    return made",
        r"\.ssl\.",
        "file",
    ),
    _added(
        "certificates are looked for elsewhere",
        "ssl.py",
        "_paths = get_default_verify_paths\ndef get_default_verify_paths():\n"
        "    return _paths()._replace(openssl_cafile='/opt/el/cert.pem')",
        r"\.ssl\.",
        "file",
    ),
    _state(
        "time zones are looked for elsewhere",
        "zoneinfo/_tzpath.py",
        ('sysconfig.get_config_var("TZPATH")', '"/opt/el"'),
        r"\.zoneinfo\.",
        "file",
    ),
    _state(
        "types of files are read from other tables",
        "mimetypes.py",
        ('"/etc/mime.types",', '"/opt/el/mime.types",'),
        r"\.mimetypes\.",
        "file",
    ),
]


def _scheme(copy: Copy) -> None:
    copy.swap("sysconfig.py", "        'prefix': 'posix_prefix',\n        'home': 'posix_home',\n"
              "        'user': 'posix_user',\n    }\n\n\n",
              "        'prefix': 'posix_prefix',\n        'home': 'posix_home',\n"
              "        'user': 'posix_home',\n    }\n\n\n")  # fmt: skip


def _text_signature(copy: Copy) -> None:
    """Change a default in the text signature of a function in C."""
    file = next((copy.lib / "lib-dynload").glob("_pickle.*.so"))
    data, mode = file.read_bytes(), file.stat().st_mode
    old = b"loads($module, data, /, *, fix_imports=True, encoding='ASCII',"
    assert old in data
    file.unlink()
    file.write_bytes(data.replace(old, old.replace(b"ASCII", b"UTF-8")))
    file.chmod(mode)


def _other_library(copy: Copy) -> None:
    file = next((copy.lib / "lib-dynload").glob("_ssl.*.so"))
    data, mode = file.read_bytes(), file.stat().st_mode
    assert b"libssl.so." in data
    file.unlink()
    file.write_bytes(data.replace(b"libssl.so.", b"libesl.so."))
    file.chmod(mode)


OTHERS = [
    Mutant(
        name="packages of a user go elsewhere",
        promise="layout",
        expect=r"scheme\.preferred\.user",
        change=_scheme,
    ),
    Mutant(
        name="another scheme is the default",
        promise="layout",
        expect=r"scheme\.default",
        change=lambda c: c.append("sysconfig.py", "get_default_scheme = lambda: 'posix_home'"),
    ),
    Mutant(
        name="an extension module needs another TLS library",
        promise="layout",
        expect=r"elf\.lib-dynload/_ssl.*needed",
        change=_other_library,
    ),
    Mutant(
        name="a default of a function in C",
        promise="api",
        expect=r"^pickle\.loads",
        change=_text_signature,
        part=("pickle", "os"),
    ),
    Mutant(
        name="hashes of numbers",
        promise="identity",
        expect=r"sys\.hash_info",
        change=lambda c: c.at_start(
            "import sys\nclass _Info:\n    algorithm = 'fnv'\n    width = 64\n"
            "sys.hash_info = _Info()"
        ),
    ),
    Mutant(
        name="a module no longer comes along",
        promise="api",
        expect=r"^-urllib\.request\(import urllib\.error\)",
        change=lambda c: c.append(
            "urllib/request.py",
            "import urllib\ndel urllib.error\nsys.modules.pop('urllib.error')",
        ),
        part=("urllib.request", "os"),
    ),
    Mutant(
        name="a private name that packages use is gone",
        promise="api",
        expect=r"^-typing\._AnnotatedAlias$",
        change=lambda c: c.append("typing.py", "_Gone = _AnnotatedAlias\ndel _AnnotatedAlias"),
        part=("typing", "os"),
    ),
    Mutant(
        name="a private function that packages call takes more",
        promise="api",
        expect=r"^subprocess\._optim_args_from_interpreter_flags",
        change=lambda c: c.swap(
            "subprocess.py",
            "def _optim_args_from_interpreter_flags():",
            "def _optim_args_from_interpreter_flags(flags):",
        ),
        part=("subprocess", "os"),
    ),
    Mutant(
        name="the folder for byte code is called otherwise",
        promise="pyc",
        expect=r"cache_name",
        change=lambda c: c.at_start(
            "import _frozen_importlib_external as _external\n_external._PYCACHE = '__elcache__'"
        ),
    ),
]

MUTANTS = [*SITE, *VALUES, *OTHERS]
