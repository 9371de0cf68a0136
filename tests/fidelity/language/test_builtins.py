"""Probes stand where builtins stand: code that is given other builtins does not find them."""

from pathlib import Path

import pytest

from tests.fidelity.language.conftest import Same
from tests.twice import Programs


def test_code_in_a_namespace_that_names_no_builtins_runs(same: Same) -> None:
    source = """
    import types
    def function():
        x = [1]
        x.append(2)
        return x
    exec(function.__code__, {})
    print(types.FunctionType(function.__code__, {})())
    """
    same(source)


@pytest.mark.parametrize(
    "run",
    [
        "exec(function.__code__, {'__builtins__': {}})",
        "types.FunctionType(function.__code__, {'__builtins__': {'len': len}})()",
        "types.FunctionType(marshal.loads(marshal.dumps(function.__code__)), sandbox)()",
    ],
)
def test_code_with_probes_needs_the_builtins(tmp_path: Path, run: str) -> None:
    """As `docs/differences.md` says; once it is not so, that must say so too."""
    programs = Programs(tmp_path / "work", tmp_path / "spool")
    programs.write(
        "program.py",
        f"""
        import marshal, types
        sandbox = {{"__builtins__": {{}}}}
        def function():
            x = 1
            return x
        try:
            {run}
        except NameError as error:
            print(error)
        """,
    )
    assert programs.plain("program.py").stdout == ""
    assert programs.recorded("program.py").stdout == "name '__rewind.too_deep' is not defined\n"
    assert not programs.read().reports


def test_whoever_asks_each_builtin_for_its_signature_is_told(same: Same) -> None:
    source = """
    import builtins, inspect
    def told(one):
        try: return inspect.signature(one) is not None
        except ValueError: return False
    functions = {name: one for name, one in vars(builtins).items()
                 if callable(one) and not isinstance(one, type)}
    print([name for name, one in functions.items() if not told(one)])
    """
    same(source)


@pytest.mark.parametrize("core", ["auto", "python"])
def test_no_core_meets_the_builtins_that_the_program_replaces(tmp_path: Path, core: str) -> None:
    programs = Programs(tmp_path / "work", tmp_path / "spool", core)
    programs.write(
        "program.py",
        """
        import builtins
        def append(x):
            items = [x]
            items.append({"x": (x,)})
            return items
        kept = {name: getattr(builtins, name) for name in ("len", "isinstance", "type", "min")}
        for name in kept:
            setattr(builtins, name, lambda *values: 4)
        told = append(1)
        vars(builtins).update(kept)
        print(told, append(2))
        """,
    )
    assert programs.recorded("program.py") == programs.plain("program.py")
    assert [one for one in programs.read().reports if one["what"] == "probe-fault"] == []
