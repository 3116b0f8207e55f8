"""What came and went in ``unittest``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    from minpython.engine.patch import Patch

METHOD_WRAPPER_TYPES = (type(object().__str__),)
BASE_EXCEPTIONS = (BaseException,)
MOCK_VERSION = "1.0"

_ALIASES = {
    "assertAlmostEquals": "assertAlmostEqual",
    "assertEquals": "assertEqual",
    "assertNotAlmostEquals": "assertNotAlmostEqual",
    "assertNotEquals": "assertNotEqual",
    "assertNotRegexpMatches": "assertNotRegex",
    "assertRaisesRegexp": "assertRaisesRegex",
    "assertRegexpMatches": "assertRegex",
    "assert_": "assertTrue",
    "failIf": "assertFalse",
    "failIfAlmostEqual": "assertNotAlmostEqual",
    "failIfEqual": "assertNotEqual",
    "failUnless": "assertTrue",
    "failUnlessAlmostEqual": "assertAlmostEqual",
    "failUnlessEqual": "assertEqual",
    "failUnlessRaises": "assertRaises",
}


def unittest_aliases(patch: Patch, module: ModuleType) -> None:
    """Each calls the method of today by name, so that overriding that one works."""

    def alias(new: str) -> Callable[..., Any]:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            return getattr(self, new)(*args, **kwargs)

        method.__doc__ = f"Do what `{new}` does."
        return method

    for old, new in _ALIASES.items():
        made = alias(new)
        made.__name__ = old
        made.__qualname__ = f"TestCase.{old}"
        patch.attribute(module.TestCase, old, made)
    patch.attribute(module.TestCase, "assertDictContainsSubset", _assert_dict_contains_subset)


def _assert_dict_contains_subset(self: Any, subset: Any, dictionary: Any, msg: Any = None) -> None:
    """Fail unless ``dictionary`` has all items of ``subset``."""
    missing = [key for key in subset if key not in dictionary]
    wrong = [
        f"{key!r}, expected: {value!r}, actual: {dictionary[key]!r}"
        for key, value in subset.items()
        if key in dictionary and dictionary[key] != value
    ]
    if missing or wrong:
        parts = ["Missing: " + ",".join(map(repr, missing))] if missing else []
        parts += ["Mismatched values: " + ",".join(wrong)] if wrong else []
        self.fail(self._formatMessage(msg, "; ".join(parts)))


def unittest_use_load_tests(patch: Patch, module: ModuleType) -> None:
    """Taken by position too."""

    def make(original: Any) -> Any:
        def load(self: Any, module: Any, *args: Any, pattern: Any = None, **kwargs: Any) -> Any:
            kwargs.pop("use_load_tests", None)
            return original(self, module, pattern=pattern, **kwargs)

        return load

    patch.replace(module.TestLoader, "loadTestsFromModule", make)


def unittest_namespace_discovery(patch: Patch, module: ModuleType) -> None:
    """A dotted name without a folder of its own is looked up among the namespace packages."""

    def make(original: Any) -> Any:
        def discover(
            self: Any, start_dir: str, pattern: str = "test*.py", top_level_dir: Any = None
        ) -> Any:
            import importlib.util
            import os

            folders = []
            if not os.path.isdir(start_dir) and start_dir.replace(".", "").isidentifier():
                spec = importlib.util.find_spec(start_dir)
                if spec is not None and spec.origin is None and spec.submodule_search_locations:
                    folders = list(spec.submodule_search_locations)
            if not folders:
                return original(self, start_dir, pattern, top_level_dir)
            return self.suiteClass(_tests_of_namespace(self, start_dir, folders, pattern))

        return discover

    patch.replace(module.TestLoader, "discover", make)


def _tests_of_namespace(loader: Any, name: str, folders: list[str], pattern: str) -> list[Any]:
    """Return the tests in all folders of a namespace package, named from the package on."""
    import os
    import sys

    found: list[Any] = []
    for folder in folders:
        top = os.path.normpath(os.path.join(folder, *[os.pardir] * len(name.split("."))))
        if top not in sys.path:
            sys.path.insert(0, top)
        loader._top_level_dir = top
        # A package that loads its tests itself isn't asked for an __init__.py.
        loader._loading_packages.add(name)
        found += loader._find_tests(folder, pattern)
        loader._loading_packages.discard(name)
    return found


def _loader(prefix: str, sort_using: Any, suite_class: Any = None) -> Any:
    import unittest

    loader = unittest.TestLoader()
    loader.testMethodPrefix = prefix
    loader.sortTestMethodsUsing = sort_using
    if suite_class:
        loader.suiteClass = suite_class
    return loader


def _compare(first: Any, second: Any) -> int:
    return (first > second) - (first < second)  # type: ignore[no-any-return]


def getTestCaseNames(  # noqa: N802
    testCaseClass: type,  # noqa: N803
    prefix: str,
    sortUsing: Any = _compare,  # noqa: N803
    testNamePatterns: Any = None,  # noqa: N803
) -> Any:
    """Return the sorted names of the test methods of a class."""
    loader = _loader(prefix, sortUsing)
    loader.testNamePatterns = testNamePatterns
    return loader.getTestCaseNames(testCaseClass)


def makeSuite(  # noqa: N802
    testCaseClass: type,  # noqa: N803
    prefix: str = "test",
    sortUsing: Any = _compare,  # noqa: N803
    suiteClass: Any = None,  # noqa: N803
) -> Any:
    """Return a suite of the tests of a class."""
    return _loader(prefix, sortUsing, suiteClass).loadTestsFromTestCase(testCaseClass)


def findTestCases(  # noqa: N802
    module: Any,
    prefix: str = "test",
    sortUsing: Any = _compare,  # noqa: N803
    suiteClass: Any = None,  # noqa: N803
) -> Any:
    """Return a suite of the tests of a module."""
    return _loader(prefix, sortUsing, suiteClass).loadTestsFromModule(module)


def unittest_usageexit(patch: Patch, module: ModuleType) -> None:
    """On the class, which has the module's name in ``unittest``."""
    patch.attribute(module.TestProgram, "usageExit", _usage_exit)


