import pytest

from rewind.replay.sources import line_text, source_lines


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b"", ()),
        (b"a = 1", ("a = 1",)),
        (b"a = 1\n", ("a = 1",)),
        (b"a\r\nb\rc\n\nd", ("a", "b", "c", "", "d")),
        (b"a = '\x0c \xe2\x80\xa8'\nb", ("a = '\x0c \u2028'", "b")),
        ("# coding: latin-1\na = 'ü'\n".encode("latin-1"), ("# coding: latin-1", "a = 'ü'")),
        (b"\xef\xbb\xbfa = 1\n", ("a = 1",)),
        (b"a = '\xff'\n", ("a = '\ufffd'",)),
        (b"# coding: nonsense\na\n", ("# coding: nonsense", "a")),
    ],
)
def test_lines_are_counted_as_python_counts_them(raw: bytes, lines: tuple[str, ...]) -> None:
    assert source_lines(raw) == lines


def test_a_line_that_is_not_there_is_empty() -> None:
    lines = ("  a = 1", "b")
    assert [line_text(lines, n) for n in (0, 1, 2, 3)] == ["", "a = 1", "b", ""]
