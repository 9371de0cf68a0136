"""Tests inside of recorded modules are found and run as they are."""

from tests.fidelity.language.conftest import Same

DOCUMENTED = '''
"""A module with examples.

>>> double(3)
6
>>> [double(n) for n in range(3)]
[0, 2, 4]
"""
def double(n):
    """Double it.

    >>> double("ab")
    'abab'
    >>> double(None)
    Traceback (most recent call last):
      ...
    TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'
    >>> double(1)    # wrong on purpose
    3
    """
    result = n * 2
    return result
class Stack:
    """
    >>> s = Stack()
    >>> s.push(1); s.push(2)
    >>> s.items
    [1, 2]
    """
    def __init__(self): self.items = []
    def push(self, x):
        """>>> Stack().push(1)"""
        self.items.append(x)
    @property
    def top(self):
        """
        >>> Stack().top
        Traceback (most recent call last):
        IndexError: list index out of range
        """
        return self.items[-1]
__test__ = {"extra": ">>> double(5)\\n10"}
'''


def test_examples_in_docstrings_are_found_and_checked(same: Same) -> None:
    source = """
    import doctest, documented
    print(doctest.testmod(documented, verbose=True))
    finder = doctest.DocTestFinder()
    print([(test.name, test.lineno, len(test.examples)) for test in finder.find(documented)])
    """
    assert "failed=1" in same(source, documented=DOCUMENTED).stdout


def test_unittest_finds_runs_and_reports_the_same(same: Same) -> None:
    cases = """
    import unittest
    from unittest import mock
    class Cases(unittest.TestCase):
        @classmethod
        def setUpClass(cls): cls.log = []
        def setUp(self): self.addCleanup(self.log.append, "cleaned")
        def test_passes(self): self.assertEqual(1, 1)
        def test_fails(self):
            for n in range(3):
                with self.subTest(n=n): self.assertNotEqual(n, 1)
        def test_raises(self):
            with self.assertRaisesRegex(KeyError, "x") as caught: {}["x"]
            self.assertEqual(caught.exception.args, ("x",))
            with self.assertWarns(UserWarning):
                import warnings
                warnings.warn("w")
        @unittest.expectedFailure
        def test_expected(self): self.fail("as it should")
        @unittest.skip("skipped")
        def test_skipped(self): pass
        @mock.patch("os.getcwd", return_value="patched")
        def test_mocked(self, getcwd):
            import os
            assert os.getcwd() == "patched", "not patched"
            getcwd.assert_called_once_with()
            thing = mock.MagicMock(spec=Cases)
            thing.method = mock.create_autospec(takes)
            with self.assertRaises(TypeError): thing.method(1)
            assert [1, 2] == [1, 3], "lists"
        def test_error(self):
            [1][
                5
            ]
    def takes(a, b): pass
    class Async(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self): self.x = 1
        async def test_async(self): self.assertEqual(self.x, await value())
    async def value(): return 1
    """
    source = """
    import io, re, sys, unittest, test_cases
    stream = io.StringIO()
    suite = unittest.defaultTestLoader.discover(".")
    result = unittest.TextTestRunner(stream, verbosity=2).run(suite)
    print(re.sub(r"in [0-9.]+s", "", stream.getvalue()))
    print(result, len(result.failures), test_cases.Cases.log)
    """
    same(source, test_cases=cases)


def test_an_assertion_says_the_same(same: Same) -> None:
    source = """
    import traceback
    class Truth:
        asked = 0
        def __bool__(self): Truth.asked += 1; return self.asked > 3
    t = Truth()
    def checks(x):
        assert x, f"{x} is {type(x).__name__}"
        assert x > 1 and (
            x < 5), ("a", "tuple")
        assert not x is None and isinstance(x, int)
        assert t, t.asked
        return x
    for value in (0, 1, 2, 7, "s", 3, 3, 3):
        try: print(checks(value))
        except (AssertionError, TypeError): print(traceback.format_exc())
    print(Truth.asked, __debug__)
    """
    same(source)
    assert "False" in same(source, flags=("-O",)).stdout


def test_a_condition_is_asked_for_its_truth_once(same: Same) -> None:
    source = """
    class Truth:
        def __init__(self, name, *answers): self.name, self.answers = name, list(answers)
        def __bool__(self):
            print(self.name, end=" ")
            return self.answers.pop(0) if self.answers else False
        def __lt__(self, other): print("lt", end=" "); return self
        def __and__(self, other): return self
        def __len__(self): raise AssertionError
    T = lambda name: Truth(name, True)
    F = lambda name: Truth(name, False)
    def work():
        if T("if"): pass
        if F("if"): pass
        elif T("elif"): pass
        w = Truth("while", True, True, False)
        while w: pass
        x = 1 if T("ternary") else 2
        assert T("assert")
        if T("a") and F("b") or T("c"): pass
        if not F("not"): pass
        if not (T("d") and not F("e")): pass
        y = T("value") and F("value") or T("last")
        if 1 and T("constant") and (T("inner") if T("test") else F("never")): pass
        if T("x") < T("y") < F("z"): pass
        z = [n for n in range(2) if T("comprehension")]
        match 1:
            case 1 if F("guard"): pass
            case _ if T("second guard"): pass
        if (v := T("walrus")): pass
        while T("outer") and F("inner"): pass
        else: print("else")
        for _ in range(2):
            if T("loop"): continue
        lambda: 1 if T("never") else 2
        print(any([F("any"), T("any")]), all([T("all"), F("all")]), not T("not"))
        return 1 if F("returned") else T("kept") and 5
    print(work())
    if T("module"): print(1 if F("module") else 2)
    async def co():
        if T("async"): return [n async for n in agen() if T("async comprehension")]
    async def agen():
        while F("agen"): pass
        yield 1
    import asyncio
    print(asyncio.run(co()))
    """
    same(source)
