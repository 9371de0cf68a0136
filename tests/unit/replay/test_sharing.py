"""Which variables several functions write, as a source says it."""

from textwrap import dedent

from rewind.replay.sharing import Shared, shared_names


def names(source: str) -> dict[str, dict[str, Shared]]:
    return {function: dict(found) for function, found in shared_names(dedent(source)).items()}


def test_a_global_is_the_modules_and_its_writers() -> None:
    total = Shared("<module>", frozenset({"<module>", "add", "Till.close"}))
    assert names("""
        total = 0
        other = 1
        def add(x):
            global total
            total += x
        class Till:
            def close(self):
                global total
                del total
        def reads(): return total
        def own(): total = 1
    """) == {"<module>": {"total": total}, "add": {"total": total}, "Till.close": {"total": total}}


def test_a_nonlocal_is_the_nearest_functions_that_has_it() -> None:
    found = names("""
        def outer():
            n = m = 0
            def middle():
                n = 1
                class Kind:
                    n = 2
                    def inner(self):
                        nonlocal n, m
                        n = m = 3
    """)
    inner = "outer.<locals>.middle.<locals>.Kind.inner"
    n = Shared("outer.<locals>.middle", frozenset({"outer.<locals>.middle", inner}))
    m = Shared("outer", frozenset({"outer", inner}))
    assert found == {"outer": {"m": m}, "outer.<locals>.middle": {"n": n}, inner: {"n": n, "m": m}}


def test_what_a_comprehension_binds_is_its_functions() -> None:
    assert names("def f():\n    n = [m := i for i in range(3)]  # nonlocal\n    return m") == {}


def test_a_function_that_is_declared_global_is_named_by_itself() -> None:
    found = names("""
        n = 0
        def f():
            global g, n
            def g():
                global n
                n = 1
    """)
    assert found["g"]["n"].writers == {"<module>", "g"}


def test_a_source_of_another_python_says_nothing() -> None:
    assert names("global x\nprint 'x'") == {}
