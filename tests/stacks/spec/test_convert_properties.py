"""What must hold for any spec file, put together at random from real shapes."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elpython.stacks.spec.change import MARK
from elpython.stacks.spec.convert import convert
from elpython.stacks.spec.lint import lint

PREAMBLE = [
    "BuildRequires: python3-devel",
    "BuildRequires: gcc, python3-setuptools >= 40",
    "Requires: python3-six",
    "%global own %{python3_sitelib}/foo",
    "%if 0%{?fedora}\nBuildRequires: python3dist(pytest)\n%endif",
    "%if 0%{?fedora}\nBuildRequires: python3-a\n%else\nBuildRequires: python3-b\n%endif",
    "# BuildRequires: python3-not",
    "%{?python_enable_dependency_generator}",
    "",
]
PROVIDE = "%{?python_provide:%python_provide python3-foo}\n"
PACKAGES = [
    (
        "%package -n python3-foo\nSummary: foo\nRequires: python3-bar\n"
        f"{PROVIDE}\n%description -n python3-foo\nFoo.\n"
    ),
    (
        "%if %{with x}\n%package -n python3-foo-extra\nSummary: more\n"
        "%description -n python3-foo-extra\nMore.\n%endif\n"
    ),
    "%package doc\nSummary: doc\n%description doc\nDoc.\n",
]
SHELL = [
    "%py3_build",
    "export A=%{python3_version}",
    "for x in a b; do\n  sed -i s/a/b/ $x\ndone",
    "# %py3_build",
    "%if %{with x}\n%{__python3} setup.py extra\n%endif",
    "pushd sub\n%{__python3} -m extra\npopd",
    "%{__python3} setup.py build_sphinx",
    "python3 tool.py \\\n  --flag \\\n  last",
]
INSTALL = [
    "mkdir -p %{buildroot}%{python3_sitelib}",
    "rm -rf %{buildroot}%{python3_sitelib}/tests",
    "mv %{buildroot}%{_bindir}/a %{buildroot}%{_bindir}/foo",
    "install -m 644 x %{buildroot}%{_mandir}/man1",
    "%{?fedora:rm -f %{buildroot}%{own}/x}",
]
FILES = [
    "%doc README",
    "%license LICENSE",
    "%{python3_sitelib}/foo/",
    "%{own}",
    "%{_bindir}/foo",
    "%{_bindir}/foo3",
    "%{_bindir}/bar-%{python3_version}",
    "%{_bindir}/baz*",
    "%{_mandir}/man1/foo.1*",
    "%if %{with x}\n%{python3_sitearch}/x.so\n%endif",
]


def some(pieces: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), max_size=5).map("\n".join)


SPECS = st.builds(
    lambda preamble, packages, build, before, after, files, end: "\n".join(
        [
            "Name: python-foo", "Version: 1", preamble, "%description", "Foo.", "",
            "\n".join(dict.fromkeys(packages)), "%prep", "%setup -q", "%build", build,
            "%install", before, "%py3_install", after, "%check", build, "%files -n python3-foo",
            files, "%changelog", "* python3-foo %py3_build", "",
        ]
    ).replace("\n", end),
    some(PREAMBLE), st.lists(st.sampled_from(PACKAGES), min_size=1, max_size=3),
    some(SHELL), some(INSTALL), some(INSTALL), some(FILES), st.sampled_from(["\n", "\r\n"]),
)  # fmt: skip
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(SPECS)
def test_a_second_conversion_changes_nothing(text: str) -> None:
    once = convert(text)
    assert convert(once.text).text == once.text


@QUICK
@given(SPECS)
def test_no_line_is_lost_and_none_that_is_not_about_python_changes(text: str) -> None:
    conversion = convert(text)
    if conversion.refusals:
        assert conversion.text == text
        return
    ends = {line[-2:] == "\r\n" for line in conversion.text.splitlines(keepends=True)}
    assert len(ends) == 1, "line ends are the file's own"
    result = iter(conversion.text.splitlines())
    for line in text.splitlines():
        if "python3" not in line or line.startswith(("#", "*")):
            assert any(line == other for other in result), f"{line!r} is lost or out of order"


@QUICK
@given(SPECS)
def test_conditions_stay_balanced(text: str) -> None:
    depth = 0
    for line in convert(text).text.splitlines():
        depth += line.startswith("%if")
        depth -= line.startswith("%endif")
        assert depth >= 0
    assert depth == 0


@QUICK
@given(SPECS)
def test_the_result_follows_the_plan(text: str) -> None:
    conversion = convert(text)
    if not conversion.refusals and MARK not in conversion.text:
        assert lint(conversion.text) == ()
