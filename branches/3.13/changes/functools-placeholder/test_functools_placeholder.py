"""Tests of gaps among the arguments of partial() and partialmethod()."""

import copy
import functools
import inspect
import operator
import pickle
import sys
import unittest
import warnings
from test.support import import_helper
from test.support.script_helper import assert_python_ok

py_functools = import_helper.import_fresh_module('functools', blocked=['_functools'])
c_functools = import_helper.import_fresh_module('functools', fresh=['_functools'])

MISSING = "missing positional arguments in '%s' call; expected at least %d, got %d"


def setUpModule():
    unittest.enterModuleContext(warnings.catch_warnings())
    warnings.simplefilter('ignore', FutureWarning)


def capture(*args, **keywords):
    return args, keywords


def python_sum(a, b, c=0, /):
    return a, b, c


class Gaps:
    def setUp(self):
        self.partial = self.module.partial
        self.gap = self.module.Placeholder

    def test_calls(self):
        gap = self.gap
        table = [
            ((gap, 1), {}, (0,), {}, (0, 1), {}),
            ((gap, 1), {}, (0, 2), {}, (0, 1, 2), {}),
            ((gap, 1, gap, 3), {}, (0, 2), {}, (0, 1, 2, 3), {}),
            ((gap, gap, 2), {}, (0, 1), {}, (0, 1, 2), {}),
            ((0, gap, 2), {}, (1,), {'x': 5}, (0, 1, 2), {'x': 5}),
            ((0, gap, 2), {'y': 6}, (1,), {'x': 5}, (0, 1, 2), {'y': 6, 'x': 5}),
            ((gap, 1), {'y': 6}, (0, 2), {'y': 7}, (0, 1, 2), {'y': 7}),
            ((gap, *range(1, 20)), {}, (0, *range(20, 40)), {'x': 1}, tuple(range(40)), {'x': 1}),
        ]
        for args, keywords, given, more, found, all_keywords in table:
            with self.subTest(args=args, given=given):
                made = self.partial(capture, *args, **keywords)
                for call in (made, made.__call__, lambda *a, **k: made.__call__(*a, **k)):
                    self.assertEqual(call(*given, **more), (found, all_keywords))

    def test_call_without_vectorcall(self):
        class Callee:
            def __call__(self, *args, **keywords):
                return args, keywords
        made = self.partial(Callee(), self.gap, 1)
        self.assertEqual(made(0, 2, x=3), ((0, 1, 2), {'x': 3}))
        self.assertEqual(self.partial(python_sum, self.gap, 1)(0), (0, 1, 0))
        self.assertEqual(self.partial(divmod, self.gap, 7)(23), (3, 2))
        self.assertEqual([*map(self.partial(int, self.gap, 16), ['a', 'ff'])], [10, 255])

    def test_gaps_that_stay_open(self):
        gap = self.gap
        for args, keywords, given in [((gap, 1), {}, 0), ((gap, gap, 1), {}, 1),
                                      ((gap, 0, gap, 1), {'x': 1}, 1)]:
            made = self.partial(capture, *args, **keywords)
            message = MISSING % ('partial', sum(arg is gap for arg in args), given)
            for call in made, made.__call__:
                with self.assertRaises(TypeError) as caught:
                    call(*range(given))
                self.assertEqual(str(caught.exception), message)
        with self.assertRaises(TypeError):
            self.partial(capture, gap, 1)(a=1)

    def test_places_that_say_nothing(self):
        gap = self.gap
        for args in ((gap,), (1, gap), (gap, gap), (gap, 1, gap)):
            with self.assertRaisesRegex(TypeError, 'trailing Placeholders are not allowed'):
                self.partial(capture, *args)
        with self.assertRaisesRegex(TypeError, 'cannot be passed as a keyword argument'):
            self.partial(capture, a=gap)
        with self.assertRaisesRegex(TypeError, 'cannot be passed as a keyword argument'):
            self.partial(capture, gap, 1, a=gap)
        with self.assertRaises(TypeError):
            self.partial(gap)

    def test_partial_of_partial(self):
        gap = self.gap
        inner = self.partial(capture, gap, 1, gap, 3, x=1)
        table = [
            ((), (gap, 1, gap, 3)),
            ((0,), (0, 1, gap, 3)),
            ((0, 2), (0, 1, 2, 3)),
            ((0, 2, 4), (0, 1, 2, 3, 4)),
            ((gap, 2), (gap, 1, 2, 3)),
            ((gap, gap, 4), (gap, 1, gap, 3, 4)),
            ((0, 2, gap, 5), (0, 1, 2, 3, gap, 5)),
        ]
        for given, args in table:
            outer = self.partial(inner, *given, y=2)
            self.assertIs(outer.func, capture)
            self.assertEqual(outer.args, args)
            self.assertEqual(outer.keywords, {'x': 1, 'y': 2})
            filling = range(100, 100 + args.count(gap))
            fill = iter(filling)
            expected = tuple(next(fill) if arg is gap else arg for arg in args)
            self.assertEqual(outer(*filling), (expected, {'x': 1, 'y': 2}))
        without = self.partial(self.partial(capture, 1), gap, 3)
        self.assertEqual(without(2), ((1, 2, 3), {}))

    def test_subclasses(self):
        class Sub(self.partial):
            pass

        class Louder(self.partial):
            def __call__(self, *args, **keywords):
                return 'louder', super().__call__(*args, **keywords)

        self.assertEqual(Sub(capture, self.gap, 1)(0), ((0, 1), {}))
        self.assertEqual(Louder(capture, self.gap, 1)(0), ('louder', ((0, 1), {})))
        with self.assertRaises(TypeError):
            Louder(capture, self.gap, 1)()

    def test_state(self):
        made = self.partial(capture, 1)
        made.__setstate__((capture, (self.gap, 2), {}, {}))
        self.assertEqual(made(1), ((1, 2), {}))
        made.__setstate__((capture, (7,), {}, {}))
        self.assertEqual(made(1), ((7, 1), {}))
        with self.assertRaisesRegex(TypeError, 'trailing Placeholders'):
            made.__setstate__((capture, (1, self.gap), {}, {}))
        self.assertEqual(made(1), ((7, 1), {}))

    def test_repr(self):
        self.assertEqual(repr(self.gap), 'Placeholder')
        made = self.partial(len, self.gap, 1)
        self.assertIn('Placeholder, 1)', repr(made))

    def test_singleton(self):
        kind = type(self.gap)
        self.assertIs(kind(), self.gap)
        self.assertIs(copy.copy(self.gap), self.gap)
        self.assertIs(copy.deepcopy(self.gap), self.gap)
        self.assertIn('Placeholder', self.module.__all__)
        for wrong in (lambda: kind(1), lambda: kind(a=1), lambda: type('Sub', (kind,), {})):
            self.assertRaises(TypeError, wrong)
        with self.assertRaises(AttributeError):
            self.gap.attribute = 1

    def test_partialmethod(self):
        gap, partialmethod = self.gap, self.module.partialmethod

        class Owner:
            def method(self, *args, **keywords):
                return args, keywords

            both = partialmethod(method, gap, 1)
            more = partialmethod(both, gap, 2, x=3)
            shut = partialmethod(both, 0)
            plain = partialmethod(method, 1)
            of_class = partialmethod(classmethod(capture), gap, 1)
            of_static = partialmethod(staticmethod(capture), gap, 1)

        owner = Owner()
        self.assertEqual(owner.both(0), ((0, 1), {}))
        self.assertEqual(Owner.both(owner, 0), ((0, 1), {}))
        self.assertEqual(owner.more(0, 9), ((0, 1, 2, 9), {'x': 3}))
        self.assertEqual(owner.shut(2), ((0, 1, 2), {}))
        self.assertEqual(owner.plain(2), ((1, 2), {}))
        self.assertEqual(owner.of_class(0), ((Owner, 0, 1), {}))
        self.assertEqual(Owner.of_static(0), ((0, 1), {}))
        with self.assertRaises(TypeError) as caught:
            Owner.both(owner)
        self.assertEqual(str(caught.exception), MISSING % ('partialmethod', 1, 0))
        with self.assertRaisesRegex(TypeError, 'trailing Placeholders'):
            partialmethod(Owner.method, gap)
        with self.assertRaisesRegex(TypeError, 'keyword argument'):
            partialmethod(Owner.method, a=gap)


