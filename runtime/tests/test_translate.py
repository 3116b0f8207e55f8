"""The source translation: old spellings compile, everything keeps its place."""

from __future__ import annotations

import ast
import sys
import unicodedata

import pytest

from minpython.source.translate import translate

W = "\uff41"
OLD = (3, 6)

RENAMED = {
    "variable": ("async = 1\n", "@sync = 1\n"),
    "attribute": ("x.async.await\n", "x.@sync.@wait\n"),
    "keyword argument": ("f(async=True, await=1)\n", "f(@sync=True, @wait=1)\n"),
    "function": ("def async(self, await=None): pass\n", "def @sync(self, @wait=None): pass\n"),
    "class": ("class await(async): pass\n", "class @wait(@sync): pass\n"),
    "modules": ("import a.async, await\n", "import a.@sync, @wait\n"),
    "from a module": ("from a.async import b\n", "from a.@sync import b\n"),
    "imported": ("from a import async as await\n", "from a import @sync as @wait\n"),
    "scope": ("def f():\n global async, await\n", "def f():\n global @sync, @wait\n"),
    "decorator": ("@async\ndef f(): pass\n", "@@sync\ndef f(): pass\n"),
    "lambda": ("lambda async, *await: async\n", "lambda @sync, *@wait: @sync\n"),
    "comprehension": ("[async for async in await]\n", "[@sync for @sync in @wait]\n"),
    "element": ("[not async for async in x]\n", "[not @sync for @sync in x]\n"),
    "call outside": ("await(x)\nawait[0]\n", "@wait(x)\n@wait[0]\n"),
    "operators": (
        "await - 1 if await not in x else -await\n",
        "@wait - 1 if @wait not in x else -@wait\n",
    ),
    "end of line": ("x = await\ndel async", "x = @wait\ndel @sync"),
    "continued": ("x = async \\\n + 1\n", "x = @sync \\\n + 1\n"),
    "after async def": (
        "async def f():\n  await (x)\n\n# c\nawait (x)\n",
        "async def f():\n  await (x)\n\n# c\n@wait (x)\n",
    ),
    "nested in class": (
        "class C:\n\tasync def f(self): return await (x)\n\tawait = await(y)\n",
        "class C:\n\tasync def f(self): return await (x)\n\t@wait = @wait(y)\n",
    ),
    "inside async def": (
        "async def f():\n  x.async = y(await=await [z])\n",
        "async def f():\n  x.@sync = y(@wait=await [z])\n",
    ),
    "f-string": ("f'{async}{x.await!r:>{async}}'\n", "f'{@sync}{x.@wait!r:>{@sync}}'\n"),
    "format spec": ("f'{x:{async}.{await}}'\n", "f'{x:{@sync}.{@wait}}'\n"),
    "nested f-string": ("f'{f\"{async}\"}'\n", "f'{f\"{@sync}\"}'\n"),
    "f-string text": ("f'async {async} {{await}}'\n", "f'async {@sync} {{await}}'\n"),
    "raw f-string": ("rf'\\{async}\\d'\n", "rf'\\{@sync}\\d'\n"),
    "named escape": (
        "f'\\N{DASH}{async}'\n".replace("DASH", "EM DASH"),
        "f'\\N{EM DASH}{@sync}'\n",
    ),
    "match is a name": ("match = async\ncase = await\n", "match = @sync\ncase = @wait\n"),
    "form feed": ("\f\nasync = 1\n\fasync = 2\n", "\f\n@sync = 1\n\f@sync = 2\n"),
    "line ends": ("async = 1\r\nawait = 2\rasync", "@sync = 1\r\n@wait = 2\r@sync"),
    "generator comma": ("f(x for x in y,)\n", "f(x for x in y )\n"),
    "bracketed keyword": ("f(1, ((a))=2)\n", "f(1,   a  =2)\n"),
    "last backslash": ("x = 5\\", "x = 5 "),
}

LATER_RULES = {
    "nested quotes": ("f'{f'{async}'}'\n", "f'{f'{@sync}'}'\n"),
    "comment in a field": ("f'''{\nasync # }\n}'''\n", "f'''{\n@sync # }\n}'''\n"),
}

UNCHANGED = {
    "nothing to do": "x = 1\n",
    "strings": "'async'; \"await\"; '''async\nawait'''; b'async'; rb'await'\n",
    "comments": "x = 1  # async = await\n",
    "type comment": "x = []  # type: List[async]\n",
    "async def": "async def f():\n  await x\n  await (x)\n  await [x][0]\n",
    "async with": "async def f():\n  async with a as b: pass\n  async for x in y: pass\n",
    "async generator": "async def f():\n  return [x async for x in y], {await z for z in y}\n",
    "generator of a function": "def f(y): return (x async for x in y)\n",
    "decorated": "@d\nasync def f(): return await (yield_())\n",
    "split header": "async \\\n  def f(a,\nb): return await (a)\n",
    "longer words": "asyncio = awaiting = _async = async_ = 1\n",
    "await of displays": "async def f():\n  await {}\n  await ...\n  return await f'{x}'\n",
    "await in f-string": "async def f(): return f'{await (x)}'\n",
    "lone generator": "f(x for x in y)\ng((x for x in y),)\n(x for x in y)\n",
    "equality": "f((a) == 1)\n(a) = 1\n",
}


