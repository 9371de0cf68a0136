"""What is logged is an event, once, with the message that the program's handlers have made."""

import io
import logging
import logging.handlers
import queue
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rewind.integrations import logs
from tests import instrumented
from tests.outgoing import listened, told


@pytest.fixture(autouse=True, params=instrumented.CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core that records what the test records."""
    monkeypatch.setattr(instrumented, "default_core", request.param)


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """A logger that nobody listens to but the test."""
    found = logging.Logger("shop")  # noqa: LOG001 - not known to the other tests
    yield found
    found.handlers.clear()


class Item:
    """Tells of each time that it is made a text."""

    def __init__(self) -> None:
        self.asked = 0

    def __str__(self) -> str:
        self.asked += 1
        return f"item {self.asked}"


def messages(logged: list[dict[str, Any]]) -> list[Any]:
    return [one["message"] for one in logged]


def test_a_record_is_told_of_as_its_handler_has_formatted_it(
    tmp_path: Path, logger: logging.Logger
) -> None:
    stream, item = io.StringIO(), Item()
    logger.addHandler(logging.StreamHandler(stream))
    with listened(tmp_path) as (running, calls, _):
        calls(logger.warning, "%s costs %d", item, 3)
        calls(logger.error, "no arguments: %s")
        spool = running.read()
    assert told(spool, "log") == [
        {"level": "WARNING", "logger": "shop", "message": "item 1 costs 3"},
        {"level": "ERROR", "logger": "shop", "message": "no arguments: %s"},
    ]
    assert stream.getvalue() == "item 1 costs 3\nno arguments: %s\n"
    assert item.asked == 1
    (first, second) = spool.of("log")
    assert (first.payload[1], second.payload[1]) == (3, 3)
    kinds = [event.kind for event in spool.events if event.session == first.session]
    assert kinds == ["call", "log", "return"]


def test_what_is_not_emitted_is_not_told(tmp_path: Path, logger: logging.Logger) -> None:
    logger.setLevel(logging.WARNING)
    logger.addFilter(lambda record: "no" not in record.msg)
    with listened(tmp_path) as (running, calls, _):
        calls(logger.info, "below")
        calls(logger.warning, "filtered: no")
        calls(logger.warning, "seen")
        logger.disabled = True
        calls(logger.warning, "off")
        logger.warning("outside of a session")
        assert messages(told(running.read(), "log")) == ["seen"]


def test_a_record_of_many_handlers_and_parents_is_one(tmp_path: Path) -> None:
    parent, child = (logging.Logger(name) for name in ("a", "a.b"))  # noqa: LOG001
    child.parent = parent
    item = Item()
    for logger in (parent, child, child):
        logger.addHandler(logging.StreamHandler(io.StringIO()))
    with listened(tmp_path) as (running, calls, _):
        calls(child.warning, "of %s", item)
        logged = told(running.read(), "log")
    assert [(one["logger"], one["message"]) for one in logged] == [("a.b", f"of item {item.asked}")]


def test_without_a_handler_that_formats_nothing_of_the_program_runs(
    tmp_path: Path, logger: logging.Logger
) -> None:
    logger.addHandler(logging.NullHandler())
    item = Item()
    with listened(tmp_path) as (running, calls, _):
        calls(logger.warning, "%s, %r and %d%%", item, "text", 5)
        calls(logger.warning, "%(a)s %(b)s", {"a": item, "b": 1.5})
        calls(logger.warning, "%d", item)
        calls(logger.warning, "%d %d", 1)
        calls(logger.warning, "%999999999d", 1)
        calls(logger.warning, item)
        logged = messages(told(running.read(), "log"))
    assert item.asked == 0
    assert logged[:-1] == [
        "<Item>, 'text' and 5%",
        "<Item> 1.5",
        "%d",
        "%d %d",
        "%999999999d",
    ]
    assert "Item" in repr(logged[-1])


def test_the_type_of_an_argument_is_asked_for_nothing(
    tmp_path: Path, logger: logging.Logger
) -> None:
    asked: list[str] = []

    class Kind(type):
        def __getattribute__(cls, name: str) -> Any:
            asked.append(name)
            return super().__getattribute__(name)

    class Argument(metaclass=Kind):
        pass

    logger.addHandler(logging.NullHandler())
    with listened(tmp_path) as (running, calls, _):
        argument = Argument()
        asked.clear()
        calls(logger.warning, "%s", argument)
        assert asked == []
        (logged,) = messages(told(running.read(), "log"))
    assert logged.endswith(".Argument>")


def test_a_message_that_cannot_be_formatted_fails_as_it_does(
    tmp_path: Path, logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    logger.addHandler(logging.StreamHandler(io.StringIO()))
    namespace: dict[str, Any] = {"logger": logger}
    source = "def says():\n    logger.warning('%d', 'x')\n"
    exec(compile(source, "says.py", "exec"), namespace)
    namespace["says"]()
    plain = capsys.readouterr().err
    with listened(tmp_path) as (running, calls, _):
        calls(namespace["says"])
        seen = capsys.readouterr().err
        assert messages(told(running.read(), "log")) == ["%d"]
    assert plain.startswith("--- Logging error ---")
    # The recorded caller is one frame more than the test has by itself.
    assert "rewind" not in seen.replace("tests/", "").split("Call stack:")[0]
    assert seen.split("Call stack:")[0] == plain.split("Call stack:")[0]


def test_a_handler_that_raises_is_told_of_and_its_error_goes_on(
    tmp_path: Path, logger: logging.Logger
) -> None:
    class Raises(logging.Handler):
        def handle(self, record: logging.LogRecord) -> bool:
            raise LookupError(record.msg)

    logger.addHandler(Raises())
    with listened(tmp_path) as (running, calls, _):
        with pytest.raises(LookupError) as failed:
            calls(logger.warning, "fails")
        assert messages(told(running.read(), "log")) == ["fails"]
    files = [Path(entry.path).name for entry in failed.traceback]
    assert "beside.py" not in files
    assert "logs.py" not in files


def test_a_queue_takes_and_hands_on_the_same_record(tmp_path: Path, logger: logging.Logger) -> None:
    waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    logger.addHandler(logging.handlers.QueueHandler(waiting))
    item = Item()
    with listened(tmp_path) as (running, calls, _):
        calls(logger.warning, "queued %s", item)
        assert messages(told(running.read(), "log")) == ["queued item 1"]
    assert waiting.get().message == "queued item 1"


def test_secrets_are_withheld_as_elsewhere(tmp_path: Path, logger: logging.Logger) -> None:
    secret = "ghp_" + "a1B2" * 9
    logger.addHandler(logging.StreamHandler(io.StringIO()))
    with listened(tmp_path) as (running, calls, _):
        calls(logger.warning, "token %s", secret)
        spool = running.read()
    assert len(told(spool, "log")) == 1
    assert secret.encode() not in b"".join(
        path.read_bytes() for path in (tmp_path / "spool").iterdir() if path.is_file()
    )


def test_frames_are_those_of_logging_alone(tmp_path: Path, logger: logging.Logger) -> None:
    """As those who take logging's records further look for who has logged."""
    found: list[str] = []

    class Looks(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002
            frame = sys._getframe(1)
            while frame.f_code.co_filename == logging.__file__:
                assert frame.f_back is not None
                frame = frame.f_back
            found.append(frame.f_code.co_name)

    def logs_it() -> None:
        logger.warning("x")

    logger.addHandler(Looks())
    with listened(tmp_path) as (_, calls, __):
        calls(logs_it)
    assert found == ["logs_it"]


def test_logs_false_leaves_it_out(tmp_path: Path, logger: logging.Logger) -> None:
    with listened(tmp_path, logs=False) as (running, calls, _):
        calls(logger.warning, "x")
        assert told(running.read(), "log") == []


def test_a_warning_that_is_shown_is_told(tmp_path: Path) -> None:
    """By a module of its own, as pytest takes all warnings of this process."""
    import importlib.util

    spec = importlib.util.find_spec("warnings")
    assert spec is not None
    assert spec.loader is not None
    own: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(own)
    stream = io.StringIO()

    class Odd(UserWarning):
        def __str__(self) -> str:
            return "odd"

    with listened(tmp_path) as (running, calls, _):
        assert logs.meet_warnings(own) is None
        shown = own.WarningMessage(UserWarning("old way"), UserWarning, "shop.py", 3, stream)
        calls(own._showwarnmsg_impl, shown)
        shown = own.WarningMessage(Odd(1, 2), Odd, "shop.py", 4, stream)
        calls(own._showwarnmsg_impl, shown)
        logged = told(running.read(), "log")
    assert stream.getvalue() == "shop.py:3: UserWarning: old way\nshop.py:4: Odd: odd\n"
    assert logged == [
        {"level": "WARNING", "logger": "warnings", "message": "UserWarning: old way"},
        {"level": "WARNING", "logger": "warnings", "message": "Odd: "},
    ]
