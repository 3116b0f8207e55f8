"""Each rule by itself, and all of them on whole files."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from elpython.stacks.spec.change import MARK, Kind, Verdict
from elpython.stacks.spec.convert import RULES, convert
from elpython.stacks.spec.lint import lint
from elpython.stacks.spec.model import apply_edits, read_spec
from stack_samples import SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = (
    "Name: python-foo\n%description\nd\n\n%package -n python3-foo\nSummary: s\n"
    "%description -n python3-foo\nd\n\n"
)
TWIN = LIBRARY.replace("python3-foo", "python%{python3_pkgversion}-foo")
OPEN = "%if 0%{?with_python3_other}\n"


TABLE = tomllib.loads((SAMPLES / "rules.toml").read_text("utf-8"))


def rule(name: str, text: str) -> tuple[str, str | None]:
    """Return what one rule makes of a text, and why it refused."""
    spec = read_spec(text)
    change = dict(RULES)[name](spec)
    if change.refusal is not None:
        return text, change.refusal.reason
    return apply_edits(spec, change.edits).text, None


@pytest.mark.parametrize("row", TABLE["updates"], ids=lambda row: row["rule"])
def test_rule_updates(row: dict[str, str]) -> None:
    name, expected = row["rule"], row["expected"]
    assert rule(name, row["text"]) == (expected, None)
    assert rule(name, expected) == (expected, None), "a second run changes nothing"


@pytest.mark.parametrize("row", TABLE["unchanged"], ids=lambda row: row["rule"])
def test_rule_leaves_alone(row: dict[str, str]) -> None:
    assert rule(row["rule"], row["text"]) == (row["text"], None)


@pytest.mark.parametrize("row", TABLE["refusals"], ids=lambda row: row["rule"])
def test_rule_refuses_with_the_line(row: dict[str, str | int]) -> None:
    conversion = convert(str(row["text"]))
    (answer,) = (answer for answer in conversion.answers if answer.rule == row["rule"])
    assert answer.verdict is Verdict.REFUSED
    assert answer.lines == (row["line"],)
    assert answer.reason
    assert conversion.text == row["text"], "a refused file stays as it was"


def test_main_package_becomes_a_package_of_its_stack() -> None:
    text = (
        "Name: python3-a\nSummary: s\nRequires: b\n%description\nd\n%files\n%{python3_sitelib}/a\n"
    )
    assert rule("main-package", text) == (
        (
            "Name: python3-a\nSummary: s\nRequires: b\n%description\nd\n"
            "\n%package -n python%{python3_pkgversion}-a\nSummary: s\nRequires: b\n"
            "\n%description -n python%{python3_pkgversion}-a\nd\n"
            "%files -n python%{python3_pkgversion}-a\n%{python3_sitelib}/a\n"
        ),
        None,
    )


def test_package_and_description_get_one_block_inside_the_same_condition() -> None:
    text = "Name: python-foo\n%if x\n" + TWIN.split("d\n\n", 1)[1].rstrip() + "\n%endif\n%build\n"
    new, _ = rule("other-packages", text)
    block = new[new.index(OPEN) :]
    assert block.startswith(OPEN + "%package -n python%{python3_other_pkgversion}-foo\n")
    assert block.endswith("d\n%endif\n%endif\n%build\n")
    assert new.count(OPEN) == 1


def test_history_of_the_default_stack_is_not_the_other_ones() -> None:
    text = TWIN.replace(
        "Summary: s\n", "Summary: s\nObsoletes: python3-Foo < 2\nProvides: bundled(x)\n"
    )
    new, _ = rule("other-packages", text)
    assert new.count("Obsoletes:") == 1
    assert new.count("Provides: bundled(x)") == 2


def test_the_whole_install_section_is_repeated_in_a_shell_of_its_own() -> None:
    text = (
        LIBRARY + "%install\nexport A=%{python3_version}\n%py3_install\n"
        "rm %{buildroot}%{python3_sitelib}/x\n"
    )
    new, _ = rule("other-install", text)
    assert new.endswith(
        OPEN + "%py3_other_begin\nexport A=%{python3_other_version}\n%py3_other_install\n"
        "rm %{buildroot}%{python3_other_sitelib}/x\n%py3_other_merge\n%py3_other_end\n%endif\n"
        "export A=%{python3_version}\n%py3_install\nrm %{buildroot}%{python3_sitelib}/x\n"
    )


def test_python_2_with_more_on_its_place_is_marked() -> None:
    text = LIBRARY + "%install\n%py2_install\nmv a b\n%py3_install\n%files\n"
    conversion = convert(text)
    assert MARK in conversion.text
    (left,) = conversion.undecided
    assert (left.rule, left.line) == ("other-install", 11)
    assert convert(conversion.text).text == conversion.text


def test_a_prefix_that_may_be_empty_makes_no_application_of_a_library() -> None:
    """Software collections: a prefix before each name, and shells that a macro opens and closes."""
    name = "%{?scl_prefix}python%{python3_pkgversion}-foo"
    text = (
        f"Name: %{{?scl_prefix}}python-foo\n%description\nd\n%package -n {name}\nSummary: s\n"
        f"%description -n {name}\nd\n%prep\n%setup\n%install\n"
        "%{?scl:scl enable %{scl} - << \\EOF}\nset -ex\n%py3_install\n%{?scl:EOF}\n"
        f"%files -n {name}\n%{{python3_sitelib}}/foo\n"
    )
    conversion = convert(text)
    assert (conversion.kind, conversion.refusals) == (Kind.LIBRARY, ())
    assert "%package -n %{?scl_prefix}python%{python3_other_pkgversion}-foo" in conversion.text
    begin = conversion.text.index("%py3_other_begin")
    assert "%{?scl:EOF}\n%py3_other_merge" in conversion.text[begin:]


def test_pattern_of_programs_is_split_and_excluded() -> None:
    text = (
        TWIN
        + "%install\n%py3_install\n%files -n python%{python3_pkgversion}-foo\n%{_bindir}/foo*\n"
    )
    new = convert(text).text
    assert "%exclude %{_bindir}/foo*%{python3_other_version}\n%endif" in new
    assert "%py3_other_merge %{_bindir}/foo*\n" in new


def test_globs_over_versions_are_split_and_excluded() -> None:
    text = (
        TWIN + "%install\n%py3_install\n%files -n python%{python3_pkgversion}-foo\n"
        "%{_bindir}/foo\n%{_bindir}/foo-3*\n"
    )
    conversion = convert(text)
    assert conversion.undecided == ()
    assert conversion.text.count("%{_bindir}/foo-*%{python3_other_version}\n") == 2
    assert "%exclude %{_bindir}/foo-*%{python3_other_version}\n%endif" in conversion.text


def test_programs_in_braces_are_named_one_by_one() -> None:
    text = (
        TWIN + "%install\n%py3_install\n%files -n python%{python3_pkgversion}-foo\n"
        "%{_bindir}/foo{,-3,-%{python3_version}}\n"
    )
    new = convert(text).text
    assert "%py3_other_merge %{_bindir}/foo-%{python3_other_version}\n" in new
    assert new.rstrip().endswith("-foo\n%{_bindir}/foo-%{python3_other_version}\n%endif")


@pytest.mark.parametrize(
    ("line", "repeated"),
    [
        ("Provides: foo = 1", False),
        ("Obsoletes: foo < 1", False),
        ("Provides: bundled(bar) = 1", True),
        ("Provides: python%{python3_pkgversion}-bar = 1", True),
        ("Conflicts: foo-legacy", True),
    ],
)
def test_what_only_one_package_may_claim(line: str, *, repeated: bool) -> None:
    """Two packages that obsolete the same one would both be brought by an update."""
    new, _ = rule("other-packages", TWIN.replace("Summary: s\n", f"Summary: s\n{line}\n"))
    other = new[new.index("%package -n python%{python3_other_pkgversion}") :]
    assert (line.replace("python3_pkg", "python3_other_pkg") in other) is repeated


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("pytest -q", "%{__python3_other} -m pytest -q"),
        ("%{__python3} -m pytest -q", "%{__python3_other} -m pytest -q"),
        ("A=1 %{python3} -m pytest || :", "A=1 %{__python3_other} -m pytest || :"),
        ("xvfb-run pytest-3 t", "xvfb-run %{__python3_other} -m pytest t"),
    ],
)
def test_pytest_is_run_by_the_other_stack(command: str, expected: str) -> None:
    new, _ = rule("other-check", LIBRARY + f"%install\n%py3_install\n%check\n{command}\n")
    assert f"%py3_other_begin\n{expected}\n" in new


@pytest.mark.parametrize(
    "command",
    ["rm -rf %{buildroot}", "%{__rm} -rf %{buildroot}", 'rm -fr "$RPM_BUILD_ROOT"',
     "rm -rf ${RPM_BUILD_ROOT}/ || :"],
)  # fmt: skip
def test_a_build_root_is_emptied_before_the_other_stack_installs(command: str) -> None:
    new, _ = rule("other-install", LIBRARY + f"%install\n{command}\n%py3_install\n")
    install = new[new.index("%install") :]
    assert install.index(command) < install.index("%py3_other_merge")
    assert command not in install[install.index("%py3_other_end") :]


def test_a_folder_below_the_build_root_is_removed_where_it_stood() -> None:
    text = LIBRARY + "%install\n%py3_install\nrm -rf %{buildroot}%{_datadir}\n"
    new, _ = rule("other-install", text)
    assert new.endswith("%py3_install\nrm -rf %{buildroot}%{_datadir}\n")


def test_folders_are_made_even_for_documentation() -> None:
    """A command further down may need them."""
    line = "mkdir -p %{buildroot}%{_mandir}/man1 %{buildroot}%{_sysconfdir}"
    text = LIBRARY + f"%install\n%py3_install\n{line}\ncp a.1 %{{buildroot}}%{{_mandir}}/man1/\n"
    new, _ = rule("other-install", text)
    assert new.count(line) == 2
    assert new.count("cp a.1") == 1


@pytest.mark.parametrize("guard", ["%{!?python3_pkgversion:", "%{?!python3_pkgversion:"])
def test_a_fallback_pins_no_stack(guard: str) -> None:
    text = f"{guard} %global python3_pkgversion 3}}\n" + TWIN + "%install\n%py3_install\n"
    conversion = convert(text + "%files -n python%{python3_pkgversion}-foo\n")
    assert (conversion.kind, conversion.refusals) == (Kind.LIBRARY, ())
    assert lint(conversion.text) == ()


def test_a_file_for_both_stacks_with_a_fallback_is_a_library() -> None:
    both = convert(TWIN + "%files -n python%{python3_pkgversion}-foo\n%{python3_sitelib}/foo\n")
    text = "%{!?python3_pkgversion: %global python3_pkgversion 3}\n" + both.text
    assert convert(text).kind is Kind.LIBRARY


def test_documents_in_the_build_root_stay_with_one_package() -> None:
    text = (
        LIBRARY + "%install\n%py3_install\n%files -n python%{python3_pkgversion}-foo\n"
        "%doc README %{_docdir}/foo/a\n%doc %{_docdir}/foo/b\n"
    )
    new = convert(text).text
    assert new.rstrip().endswith("-foo\n%doc README\n%endif")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("%py3_shebang_fix examples", "README %{py3_other_docs}/examples"),
        ("sed -i '1s|.*|#!%{__python3}|' examples/*.py", "README %{py3_other_docs}/examples"),
        ("find . -name '*.py' | xargs sed -i '1s|.*|#!%{__python3}|'",
         "README %{py3_other_docs}/examples"),
        ("sed -i '1d' examples/*.py", "README examples"),
        ("%py3_shebang_fix tool", "README examples"),
    ],
)  # fmt: skip
def test_documents_rewritten_for_a_stack_come_from_its_tree(command: str, words: str) -> None:
    text = (
        LIBRARY + f"%prep\n%setup -q\n{command}\n%install\n%py3_install\n"
        "%files -n python%{python3_pkgversion}-foo\n%doc README examples\n"
    )
    assert convert(text).text.rstrip().endswith(f"-foo\n%doc {words}\n%endif")


SCRIPTLETS = (
    LIBRARY + "%install\n%py3_install\n"
    "%post -n python%{python3_pkgversion}-foo\n%{__python3} -m foo.cache\n"
    "%postun -n python%{python3_pkgversion}-foo -p %{__python3}\nprint(1)\n"
    "%pre -n python%{python3_pkgversion}-foo\ngetent passwd foo\n"
    "%preun -n python%{python3_pkgversion}-foo\n"
    "alternatives --remove foo %{_bindir}/foo-%{python3_version}\n"
)


def test_scriptlets_that_name_the_stack_are_repeated() -> None:
    """Not what is done once for a machine, and not `alternatives`: that name is the default's."""
    new, _ = rule("other-scriptlets", SCRIPTLETS)
    other = "-n python%{python3_other_pkgversion}-foo"
    assert OPEN + f"%post {other}\n%{{__python3_other}} -m foo.cache\n%endif\n" in new
    assert OPEN + f"%postun {other} -p %{{__python3_other}}\nprint(1)\n%endif\n" in new
    assert f"%pre {other}" not in new
    assert f"%preun {other}" not in new
    assert rule("other-scriptlets", new) == (new, None)


