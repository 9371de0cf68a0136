"""One round of the bench of faults: a recorded program, whose processes and writers are killed."""

import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

from rewind.store import open_store
from rewind.writer import WriterSettings, drain, run
from tests.faults.kept import LostError, check
from tests.faults.writers import writers_of

PROGRAM = Path(__file__).with_name("program.py")
ROOT = Path(__file__).parents[2]
_COUNT = struct.Struct("<QQ")
_PATIENCE = 60.0


class Plan(NamedTuple):
    """What a round is to do; `name` says which one it is."""

    name: str
    database: str
    core: str
    kills: int
    """Of recorded processes."""
    writers: int
    """To be killed."""
    longest: float
    """Seconds that a process works before it is killed, at most."""


class Outcome(NamedTuple):
    """What came of it."""

    killed: int
    writers: int
    steps: int
    """That the processes told of."""
    events: int
    """That are stored, all of them as they should be."""


def play(plan: Plan, folder: Path, chance: Random) -> Outcome:
    """Play a round in an empty folder. Raises `LostError` where something is not as it was."""
    with _program(plan, folder) as program:
        writers = Writers(program.recording, plan, chance)
        # The program itself is the last of them.
        for at in range(plan.kills - 1):
            child = program.fork()
            program.work_for(_while(plan, chance))
            if chance.random() * (plan.kills - 1 - at) < writers.left:
                writers.kill()
                program.work_for(_while(plan, chance))
            os.kill(child, signal.SIGKILL)
        program.work_itself()
        program.work_for(_while(plan, chance))
        program.kill()
        writers.end()
    if program.recording.exists():
        message = f"something stays in {program.recording}"  # such as a damaged segment
        raise LostError(message)
    store = open_store(plan.database, upgrade=False)
    try:
        events = check(store, program.recording.name, program.told)
    finally:
        store.close()
    return Outcome(plan.kills, writers.killed, sum(program.told.values()), events)


def _while(plan: Plan, chance: Random) -> float:
    """Return for how long a process works: often so short that it has hardly begun."""
    return chance.uniform(0, plan.longest if chance.random() < 0.7 else plan.longest / 20)


class Program:
    """The recorded program, as the bench has it in hand."""

    def __init__(self, process: subprocess.Popen[bytes], pipes: Mapping[str, int]) -> None:
        self.told: dict[int, int] = {}
        """How many steps each process has told of, by its id."""
        self.recording = Path()
        self._process = process
        self._pipes = pipes
        self._rest = b""

    def fork(self) -> int:
        """Have it fork a child that works; returns the child's id."""
        os.write(self._pipes["commands"], b"fork\n")
        return int(self._answer())

    def _answer(self) -> bytes:
        answer = b""
        while not answer.endswith(b"\n"):
            ready, _, _ = select.select([self._pipes["answers"]], [], [], _PATIENCE)
            more = os.read(self._pipes["answers"], 100) if ready else b""
            if not more:
                message = f"the program does not answer (exit status {self._process.poll()})"
                raise LostError(message)
            answer += more
        return answer

    def work_itself(self) -> None:
        """Have it work itself, from now on."""
        os.write(self._pipes["commands"], b"work\n")

    def work_for(self, seconds: float) -> None:
        """Hear what they tell for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._pipes["counts"]], [], [], left)[0]:
                self._hear()

    def _hear(self) -> None:
        heard = self._rest + os.read(self._pipes["counts"], 1 << 16)
        whole = len(heard) - len(heard) % _COUNT.size
        self.told |= dict(_COUNT.iter_unpack(heard[:whole]))
        self._rest = heard[whole:]

    def kill(self) -> None:
        """Kill it, and hear what it had told by then, and all the others."""
        self._process.kill()
        self._process.wait()
        while select.select([self._pipes["counts"]], [], [], 0)[0]:
            before = dict(self.told), self._rest
            self._hear()
            if before == (self.told, self._rest):
                break


@contextmanager
def _program(plan: Plan, folder: Path) -> Iterator[Program]:
    theirs, ours = {}, {}
    theirs["commands"], ours["commands"] = os.pipe()
    for name in ("answers", "counts"):
        ours[name], theirs[name] = os.pipe()
    command = [sys.executable, "-m", "rewind", "run", "--database", plan.database]
    command += [str(PROGRAM), *(str(theirs[name]) for name in ("commands", "answers", "counts"))]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "REWIND_CORE": plan.core}
    environ |= {"REWIND_SPOOL": str(folder), "REWIND_CACHE": str(folder.parent / "cache")}
    with subprocess.Popen(command, env=environ, pass_fds=tuple(theirs.values())) as process:
        for descriptor in theirs.values():
            os.close(descriptor)
        program = Program(process, ours)
        try:
            child = program.fork()
            (facts,) = folder.glob("*/recording.json")
            program.recording = facts.parent
            os.kill(child, signal.SIGKILL)
            yield program
        finally:
            process.kill()
            for descriptor in ours.values():
                os.close(descriptor)


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > end:
            message = "a writer does not do what it should"
            raise LostError(message)
        time.sleep(0.001)


class Writers:
    """The writers of a recording, one after another. For one thread; `end` waits for the last."""

    def __init__(self, recording: Path, plan: Plan, chance: Random) -> None:
        self.killed = 0
        self._recording = recording
        self._plan = plan
        self._chance = chance
        self._own: int | None = None

    @property
    def left(self) -> int:
        """How many are still to be killed."""
        return self._plan.writers - self.killed

    def kill(self) -> None:
        """Kill the one that is at work, wherever it is, and start another."""
        _wait(lambda: self._is_over() or bool(writers_of(self._recording)))
        for writer in writers_of(self._recording):
            os.kill(writer, signal.SIGKILL)
            self.killed += 1
        _wait(lambda: not writers_of(self._recording))
        self._reap()
        self._start()

    def _is_over(self) -> bool:
        return not self._recording.exists()

    def _start(self) -> None:
        self._own = os.fork()
        if self._own == 0:
            try:
                # As eager as can be: there is much to kill it in the middle of.
                drain._FLUSH_SHARE = 0
                settings = WriterSettings(
                    self._plan.database, flush_interval=0.0, poll_interval=0.001, chunk_events=256
                )
                run(self._recording, settings)
            except BaseException:  # noqa: BLE001 - the last frame of this process
                sys.excepthook(*sys.exc_info())
            finally:
                os._exit(0)

    def _reap(self) -> None:
        if self._own is not None:
            os.waitpid(self._own, 0)
            self._own = None

    def end(self) -> None:
        """Kill those that are still to be killed, and wait until the last one has stored it all."""
        while self.left and self._recording.exists():
            time.sleep(self._chance.uniform(0, 0.05))
            self.kill()
        self._reap()
        _wait(lambda: self._is_over() or self._finished())

    def _finished(self) -> bool:
        # Where another one is at it, this one leaves at once.
        self._start()
        self._reap()
        return self._is_over()
