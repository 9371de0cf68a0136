"""What the dashboard asks of a session, at random places, by its own API without the network.

Cold is a dashboard that answered for another session, and has nothing of this one yet (the
operating system keeps the file); warm is one in which the session was opened before. The collector
is set as the dashboard sets it.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import closing
from random import Random

from flask import Flask
from flask.testing import FlaskClient

from rewind.replay.archive import Archive
from rewind.web.api import api_blueprint
from rewind.web.server import collect_rarely
from store.figures import Figure, Sample, figure, timed
from store.recordings import Recorded

OPENING_MS, COLD_MS, WARM_MS, NEAREST_MS = 100, 150, 50, 100
PAGE = 200
BUCKETS = 480
NEAREST = {
    "write of a variable, often": "variable=total&function=step",
    "write of a variable, seldom": "variable=seldom",
    "write of a variable, once": "variable=outset",
    "write of a variable, never": "variable=nothing",
    "time a line ran, seldom": "kind=call&function=stumble",
    "exception": "kind=exception",
}
LINES = {"time a line ran, often": "total = total +", "time a line ran, once": "arrived = len"}


class Asker:
    """A client of the API over one archive, and a source of places in one session."""

    def __init__(self, archive: Archive, session: Recorded, dice: Random) -> None:
        app = Flask("bench")
        app.register_blueprint(api_blueprint(archive))
        self._client: FlaskClient = app.test_client()
        self._path = f"/api/sessions/{session.session}"
        self._events = session.events
        self._dice = dice

    def place(self) -> int:
        """Return the number of some event."""
        return self._dice.randint(1, self._events)

    def ask(self, question: str) -> dict[str, object]:
        """Return the answer to a question about the session."""
        answer = self._client.get(self._path + question)
        assert answer.status_code == 200, answer.text
        found = answer.json
        assert isinstance(found, dict)
        return found

    def jump(self, n: int) -> dict[str, object]:
        """Ask for a moment: stack, variables and the source around it."""
        return self.ask(f"/moment?n={n}")

    def open(self, n: int) -> None:
        """Ask for all that the player shows when it is opened at an event."""
        self.ask("")
        self.ask(f"/timeline?buckets={BUCKETS}")
        source = self.jump(n)["source"]
        assert isinstance(source, dict)
        self.ask(f"/events?from={(n - 1) // PAGE * PAGE + 1}&limit={PAGE}")
        self.ask(f"/source?file={source['file']}")

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield questions for lines of the program, by what their text begins with."""
        source = self.jump(1)["source"]
        assert isinstance(source, dict)
        file = source["file"]
        text = self.ask(f"/source?file={file}")["lines"]
        assert isinstance(text, list)
        for name, beginning in LINES.items():
            (number,) = (n for n, line in enumerate(text, 1) if line.strip().startswith(beginning))
            yield name, f"file={file}&line={number}"


Told = Callable[[str], None]


def asked(
    url: str, session: Recorded, other: Recorded, where: str, samples: int, tell: Told
) -> Iterator[Figure]:
    """Yield the figures of one session, which the table calls `where`; `other` is asked before."""
    collect_rarely()
    dice = Random(session.events)
    fewer = max(10, samples // 4)

    def fresh(work: Callable[[Asker], object]) -> Sample:
        with closing(Archive.open(url)) as archive:
            work(Asker(archive, other, dice))
            # An archive for each sample leaves cycles that no dashboard makes.
            gc.collect()
            asker = Asker(archive, session, dice)
            return timed(lambda: work(asker))

    tell(f"{where}: opening")
    cold = [fresh(lambda asker: asker.open(asker.place())) for _ in range(fewer)]
    yield figure("open a session, cold", where, cold, OPENING_MS)
    tell(f"{where}: jumping")
    cold = [fresh(lambda asker: asker.jump(asker.place())) for _ in range(fewer)]
    yield figure("jump to an event, cold", where, cold, COLD_MS)
    with closing(Archive.open(url)) as archive:
        asker = Asker(archive, session, dice)
        asker.open(1)
        opened = [timed(lambda: asker.open(asker.place())) for _ in range(samples)]
        yield figure("open a session, warm", where, opened, OPENING_MS)
        jumps = [timed(lambda: asker.jump(asker.place())) for _ in range(samples)]
        yield figure("jump to an event, warm", where, jumps, WARM_MS)
        for name, question in [*NEAREST.items(), *asker.lines()]:
            tell(f"{where}: {name}")
            for way in ("next", "previous"):
                found = [
                    timed(lambda: asker.ask(f"/{way}?n={asker.place()}&{question}"))  # noqa: B023
                    for _ in range(fewer)
                ]
                yield figure(f"{way} {name}", where, found, NEAREST_MS)
    first = [
        fresh(lambda asker: asker.ask(f"/next?n={asker.place()}&variable=outset"))
        for _ in range(fewer)
    ]
    yield figure("next write of a variable, none, cold", where, first, NEAREST_MS)
