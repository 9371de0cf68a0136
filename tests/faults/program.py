"""The program that the bench of faults records, and whose processes it kills.

`rewind run program.py COMMANDS ANSWERS COUNTS`: three pipes by their numbers. Each line of COMMANDS
has it fork a child that works until it is killed; its id goes to ANSWERS. After each step that is
recorded, who works writes its id and how many steps it has done to COUNTS. With the last command,
`work`, the program works itself.
"""

import os
import signal
import struct
import sys

count = struct.Struct("<QQ").pack
tell = os.write


def step(n: int) -> int:
    return n


def work(pipe: int) -> None:
    own = os.getpid()
    n = 0
    while True:
        step(n)
        n += 1
        # A write of so few bytes is whole or not there.
        tell(pipe, count(own, n))


def main(commands: int, answers: int, counts: int) -> None:
    # Its dead children are nobody's to wait for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with os.fdopen(commands) as lines:
        for line in lines:
            if line == "work\n":
                work(counts)
            child = os.fork()
            if child == 0:
                work(counts)
            tell(answers, b"%d\n" % child)


main(*map(int, sys.argv[1:]))
