"""Imports what is under test afresh, then runs one of CPython's own test modules.

Started by path in an interpreter of its own: `child.py OUTCOMES TEST_MODULE [MODULE...]`. The
interpreter or Rewind may have loaded a MODULE before anything could give it probes; so each is
imported once more, plain and recorded alike, and before whoever would use the other one. That is
why nothing but `sys` is imported here.
"""

import sys


def _import_afresh(names: list[str]) -> None:
    for loaded in list(sys.modules):
        if any(loaded == name or loaded.startswith(f"{name}.") for name in names):
            del sys.modules[loaded]
    for name in names:
        __import__(name)


if __name__ == "__main__":
    _import_afresh(sys.argv[3:])
    __import__("unittest_outcomes").main(*sys.argv[1:3])