def _usage_exit(self: Any, msg: Any = None) -> None:
    """Print a message and the usage, and end with status 2."""
    import sys

    if msg:
        print(msg)  # noqa: T201
    if self._discovery_parser is None:
        self._initArgParsers()
    self._print_help()
    sys.exit(2)


def unittest_outcome_errors(patch: Patch, module: ModuleType) -> None:
    """The lists, the methods that read them, and the old parameter."""
    from minpython.restorers.impl import outcome as _outcome

    patch.replace(module._Outcome, "__init__", _outcome.init)
    patch.replace(module._Outcome, "testPartExecutor", _outcome.test_part_executor)
    patch.attribute(module.TestCase, "_feedErrorsToResult", _outcome.feed)
    patch.attribute(module.TestCase, "_addSkip", _outcome.add_skip)


def unittest_mock_helpers(patch: Patch, module: ModuleType) -> None:
    """Written anew."""

    def importer(target: str) -> Any:
        """Return what a dotted name stands for, importing what has to be."""
        import pkgutil

        return pkgutil.resolve_name(target)

    def is_started(patcher: Any) -> bool:
        """Return whether a patcher has patched."""
        return bool(getattr(patcher, "is_started", False)) or hasattr(patcher, "is_local")

    def make(original: Any) -> Any:
        def exit_(self: Any, *details: Any) -> Any:
            return original(self, *(details or (None, None, None)))

        return exit_

    patch.replace(module._patch, "__exit__", make)
    patch.lazy(module, "_importer", lambda: importer)
    patch.lazy(module, "_is_started", lambda: is_started)
