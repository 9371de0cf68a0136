"""The recording's folder and its facts, written before the program starts (`docs/format.md`)."""

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rewind.capture import core_name
from rewind.config import SecretNames, Settings, database_digest, redacted_argv
from rewind.errors import SpoolError
from rewind.model.clock import time_ns
from rewind.model.identity import new_id
from rewind.spool.process import start_ticks

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?\Z")
_GIT_SECONDS = 2.0
_PRIVATE = 0o700


def make_recording(settings: Settings, argv: list[str]) -> Path:
    """Make the folder of a new recording and return it.

    Raises `SpoolError` if that cannot be, `ConfigError` if the core asked for is not there.
    """
    core_name(settings)
    make_spool(settings.spool)
    recording = new_id()
    folder = settings.spool / recording
    facts = {"id": recording, **_facts(settings, argv)}
    with _refusing(settings.spool):
        folder.mkdir(mode=_PRIVATE)
        _write(folder / "recording.json", json.dumps(facts, indent=1))
    return folder


def make_spool(spool: Path) -> None:
    """Make the spool's folder, out of the user's repository; raises `SpoolError`."""
    with _refusing(spool):
        spool.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        ignore = spool / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")


@contextmanager
def _refusing(spool: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"the spool {spool} cannot be written: {error.strerror or error}"
        raise SpoolError(message) from None


def _facts(settings: Settings, argv: list[str]) -> dict[str, object]:
    cwd = Path.cwd()
    return {
        "name": settings.name,
        "argv": redacted_argv(argv, SecretNames(settings.redacted_names)),
        "cwd": str(cwd),
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "platform": platform.platform(),
        "host": platform.node(),
        "service": settings.service,
        "git_commit": git_commit(cwd),
        "settings": {
            "compression": settings.compression,
            "keep": list(settings.keep),
            "max_sessions": settings.max_sessions,
            "max_age": settings.max_age,
            "max_bytes": settings.max_bytes,
            "keep_longer": list(settings.keep_longer),
            "max_events_per_session": settings.max_events_per_session,
            "overflow": settings.overflow,
        },
        "started_ns": time_ns(),
        # The process that becomes the program: its life is the recording's, as far as it goes.
        # Which one it is, and not where: the address may hold a password.
        "database": database_digest(settings.database),
        "launcher": {"pid": os.getpid(), "start_ticks": start_ticks(os.getpid())},
        "tags": {},
    }


def _write(path: Path, text: str) -> None:
    # The writer may look at any moment: it finds the whole file or none.
    hidden = path.with_suffix(".new")
    hidden.write_text(text, "utf-8")
    hidden.rename(path)


def git_commit(folder: Path) -> str | None:
    """Return the commit that is checked out around `folder`, or None.

    Reads the files of a plain repository; a worktree or another kind of reference is git's to
    resolve.
    """
    for parent in (folder, *folder.parents):
        git = parent / ".git"
        if git.is_dir():
            return _commit_in(git) or _commit_by_git(folder)
        if git.exists():
            return _commit_by_git(folder)
    return None


def _commit_in(git: Path) -> str | None:
    try:
        head = (git / "HEAD").read_text().strip()
        if head.startswith("ref: "):
            head = (git / head.removeprefix("ref: ")).read_text().strip()
    except (OSError, ValueError):
        return None
    return head if _COMMIT.match(head) else None


def _commit_by_git(folder: Path) -> str | None:
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - the user's own git
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    commit = answer.stdout.strip()
    return commit if _COMMIT.match(commit) else None
