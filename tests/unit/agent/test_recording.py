"""The facts of a recording, written before the program starts."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from rewind.agent.recording import git_commit, make_recording
from rewind.config import Settings
from rewind.errors import SpoolError
from rewind.spool.process import start_ticks

FIELDS = {
    *("id", "name", "argv", "cwd", "python", "implementation", "platform", "host", "service"),
    *("git_commit", "settings", "started_ns", "launcher", "tags", "database"),
}


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "first")
    return folder


def test_the_folder_holds_the_facts_and_is_ours_alone(tmp_path: Path) -> None:
    settings = Settings(spool=tmp_path / "spool", name="nightly", max_events_per_session=5)
    folder = make_recording(settings, ["app.py", "--token", "hunter2"])
    facts = json.loads((folder / "recording.json").read_text())
    assert set(facts) == FIELDS
    assert facts["id"] == folder.name
    assert facts["name"] == "nightly"
    assert facts["argv"] == ["app.py", "--token", "[redacted]"]
    assert facts["settings"]["max_events_per_session"] == 5
    assert facts["launcher"] == {"pid": os.getpid(), "start_ticks": start_ticks(os.getpid())}
    assert folder.stat().st_mode & 0o077 == 0
    assert list(folder.iterdir()) == [folder / "recording.json"]


def test_the_address_of_the_database_is_not_on_the_disk(tmp_path: Path) -> None:
    settings = Settings(spool=tmp_path, database="postgresql://me:hunter2@db/rewind")
    folder = make_recording(settings, ["app.py"])
    assert "hunter2" not in (folder / "recording.json").read_text()


def test_git_is_told_to_ignore_the_spool(tmp_path: Path) -> None:
    make_recording(Settings(spool=tmp_path / "spool"), [])
    assert (tmp_path / "spool/.gitignore").read_text() == "*\n"


def test_a_spool_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SpoolError, match="cannot be written: File exists"):
        make_recording(Settings(spool=tmp_path / "file"), [])


def test_the_commit_of_a_repository_is_found_from_below(repository: Path) -> None:
    below = repository / "a" / "b"
    below.mkdir(parents=True)
    assert git_commit(below) == git(repository, "rev-parse", "HEAD")


def test_the_commit_of_packed_references_is_found(repository: Path) -> None:
    git(repository, "pack-refs", "--all")
    assert git_commit(repository) == git(repository, "rev-parse", "HEAD")


def test_the_commit_of_a_detached_head_is_found(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "--detach")
    assert git_commit(repository) == git(repository, "rev-parse", "HEAD")


def test_the_commit_of_a_worktree_is_found(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "tree"))
    git(tmp_path / "tree", "commit", "--quiet", "--allow-empty", "--message", "second")
    assert git_commit(tmp_path / "tree") == git(tmp_path / "tree", "rev-parse", "HEAD")


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert git_commit(tmp_path) is None


def test_outside_a_repository_there_is_none(tmp_path: Path) -> None:
    assert git_commit(tmp_path) is None
