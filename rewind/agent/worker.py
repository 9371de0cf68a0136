"""A worker of multiprocessing joins the recording of the program under `rewind run`.

A program that was switched on by its environment needs none of this: its children are, too.
"""

import json
import sys
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Final

from rewind.agent.beginning import shadowed
from rewind.agent.wiring import Agent
from rewind.config import Settings
from rewind.errors import RewindError
from rewind.hook import Selection
from rewind.integrations import workers

_BOOTSTRAP: Final = str(Path(__file__).with_name("bootstrap.py"))

# Runs where the package cannot be imported yet, among nobody's names. The worker may be of another
# interpreter or user: what fails here is not to end it.
_SOURCE: Final = """
try:
    bootstrap = {{"__name__": "rewind.agent.bootstrap", "__file__": {bootstrap!r}}}
    with open(bootstrap["__file__"], "rb") as file:
        exec(compile(file.read(), bootstrap["__file__"], "exec"), bootstrap)
    bootstrap["join"]({handed_over!r})
except Exception as error:
    import sys
    sys.stderr.write(f"rewind: not recording: {{error!r}}\\n")
"""


def bring_workers(agent: Agent, folder: Path, settings: Settings, selection: Selection) -> None:
    """Have the workers that this process will start recorded as well, once the agent starts."""
    handed_over: dict[str, object] = {
        "folder": str(folder),
        "settings": settings.to_json(),
        "own": selection.own,
        "roots": selection.roots,
    }
    agent.finder.meet(workers.SPAWN, partial(_meet, agent, handed_over))


def _meet(agent: Agent, handed_over: dict[str, object], spawn: ModuleType) -> None:
    def source() -> str:
        # Where the worker will look first, once it has been told.
        place = sys.path[0] if sys.path else ""
        facts = {**handed_over, "place": place, "origin": agent.core.sessions.origin}
        return _SOURCE.format(bootstrap=_BOOTSTRAP, handed_over=json.dumps(facts))

    workers.patch(spawn, source)


def join(handed_over: str, loaded: frozenset[str]) -> None:
    """Record this process; `loaded` names the modules that were there before any of ours."""
    facts = json.loads(handed_over)
    folder, settings = Path(facts["folder"]), Settings.from_json(facts["settings"])
    if not folder.is_dir():
        # The program has ended, and all of it is stored: a worker that outlives it is on its own.
        return
    selection = Selection(
        settings.include, settings.exclude, tuple(facts["own"]), tuple(facts["roots"])
    )
    try:
        agent = Agent(folder, settings, selection)
        bring_workers(agent, folder, settings, selection)
        agent.core.process_began(facts["origin"])
        agent.start(waits=False)
    except (RewindError, OSError) as error:
        sys.stderr.write(f"rewind: not recording: {error}\n")
        return
    for name in list(shadowed(facts["place"], sys.modules.keys() - loaded)):
        sys.modules.pop(name, None)
