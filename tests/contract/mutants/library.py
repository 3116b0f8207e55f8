"""Mutants of the Python library and of what the interpreter says of itself."""

from __future__ import annotations

from .lab import Copy, Mutant

__all__ = ["MUTANTS"]

_EXTERNAL = "import _frozen_importlib_external as _external"


def _retitled(copy: Copy) -> None:
    copy.swap("platform.py", "return _sys_version()[1]", "return _sys_version()[1] + '.27.01.0'")


def _renamed_site(copy: Copy) -> None:
    text = "import sys\nsys.path[:] = [p for p in sys.path if 'site-packages' not in p]\n"
    copy.write(copy.lib / "sitecustomize.py", text)


def _config(name: str, value: str) -> str:
    return f"\nbuild_time_vars[{name!r}] = {value}\n"


def _append_config(copy: Copy, name: str, value: str) -> None:
    file = next(copy.lib.glob("_sysconfigdata_*linux*.py"))
    copy.append(file.name, _config(name, value))


def _moved_headers(copy: Copy) -> None:
    (copy.include / "cpython").rename(copy.include / "implementation")


_MAGIC = f"{_EXTERNAL}\n_external.MAGIC_NUMBER = (3999).to_bytes(2, 'little') + b'\\r\\n'"
_STALE = (
    f"{_EXTERNAL}\n"
    "def _stale(*_args):\n    raise ImportError('stale')\n"
    "_external._validate_timestamp_pyc = _stale"
)
_TAG = "import sys\nsys.implementation.cache_tag = 'cpython-311el'"

IDENTITY = [
    Mutant(
        name="platform gives the full EL version",
        promise="identity",
        expect=r"marker\.python_full_version",
        change=_retitled,
    ),
    Mutant(
        name="another implementation name",
        promise="identity",
        expect=r"marker\.implementation_name",
        change=lambda c: c.at_start("import sys\nsys.implementation.name = 'elpython'"),
    ),
    Mutant(
        name="platform_python_implementation changed",
        promise="identity",
        expect=r"marker\.platform_python_implementation",
        change=lambda c: c.append("platform.py", "python_implementation = lambda: 'ELPython'"),
    ),
    Mutant(
        name="variant whose versions do not agree",
        promise="identity",
        expect=r"sys\.version",
        change=lambda c: c.at_start("import sys\nsys.implementation.variant = 'elpython'"),
    ),
]

LAYOUT = [
    Mutant(
        name="SOABI changed",
        promise="layout",
        expect=r"config\.SOABI",
        change=lambda c: _append_config(c, "SOABI", "'cpython-311el-x86_64-linux-gnu'"),
    ),
    Mutant(
        name="site-packages renamed in the schemes",
        promise="layout",
        expect=r"scheme\.posix_prefix\.purelib",
        change=lambda c: c.swap("sysconfig.py", "/site-packages", "/el-packages"),
    ),
    Mutant(
        name="a module's file removed",
        promise="layout",
        expect=r"-stdlib/colorsys\.py",
        change=lambda c: c.remove("lib/python3.11/colorsys.py"),
    ),
    Mutant(
        name="a header folder moved",
        promise="layout",
        expect=r"-include/cpython",
        change=_moved_headers,
    ),
    Mutant(
        name="site-packages gone",
        promise="layout",
        expect=r"-stdlib/site-packages",
        change=lambda c: c.remove("lib/python3.11/site-packages"),
    ),
]

PYC = [
    Mutant(
        name="magic number changed",
        promise="pyc",
        expect=r"used\.|magic_number",
        change=lambda c: c.at_start(_MAGIC),
    ),
    Mutant(
        name="cache tag changed",
        promise="pyc",
        expect=r"cache_tag",
        change=lambda c: c.at_start(_TAG),
    ),
    Mutant(
        name="every byte code is stale",
        promise="pyc",
        expect=r"used\.",
        change=lambda c: c.at_start(_STALE),
    ),
]

WHEELS = [
    Mutant(
        name="another platform tag",
        promise="wheels",
        expect=r"-tag\.",
        change=lambda c: c.append("sysconfig.py", "get_platform = lambda: 'linux-el64'"),
    ),
    Mutant(
        name="tag order changed by a debug flag",
        promise="wheels",
        expect=r"tag",
        change=lambda c: _append_config(c, "Py_DEBUG", "1"),
    ),
    Mutant(
        name="markers choose other requirements",
        promise="wheels",
        expect=r"pip\.elsample_upto",
        change=_retitled,
    ),
]

