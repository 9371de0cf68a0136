"""What is logged, and warnings that are shown, as events at their moment.

`Logger.callHandlers` is where a record has passed its logger's level and filters, once whatever
handlers it goes to then. It is told after these: where one of them has formatted the message, the
record holds it. Where none has, it is put together here if that runs none of the program's code,
and objects stand in it by their types.
"""

import re
import sys
from typing import Any, Final

from rewind import sessions
from rewind.integrations.beside import Beside, put_beside
from rewind.model.events import LOG

_PLAIN: Final = (str, int, float, bool, type(None))
_LONGEST: Final = 1 << 16
_WIDE: Final = re.compile(r"%[^a-zA-Z%]*(?:\*|\d{4})")
"""What makes a long text of a short one."""
_name_of: Final = type.__dict__["__name__"].__get__
_qualname_of: Final = type.__dict__["__qualname__"].__get__
_arguments_of: Final = BaseException.__dict__["args"].__get__


def meet_logging(module: Any) -> str | None:  # noqa: ANN401 - the module
    """Tell of records from now on; returns why that cannot be."""
    logger = getattr(module, "Logger", None)
    return put_beside(logger, "callHandlers", Beside(_emits, _emitted, _emitted))


def meet_warnings(module: Any) -> str | None:  # noqa: ANN401 - the module
    """Tell of warnings that are shown from now on; returns why that cannot be."""
    return put_beside(module, "_showwarnmsg_impl", Beside(_shows, _shown, _shown))


def _emits(_: object, record: object) -> object:
    return record if sessions.is_recorded() else None


def _emitted(record: Any, _: object) -> None:  # noqa: ANN401 - a record, as far as known
    found = vars(record)
    message = found.get("message")
    if message is None:
        message = _message(found.get("msg"), found.get("args"))
    _tell(found.get("levelname"), found.get("name"), message)


def _message(text: object, arguments: object) -> object:
    """Return what a handler would have made of it; `text` itself where that is not sure."""
    if type(text) is not str or not arguments or _WIDE.search(text):
        return text
    try:
        if type(arguments) is dict:
            found = arguments.items()
            named = {name: _plain(value) for name, value in found if type(name) is str}
            return (text % named)[:_LONGEST]
        if type(arguments) is tuple:
            return (text % tuple(map(_plain, arguments)))[:_LONGEST]
    except (KeyError, TypeError, ValueError, OverflowError):
        return text
    return text


def _plain(value: object) -> object:
    return value if type(value) in _PLAIN else f"<{str.__str__(_qualname_of(type(value)))}>"


def _shows(message: Any) -> object:  # noqa: ANN401 - a `WarningMessage`
    # Without a stream nobody sees it.
    seen = message.file is not None or sys.stderr is not None
    return message if seen and sessions.is_recorded() else None


def _shown(message: Any, _: object) -> None:  # noqa: ANN401 - a `WarningMessage`
    arguments = _arguments_of(message.message)
    text = arguments[0] if len(arguments) == 1 and type(arguments[0]) is str else ""
    _tell("WARNING", "warnings", f"{_name_of(message.category)}: {text}")


def _tell(level: object, logger: object, message: object) -> None:
    sessions.say(LOG, {"level": level, "logger": logger, "message": message})
