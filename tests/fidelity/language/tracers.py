"""Programs that watch a module run, by `sys.settrace`."""

STEPS = "seen.append((frame.f_code.co_name, event, frame.f_lineno))"
"""Every event of a tracer, and where it was."""


def traced(module: str, see: str = STEPS) -> str:
    """Return a program that does `see` at each event in a module's frames, and prints all of it."""
    return f"""
    import sys, {module}
    seen = []
    trace = lambda frame, event, argument: (
        ({see}, trace)[1] if frame.f_code.co_filename == {module}.__file__ else None)
    sys.settrace(trace)
    {module}.everything()
    sys.settrace(None)
    for one in seen: print(*one)
    """
