"""What a package of Fedora is called here."""

from __future__ import annotations

import pytest

from elpython.stacks.names import binary_names, name_of

BOTH = ["python-foo", "python3-foo"]


@pytest.mark.parametrize(
    ("fedora", "more", "source", "rule"),
    [
        ("python-foo", {}, "python-foo", "same"),
        ("python-foo", {"base": ["python-foo"]}, "python3-foo", "in-base"),
        ("python-foo", {"base": ["python-bar"]}, "python-foo", "same"),
        ("python-foo", {"repositories": ["python3-foo"]}, "python3-foo", "repository-python3"),
        ("python3-foo", {}, "python3-foo", "repository-python3"),
        ("python3-foo", {"base": ["python3-foo"]}, "python3-foo-epel", "in-base-as-python3"),
        ("python-foo", {"base": BOTH}, "python3-foo-epel", "in-base-as-python3"),
        ("foo", {}, "foo", "same"),
        ("foo", {"library": False}, "foo", "application"),
        ("certbot", {"library": False, "base": []}, "certbot", "application"),
        ("foo", {"base": ["foo"]}, "python3-foo", "in-base"),
    ],
)  # fmt: skip
def test_rules(fedora: str, more: dict[str, object], source: str, rule: str) -> None:
    naming = name_of(fedora, **{"library": True, **more})  # type: ignore[arg-type]
    assert (naming.source, naming.rule) == (source, rule)
    assert naming.why


@pytest.mark.parametrize(
    "name", ["python-foo", "python3-foo", "foo", "python38-foo", "python3.9-foo"]
)
def test_binary_packages_carry_their_stack(name: str) -> None:
    assert binary_names(name, ["311", "3.13"]) == ("python311-foo", "python3.13-foo")


def test_an_application_has_one_package() -> None:
    assert name_of("app", library=False, pkgversions=["311", "313"]).binaries == ()