def samples() -> list[Path]:
    return sorted(SAMPLES.glob("*/*.spec"))


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.stem)
def test_whole_samples(path: Path) -> None:
    """Converted once, lint finds nothing; converted twice, nothing changes; the log stays."""
    text = path.read_text()
    conversion = convert(text)
    assert conversion.refusals == ()
    assert conversion.undecided == ()
    assert lint(conversion.text) == ()
    again = convert(conversion.text)
    assert again.text == conversion.text
    assert all(answer.verdict is Verdict.NOT_NEEDED for answer in again.answers)
    assert conversion.text.partition("%changelog")[2] == text.partition("%changelog")[2]
    if conversion.kind is Kind.LIBRARY:
        kept = [line for line in conversion.text.splitlines() if "other" not in line]
        assert [line for line in kept if line.startswith("#")] == [
            line for line in text.splitlines() if line.startswith("#")
        ]


# These two are rewritten on purpose: the main package moves, a written shebang changes.
REWRITTEN = {"python3-mainlib", "noteclock"}
KEPT = [path for path in samples() if path.stem not in REWRITTEN]


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_without_the_other_stack_the_file_means_the_same(path: Path) -> None:
    """Blocks for the other stack taken out, and names put back, the file is what it was."""
    new = convert(path.read_text()).text
    bare = re.sub(r"%if 0%\{\?with_python3_other\}\n.*?%endif\n", "", new, flags=re.DOTALL)
    back = bare.replace("python%{python3_pkgversion}", "python3")
    back = back.replace("python%{python3_version}dist", "python3dist")
    squeeze = re.compile(r"\n+")
    assert squeeze.sub("\n", back).strip() == squeeze.sub("\n", path.read_text()).strip()
