"""What Python refuses, or warns of while it compiles, is told in its own words, and once."""

from pathlib import Path

import pytest

from tests.twice import Programs

WARNED = "x = '\\d'\nprint(1 is 1)\n"
DEEP = "".join(" " * n + f"for i{n} in [1]:\n" for n in range(1, 21)) + " " * 21 + "pass\n"
IMPORTING = """
import warnings
for name in "unparsed", "uncompiled", "deep":
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try: __import__(name)
        except SyntaxError as error: print(error)
    print(name, [(str(each.message), each.lineno) for each in caught])
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try: import strict
    except SyntaxError as error: print(error)
"""


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    folder = tmp_path / "work"
    folder.mkdir()
    return Programs(folder, tmp_path / "spool")


@pytest.mark.parametrize("flags", [(), ("-W", "always"), ("-W", "error")], ids=" ".join)
@pytest.mark.parametrize("end", ["foo bar", "break"])
def test_a_script_that_is_refused_is_warned_of_once(
    programs: Programs, flags: tuple[str, ...], end: str
) -> None:
    programs.write("program.py", WARNED + end)
    plain = programs.plain("program.py", flags=flags)
    assert plain.code == 1
    assert programs.recorded("program.py", flags=flags) == plain


def test_modules_are_warned_of_once_however_often_they_are_compiled(programs: Programs) -> None:
    """Those that are refused, and one in which a function does not compile with probes."""
    programs.write("unparsed.py", f"{WARNED}foo bar\n")
    programs.write("uncompiled.py", f"{WARNED}break\n")
    programs.write("deep.py", f"{WARNED}def f():\n{DEEP}")
    programs.write("strict.py", "x = 1 is 1\n")
    programs.write("program.py", IMPORTING)
    assert programs.same("program.py").code == 0
    told = {one["name"]: one["why"] for one in programs.read().reports}
    assert str(told["strict"]).startswith("Python refuses it: ")


@pytest.mark.parametrize(
    "source", [b"x = 1\n\0\n", b"x = '\xff'\n", b"# coding: nope\nx = 1\n"], ids=repr
)
def test_a_file_that_is_no_source_is_refused_in_the_same_words(
    programs: Programs, source: bytes
) -> None:
    (programs.folder / "program.py").write_bytes(source)
    assert programs.same("program.py").code == 1
