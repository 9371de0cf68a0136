"""The child interpreter of a forecast: starts as the recorded process does, and runs no program.

Started by path, with the number of a pipe to answer into; what it is asked stands on its standard
input. Lines of JSON go out: `{"looked": n, "name": ...}` on the way, the answer last.
"""

import sys


def _package() -> None:
    """Import `rewind` from where this file lies, whatever else carries that name."""
    home = __file__.rpartition("/rewind/forecast/")[0]
    if sys.flags.safe_path:
        sys.path.insert(0, home)
    else:
        sys.path[0] = home
    import rewind  # noqa: F401

    del sys.path[0]


if __name__ == "__main__":
    there = frozenset(sys.modules)
    _package()
    # All that the recorded process has loaded when its program begins, and nothing else yet.
    import rewind.agent.program  # noqa: F401
    from rewind.hook import Selection

    Selection()
    loaded = dict(sys.modules)
    from rewind.forecast.answer import answer

    answer(there, loaded)