API = [
    Mutant(
        name="default argument changed",
        promise="api",
        expect=r"json\.dumps$",
        change=lambda c: c.swap(
            "json/__init__.py", "cls=None, indent=None,", "cls=None, indent=2,"
        ),
    ),
    Mutant(
        name="keyword renamed",
        promise="api",
        expect=r"colorsys\.rgb_to_yiq$",
        change=lambda c: c.swap(
            "colorsys.py",
            "def rgb_to_yiq(r, g, b):",
            "def rgb_to_yiq(red, g, b):\n    r = red",
        ),
    ),
    Mutant(
        name="function removed",
        promise="api",
        expect=r"-shlex\.join",
        change=lambda c: c.append("shlex.py", "del join\n__all__.remove('join')"),
    ),
    Mutant(
        name="class base changed",
        promise="api",
        expect=r"configparser\.NoSectionError",
        change=lambda c: c.swap(
            "configparser.py", "class NoSectionError(Error)", "class NoSectionError(Exception)"
        ),
    ),
    Mutant(
        name="enumerator changed",
        promise="api",
        expect=r"uuid\.SafeUUID\.safe",
        change=lambda c: c.swap("uuid.py", "    safe = 0\n", "    safe = 5\n"),
    ),
    Mutant(
        name="name left out of __all__",
        promise="api",
        expect=r"textwrap\.",
        change=lambda c: c.append("textwrap.py", "__all__.remove('shorten')"),
    ),
    Mutant(
        name="method made private",
        promise="api",
        expect=r"-textwrap\.TextWrapper\.fill",
        change=lambda c: c.append(
            "textwrap.py",
            "TextWrapper._fill = TextWrapper.fill\ndel TextWrapper.fill",
        ),
    ),
    Mutant(
        name="module cannot be imported",
        promise="api",
        expect=r"colorsys",
        change=lambda c: c.append("colorsys.py", "raise ImportError('gone')"),
    ),
]

BEHAVIOUR = [
    Mutant(
        name="exception type changed",
        promise="behaviour",
        expect=r"test_textwrap\.",
        change=lambda c: c.swap(
            "textwrap.py", 'raise ValueError("invalid width', 'raise TypeError("invalid width'
        ),
        tests=("test_textwrap",),
    ),
    Mutant(
        name="escaping changed",
        promise="behaviour",
        expect=r"test_html\.",
        change=lambda c: c.swap("html/__init__.py", "&quot;", "&#34;"),
        tests=("test_html",),
    ),
    Mutant(
        name="interpreter dies in a test",
        promise="behaviour",
        expect=r"test_colorsys\.",
        change=lambda c: c.append(
            "colorsys.py", "def rgb_to_hsv(r, g, b):\n    import os\n    os.abort()"
        ),
        tests=("test_colorsys",),
    ),
]

_NOISE = "import warnings\nwarnings.warn('use another', DeprecationWarning, stacklevel=2)"

WARNINGS = [
    Mutant(
        name="a new DeprecationWarning at import",
        promise="warnings",
        expect=r"import\.colorsys\.DeprecationWarning",
        change=lambda c: c.append("colorsys.py", _NOISE),
    ),
    Mutant(
        name="a new DeprecationWarning at a call",
        promise="warnings",
        expect=r"sample\.text\.DeprecationWarning",
        change=lambda c: c.swap(
            "textwrap.py",
            "    w = TextWrapper(width=width, **kwargs)\n    return w.fill(text)",
            "    import warnings\n    warnings.warn('x', DeprecationWarning)\n"
            "    return TextWrapper(width=width, **kwargs).fill(text)",
        ),
    ),
    Mutant(
        name="a new ResourceWarning at a call",
        promise="warnings",
        expect=r"sample\.network\.ResourceWarning",
        change=lambda c: c.append(
            "html/__init__.py",
            "_escape = escape\ndef escape(s, quote=True):\n    import warnings\n"
            "    warnings.warn('x', ResourceWarning)\n    return _escape(s, quote)",
        ),
    ),
]

IN_PLACE = [
    Mutant(
        name="environments lose their packages",
        promise="in-place",
        expect=r"replaced\.venv",
        change=_renamed_site,
    ),
    Mutant(
        name="environments' byte code is written anew",
        promise="in-place",
        expect=r"replaced\.venv",
        change=lambda c: c.at_start(_MAGIC),
    ),
    Mutant(
        name="environments' extension does not load",
        promise="in-place",
        expect=r"replaced\.venv",
        change=lambda c: c.hide_symbol("PyType_FromSpec"),
    ),
]

ROLL_BACK = [
    Mutant(
        name="pickle default raised",
        promise="roll-back",
        expect=r"format\.pickle\.default_protocol",
        change=lambda c: c.append("pickle.py", "DEFAULT_PROTOCOL = 5"),
    ),
    Mutant(
        name="tar format changed",
        promise="roll-back",
        expect=r"format\.tarfile\.format",
        change=lambda c: c.append("tarfile.py", "DEFAULT_FORMAT = GNU_FORMAT"),
    ),
    Mutant(
        name="zip members need a newer reader",
        promise="roll-back",
        expect=r"format\.zipfile\.member",
        change=lambda c: c.swap("zipfile.py", "DEFAULT_VERSION = 20", "DEFAULT_VERSION = 46"),
    ),
    Mutant(
        name="JSON is written with other separators",
        promise="roll-back",
        expect=r"format\.json\.text",
        change=lambda c: c.swap(
            "json/encoder.py", "item_separator = ', '", "item_separator = ' ,'"
        ),
    ),
]

SPEED = [
    Mutant(
        name="slower start-up",
        promise="speed",
        expect=r"startup",
        change=lambda c: c.at_start("import time\ntime.sleep(0.08)"),
    ),
    Mutant(
        name="more memory",
        promise="speed",
        expect=r"memory",
        change=lambda c: c.at_start("_kept = bytearray(b'x') * 40_000_000"),
    ),
]

MUTANTS = [
    *IDENTITY, *LAYOUT, *PYC, *WHEELS, *API, *BEHAVIOUR, *WARNINGS, *IN_PLACE, *ROLL_BACK, *SPEED,
]  # fmt: skip