@pytest.mark.parametrize("name", RENAMED)
def test_old_spelling(name: str) -> None:
    """Each old spelling becomes its modern form, one character for one, and compiles."""
    before, after = RENAMED[name]
    expected = after.replace("@@", f"@{W}") if "@@" in after else after.replace("@", W)
    made = translate(before, version=OLD)
    assert made.source == expected
    assert made.changed
    compile(made.source, name, "exec")


@pytest.mark.parametrize("name", LATER_RULES)
def test_f_strings_of_pep_701(name: str) -> None:
    """F-strings are read as PEP 701 has them; older Pythons have none that differ."""
    before, after = LATER_RULES[name]
    assert translate(before, version=OLD).source == after.replace("@", W)


@pytest.mark.parametrize("name", UNCHANGED)
def test_unchanged(name: str) -> None:
    """Source that every Python reads alike is given back as the object it was."""
    source = UNCHANGED[name]
    compile(source, name, "exec")
    for given in (source, source.encode()):
        made = translate(given, version=OLD)
        assert made.source is given
        assert not made.changed


@pytest.mark.parametrize("version", [None, (3, 8), (3, 12, 1)])
def test_later_versions_keep_the_words_reserved(version: tuple[int, ...] | None) -> None:
    """From 3.7 on both words are keywords: nothing is renamed."""
    assert not translate("async = 1\n", version=version).changed


def test_versions_of_the_other_rules() -> None:
    """Each rule ends with the last Python that took the spelling."""
    assert not translate("f(x for x in y,)\n", version=(3, 7)).changed
    assert translate("f((a)=1)\n", version=(3, 7)).changed
    assert not translate("f((a)=1)\n", version=(3, 8)).changed


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"\xef\xbb\xbfasync = '\xc3\xa9'\n", f"{W}sync = 'é'\n"),
        (b"# coding: latin-1\nasync = '\xe9'\n", f"# coding: latin-1\n{W}sync = 'é'\n"),
        (
            b"#!x\n# vim: fileencoding=cp1252\nasync='\x80'\n",
            f"#!x\n# vim: fileencoding=cp1252\n{W}sync='€'\n",
        ),
    ],
)
def test_encodings(source: bytes, text: str) -> None:
    """Bytes are read as PEP 263 says and come back as text."""
    made = translate(source, version=OLD)
    assert made.source == text
    compile(made.source, "x", "exec")


@pytest.mark.parametrize(
    "source",
    [
        b"async = '\xe9'\n",
        b"# coding: no-such\nasync = 1\n",
        b"async = 'open\n",
        b"async = f'{open\n",
        b"async = '''open\n",
        b"async = f'{a:{b'\n",
        b"async = f'{a}",
    ],
)
def test_what_cannot_be_read_is_left_to_the_compiler(source: bytes) -> None:
    """Unreadable source is given back as it is, and the compiler says what is wrong."""
    made = translate(source, version=OLD)
    assert made.source is source
    with pytest.raises((SyntaxError, ValueError)):
        compile(made.source, "x", "exec")


def test_null_bytes() -> None:
    """A null byte does not stop the translation; the compiler refuses it as ever."""
    made = translate(b"async = 1\0\n", version=OLD)
    with pytest.raises((SyntaxError, ValueError)):
        compile(made.source, "x", "exec")


def test_huge_line() -> None:
    """A line of a megabyte is translated at its end."""
    made = translate("x = '" + "y" * 1_000_000 + "'; async = 1\n", version=OLD)
    assert isinstance(made.source, str)
    assert made.source.endswith(f"; {W}sync = 1\n")


def test_name_is_the_plain_one() -> None:
    """What the program sees is the plain name, in every place that holds names."""
    space: dict[str, object] = {}
    source = (
        "class async: await = 1\n"
        "def f(async=2, **kw): return async, kw, locals()\n"
        "r = f(async=3, await=async.await)\n"
        "n = f'{async.await}'\n"
    )
    exec(compile(translate(source, version=OLD).source, "x", "exec"), space)
    assert space["r"] == (3, {"await": 1}, {"async": 3, "kw": {"await": 1}})
    assert space["n"] == "1"
    assert "async" in space


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="the parser reads 3.6 up to Python 3.12")
@pytest.mark.parametrize("name", sorted(set(RENAMED) - {"inside async def", "last backslash"}))
def test_tree_is_what_the_parser_of_its_time_gives(name: str) -> None:
    """CPython's own reading of 3.6 source (to be had up to 3.12) and ours are the same tree."""
    source = RENAMED[name][0]
    made = translate(source, version=OLD).source
    try:
        own = ast.dump(ast.parse(source, feature_version=OLD))
    except SyntaxError:
        # The parser of 3.12 reads the fields of f-strings without regard to the version.
        assert name in ("generator comma", "bracketed keyword") or "f'" in source
        return
    assert own == ast.dump(ast.parse(made))


def test_every_character_is_normalised_back() -> None:
    """The widened letter is one that NFKC takes back to the plain one."""
    assert unicodedata.normalize("NFKC", W) == "a"
