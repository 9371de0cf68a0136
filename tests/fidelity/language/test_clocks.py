"""A program stops the clocks for itself, and the recording goes by the true ones."""

from pathlib import Path

import pytest

from tests.twice import Programs

YEAR_NS = 365 * 24 * 3600 * 10**9


@pytest.mark.parametrize("core", ["native", "python"])
def test_clocks_that_are_stopped_in_all_modules_stop_no_recording(
    tmp_path: Path, core: str
) -> None:
    """As freezegun does it."""
    programs = Programs(tmp_path / "work", tmp_path / "spool", core)
    programs.write(
        "program.py",
        """
        import sys, time
        seconds, nanoseconds = (time.monotonic, time.time), (time.monotonic_ns, time.time_ns)
        clocks = [(one, 1.0) for one in seconds] + [(one, 1) for one in nanoseconds]
        stopped = {id(clock): lambda at=at: at for clock, at in clocks}
        def stop():
            for module in list(sys.modules.values()):
                for name, value in list(vars(module).items()):
                    if id(value) in stopped:
                        setattr(module, name, stopped[id(value)])
        def work():
            x = 1
            return x
        work()
        stop()
        work()
        print(time.time())
        """,
    )
    assert programs.same("program.py").stdout == "1.0\n"
    spool = programs.read()
    assert all(0 <= event.passed < YEAR_NS for event in spool.events)
    [goodbye] = spool.goodbyes
    for clock in ("monotonic_ns", "wall_ns"):
        assert 0 < goodbye[clock] - spool.process[clock] < YEAR_NS
