"""Each lint rule finds what is broken, and leaves alone what is right."""

from __future__ import annotations

import pytest

from elpython.stacks.spec.lint import LINTS, lint

OPEN = "%if 0%{?with_python3_other}\n"
OTHER = "python%{python3_other_pkgversion}-foo"
DEFAULT = "python%{python3_pkgversion}-foo"
GUARDED = f"{OPEN}%py3_other_begin\n%py3_other_install\n%py3_other_end\n%endif"
GOOD = (
    f"Name: python-foo\n%package -n {DEFAULT}\nSummary: s\n%description -n {DEFAULT}\nd\n"
    f"{OPEN}%package -n {OTHER}\nSummary: s\n%description -n {OTHER}\nd\n%endif\n"
    f"%prep\nsed -i '1s|^#!/usr/bin/env python|#!/usr/bin/python%{{python3_version}}|' x\n"
    f"%install\n{GUARDED}\n%py3_install\n%py2_install\n"
    f"%files -n {DEFAULT}\n%{{_bindir}}/foo\n{OPEN}%files -n {OTHER}\n"
    "%{_bindir}/foo-%{python3_other_version}\n%endif\n"
)


def test_a_file_that_follows_the_plan() -> None:
    assert lint(GOOD) == ()


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        (f"%files -n {DEFAULT}", "%files -n python3-foo", "literal-name", 22),
        (f"%files -n {OTHER}\n", "%files -n x\n", "missing-other", 22),
        (f"%package -n {OTHER}", "%package -n x", "missing-other", 2),
        ("%py3_install\n%py2_install\n", "%py2_install\n%py3_install\n", "install-order", 21),
        (f"{GUARDED}\n%py3_install", "%py3_install\n%py3_other_install", "install-order", 16),
        ("%{_bindir}/foo-%{python3_other_version}", "%{_bindir}/foo", "program-owner", 26),
        ("#!/usr/bin/python%{python3_version}|", "#!/usr/bin/python3|", "shebang", 13),
        ("#!/usr/bin/python%{python3_version}|", "#!/usr/bin/env python|", "shebang", 13),
        ("%prep\n", "%prep\necho '#!/usr/bin/python' > x\n", "shebang", 13),
        (f"{OPEN}%files -n {OTHER}", f"%if 1\n%files -n {OTHER}", "unguarded-other", 25),
        ("%prep\n", "%global v %(python3 -c 'sys.version[:3]')\n%prep\n", "cut-version", 12),
        ("%prep\n", "%prep\n# elpython-stack: undecided: which one\n", "undecided", 13),
        ("%prep\n", "%prep\n%py3_other_shebang_fix x\n", "shared-tree", 13),
        ("%py3_other_begin\n", "", "shared-tree", 16),
        ("%install\n", "%install\nmv x %{buildroot}/a/\nmkdir -p %{buildroot}/a\n",
         "order-of-need", 15),
        ("Name: python-foo\n", "Name: python-foo\n%define py3_build x\n", "base-macro", 2),
        ("Name: python-foo\n", "Name: python-foo\nBuildSystem: pyproject\n", "build-system", 2),
        (f"%package -n {DEFAULT}",
         f"%global p {DEFAULT}\n%global p_other {DEFAULT}\n%package -n %{{p}}", "same-name", 4),
    ],
)  # fmt: skip
def test_what_does_not_follow_it_is_found(old: str, new: str, rule: str, line: int) -> None:
    assert old in GOOD
    found = [item for item in lint(GOOD.replace(old, new, 1)) if item.rule == rule]
    assert [item.line for item in found] == [line]
    assert found[0].message


def test_every_rule_has_a_test_and_a_name_in_its_docstring() -> None:
    for check in LINTS:
        assert check.__doc__
        assert check.__doc__.startswith("`")


@pytest.mark.parametrize(
    "line",
    [
        "sed -i '1{/^#!\\/usr\\/bin\\/env python/d}' x",
        "sed -i '1{\\@^#!/usr/bin/env python@d}' x",
        "# write #!/usr/bin/python3 here",
        "echo '#!/usr/bin/python%{python3_version}' > x",
        "echo '#!/bin/sh' > python3",
    ],
)
def test_shebangs_that_are_not_written_or_have_a_version(line: str) -> None:
    assert lint(f"Name: app\n%prep\n{line}\n") == ()


def test_an_application_needs_no_other_package() -> None:
    assert lint("Name: app\n%install\n%py3_install\n%files\n%{python3_sitelib}/app\n") == ()