class PyGaps(Gaps, unittest.TestCase):
    module = py_functools


@unittest.skipUnless(c_functools, 'requires the C _functools module')
class CGaps(Gaps, unittest.TestCase):
    module = c_functools

    def test_size_is_what_it_was(self):
        # What was built against the base may know it.
        word = sys.getsizeof([1]) - sys.getsizeof([])
        self.assertEqual(self.partial.__basicsize__ - object.__basicsize__, 6 * word)


class Whole(unittest.TestCase):
    """With the module that programs import."""

    def test_pickle(self):
        gap = functools.Placeholder
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            self.assertIs(pickle.loads(pickle.dumps(gap, protocol)), gap)
            self.assertIs(pickle.loads(pickle.dumps(type(gap), protocol)), type(gap))
            made = functools.partial(operator.sub, gap, 3)
            again = pickle.loads(pickle.dumps(made, protocol))
            self.assertIs(type(again), functools.partial)
            self.assertEqual(again(10), 7)

    def test_signature(self):
        gap = functools.Placeholder

        def function(a, b, c=3, *, d=4):
            pass

        table = [
            ((gap, 1), {}, '(a, /, c=3, *, d=4)'),
            ((gap, gap, 3), {}, '(a, b, /, *, d=4)'),
            ((gap, 1), {'d': 5}, '(a, /, *, d=5)'.replace('*', 'c=3, *')),
            ((0, gap, 1), {}, '(b, /, *, d=4)'),
        ]
        for args, keywords, text in table:
            made = functools.partial(function, *args, **keywords)
            self.assertEqual(str(inspect.signature(made)), text)

        class Owner:
            def method(self, a, b, c=3):
                pass
            made = functools.partialmethod(method, gap, 2)

        self.assertEqual(str(inspect.signature(Owner.made)), '(self, a, /, c=3)')
        self.assertEqual(str(inspect.signature(Owner().made)), '(a, /, c=3)')

    def test_nothing_is_said_without_a_gap(self):
        code = """if 1:
            import functools, sys
            functools.Placeholder
            functools.partial(int, base=2)('10')
            assert '_elpython.features' not in sys.modules
            """
        assert_python_ok('-W', 'error', '-c', code)

    def test_it_is_told_where_it_is_used(self):
        code = """if 1:
            import functools, warnings
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter('always')
                for _time in range(2):
                    %s
            if __import__('_elpython.features').features.warns():
                [one] = told
                assert one.category.__name__ == 'ProvisionalFeatureWarning', one
                assert str(one.message).startswith('functools.Placeholder '), one
                assert one.filename == '<string>', one
            else:
                assert not told
            """
        for use in ('functools.partial(int, functools.Placeholder, 2)',
                    'functools.partialmethod(int, functools.Placeholder, 2)'):
            assert_python_ok('-c', code % use)


if __name__ == '__main__':
    unittest.main()
