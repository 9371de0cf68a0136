"""`rewind recover`: what a writer left in the spool reaches the database."""

from pathlib import Path

from rewind.writer.folder import locked
from tests.integration.terminal import answers, rewind
from tests.shop import shop


def test_a_recording_without_a_writer_is_stored_and_leaves_the_spool(tmp_path: Path) -> None:
    spooled, ids = shop(tmp_path / ".rewind" / "spool", sessions=2)
    done = rewind(tmp_path, "recover")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{spooled.path.name} is stored: ")
    assert [session["id"] for session in answers(tmp_path, "sessions")] == ids[::-1]
    assert not spooled.path.exists()


def test_a_recording_that_has_a_writer_is_left_to_it(tmp_path: Path) -> None:
    spooled, _ = shop(tmp_path / ".rewind" / "spool", sessions=1)
    with locked(spooled.path):
        done = rewind(tmp_path, "recover")
    assert done.returncode == 1
    assert f"{spooled.path.name} stays: another writer is at it" in done.stderr


def test_a_recording_whose_facts_are_damaged_stays_and_the_others_go_on(tmp_path: Path) -> None:
    spool = tmp_path / ".rewind" / "spool"
    good, _ = shop(spool, sessions=1)
    bad = spool / "0000"
    bad.mkdir()
    (bad / "recording.json").write_text("{")
    done = rewind(tmp_path, "recover")
    assert done.returncode == 1
    assert "0000 stays: " in done.stderr
    assert f"{good.path.name} is stored" in done.stdout


def test_an_empty_spool_is_said_to_be_empty(tmp_path: Path) -> None:
    done = rewind(tmp_path, "recover")
    assert (done.returncode, done.stdout) == (0, f"nothing waits in {tmp_path}/.rewind/spool\n")
