"""What the child interpreter of a forecast does: prepares a program, surveys it, answers."""

import dataclasses  # noqa: F401 - setuptools' finder asks for it late, see below
import inspect  # noqa: F401 - `pkgutil` asks for it late, when a folder of the program may shadow it
import json
import os
import sys
import time
import tokenize  # noqa: F401 - importlib asks for it late, see above
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import IO

from rewind.agent.beginning import selection_for, shadowed, takes_main
from rewind.capture import core_name, why_not_native
from rewind.config import Settings
from rewind.forecast.said import Start
from rewind.forecast.survey import Survey
from rewind.model.instrumentation import NOT, ModuleReport

_EVERY_S = 0.1


def answer(there: frozenset[str], loaded: dict[str, ModuleType]) -> None:
    """Answer what stands on standard input into the pipe that the command line names.

    `there` names the modules that any interpreter starts with, `loaded` holds those that the
    recorded process has when its program begins.
    """
    asked = json.load(sys.stdin)
    del loaded["__main__"]
    # Where the program makes errors of them, the compiler's warnings still say nothing here.
    warnings.simplefilter("ignore")
    with os.fdopen(int(sys.argv[1]), "w") as out:
        rehearsal = Rehearsal(Settings.from_json(asked["settings"]), there, loaded, out)
        out.write(json.dumps(rehearsal.answer(asked["target"])) + "\n")


class Rehearsal:
    """A program's beginning without the program. For the child's one thread."""

    def __init__(
        self,
        settings: Settings,
        there: frozenset[str],
        loaded: Mapping[str, ModuleType],
        out: IO[str],
    ) -> None:
        self._settings = settings
        self._there = there
        self._loaded = loaded
        self._out = out
        self._told = 0.0

    def answer(self, target: Mapping[str, str] | None) -> dict[str, object]:
        """Return the forecast for a target, or for everything that the patterns cover."""
        if target is None:
            survey = self._survey(os.getcwd())
            survey.everything()
            start = None
        elif target["kind"] == "module":
            survey, start = self._module(target["name"])
        elif os.path.isdir(target["name"]) or target["name"].endswith((".zip", ".pyz")):
            survey, start = self._package_path(target["name"])
        else:
            survey, start = self._script(target["name"])
        reports = survey.reports()
        return {
            "start": start,
            "modules": reports,
            "uncovered": [each for each in self._settings.include if not survey.covers(each)],
            "unseen": survey.unseen,
            "core": core_name(self._settings),
            "no_output": why_not_native(),
        }

    def _script(self, name: str) -> tuple[Survey, Start]:
        path = os.path.join(os.getcwd(), name)
        survey = self._survey(os.path.dirname(os.path.realpath(path)))
        try:
            source = Path(path).read_bytes()
        except OSError as error:
            return survey, Start(name, NOT, f"it cannot be read: {error.strerror}", is_asked=True)
        survey.script(source, path, taken=takes_main(survey.selection, path, survey.say))
        return survey, _start(survey, name, "__main__")

    def _module(self, name: str) -> tuple[Survey, Start]:
        survey = self._survey(os.getcwd(), (name.partition(".")[0],))
        survey.finder.loading.runs_as = {name: "__main__", f"{name}.__main__": "__main__"}
        found = survey.search.find(name)
        if found is None:
            return survey, Start(name, NOT, "there is no module of that name", is_asked=True)
        runs = name if found.locations is None else f"{name}.__main__"
        survey.modules([name, runs])
        running = survey.search.find(runs)
        if running is None:
            why = "it is a package without a module __main__: Python cannot run it"
            return survey, Start(name, NOT, why, is_asked=True)
        survey.main_path = running.origin
        return survey, _start(survey, name, runs)

    def _package_path(self, name: str) -> tuple[Survey, Start]:
        survey = self._survey(os.path.join(os.getcwd(), name))
        survey.modules(["__main__"])
        if survey.search.find("__main__") is None:
            return survey, Start(name, NOT, "there is no module __main__ in it", is_asked=True)
        return survey, _start(survey, name, "__main__")

    def _survey(self, place: str, own: tuple[str, ...] = ()) -> Survey:
        selection = selection_for(self._settings, place, own)
        path, gone = list(sys.path), set[str]()
        if not sys.flags.safe_path:
            path.insert(0, place)
            gone = set(shadowed(place, self._loaded.keys() - self._there))
        left = {name: module for name, module in self._loaded.items() if name not in gone}
        return Survey(self._settings, selection, path, left, self._progress)

    def _progress(self, looked_at: int, name: str) -> None:
        if time.monotonic() - self._told >= _EVERY_S:
            self._told = time.monotonic()
            self._out.write(json.dumps({"looked_at": looked_at, "name": name}) + "\n")
            self._out.flush()


def _start(survey: Survey, name: str, runs: str) -> Start:
    """Return what becomes of the module that runs; it is recorded as `__main__`."""
    found: dict[str, ModuleReport] = {each.name: each for each in survey.reports()}
    report = found.get("__main__") or found.get(runs)
    if report is None:
        return Start(name, NOT, "no pattern of include covers it", is_asked=False)
    return Start(name, report.status, report.why, is_asked=True)
