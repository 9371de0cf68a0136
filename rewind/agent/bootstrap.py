"""The first file of ours that is read: under `rewind run`, and in workers that the program starts.

Started by path, so that nothing of Rewind has to be importable in the program's environment. The
program finds `__main__`, `sys.argv` and `sys.path` as plain Python would have made them.
"""

import sys


def _package() -> None:
    """Import `rewind` from where this file lies, whatever else carries that name."""
    from importlib.util import module_from_spec, spec_from_file_location

    folder = __file__.rpartition("/agent/")[0]
    spec = spec_from_file_location(
        "rewind", f"{folder}/__init__.py", submodule_search_locations=[folder]
    )
    assert spec is not None
    assert spec.loader is not None
    sys.modules["rewind"] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules["rewind"])


def join(handed_over: str) -> None:
    """Record this process, a worker of multiprocessing, from now on (`rewind.agent.worker`)."""
    # The folder in which the program was started: as below.
    first = sys.path[:1] if not sys.flags.safe_path else []
    del sys.path[: len(first)]
    there = frozenset(sys.modules)
    try:
        _package()
        from rewind.own_builtins import own_builtins

        with own_builtins():
            from rewind.agent.worker import join as join_recording

        join_recording(handed_over, there)
    finally:
        sys.path[:0] = first


def _say_interrupted(*_: object) -> None:
    sys.stderr.write("rewind: interrupted before the program began\n")


if __name__ == "__main__":
    # Python put this file's folder here; a module of the program may have the name of one of ours.
    if not sys.flags.safe_path:
        del sys.path[0]
    there = frozenset(sys.modules)
    try:
        _package()
        from rewind.own_builtins import own_builtins

        with own_builtins():
            from rewind.agent.program import prepare

        program = prepare(there)
    except KeyboardInterrupt:
        # None of the program's frames is there to be shown. The interpreter ends by the signal.
        sys.excepthook = _say_interrupted
        raise
    # Here and in no function: each frame of ours would lie below all of the program's.
    try:
        program.start(*program.arguments)
    except BaseException as error:
        program.failed(error)
        raise
    program.finished()
