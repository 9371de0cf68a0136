"""Lines for people: whole and plain in a pipe, coloured and cut on a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from rewind.cli.screen import Column, Piece, Screen

ROOT = Path(__file__).parents[3]
LINE = """
from rewind.cli.screen import Piece, Screen
Screen().line("before ", Piece("x" * 200, "red"), "after")
Screen().line(Piece("[bold]\\x1b[31m", "green"))
"""


def on_terminal(**environ: str) -> str:
    """Return what a program writes to a terminal of 60 columns."""
    ours, theirs = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, "-c", LINE],
            stdout=theirs,
            check=True,
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "60", **environ},
        )
        return os.read(ours, 65_536).decode()
    finally:
        os.close(theirs)
        os.close(ours)


def test_a_pipe_gets_whole_lines_without_colours(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().line("before ", Piece("x" * 200, "red"), " after  ")
    assert capsys.readouterr().out == f"before {'x' * 200} after\n"


def test_recorded_control_characters_are_inert(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().line("\ttab", "a\x1b[31mb\rc\u202ed")
    assert capsys.readouterr().out == "    taba\\x1b[31mb\\rc\\u202ed\n"


def test_the_columns_of_a_table_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().table(
        (Column("NAME"), Column("SIZE", is_number=True), Column("END")),
        [("a", "1", "x"), ("bcdefg", "10000", "")],
    )
    assert capsys.readouterr().out == (
        "NAME     SIZE  END\n"
        "a           1  x\n"
        "bcdefg  10000\n"
    )  # fmt: skip


def test_a_terminal_gets_colours_and_lines_of_its_width() -> None:
    shown = on_terminal()
    first, second, *_ = shown.splitlines()
    assert "\x1b[31mxxx" in first
    assert "…" in first
    assert "after" not in first
    assert "[bold]\\x1b[31m" in second


def test_no_color_is_honoured() -> None:
    assert "\x1b" not in on_terminal(NO_COLOR="1")


def test_a_dumb_terminal_gets_plain_text() -> None:
    assert "\x1b" not in on_terminal(TERM="dumb")
