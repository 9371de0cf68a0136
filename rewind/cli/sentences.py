"""An event in one line of words, from its JSON object (`docs/json.md`)."""

import json
from collections.abc import Callable, Mapping

from rewind.cli.screen import KIND_STYLES, Piece

Shown = Mapping[str, object]

_ARROW = "\N{RIGHTWARDS ARROW}"


def sentence(event: Shown) -> Piece:
    """Return what the event says, in the colour of its kind."""
    kind = str(event["kind"])
    say = _SENTENCES.get(kind, _plain)
    return Piece(say(event), KIND_STYLES.get(kind, ""))


def _plain(event: Shown) -> str:
    return " ".join(str(event[key]) for key in ("name", "detail", "text") if event[key])


def _call(event: Shown) -> str:
    return f"{event['function']}{event['text']}"


def _return(event: Shown) -> str:
    return f"{event['function']} {_ARROW} {event['text']}"


def _variable(event: Shown) -> str:
    return f"{event['name']} = {event['text']}"


def _attribute(event: Shown) -> str:
    return f"{_owner(event)}.{event['name']} = {event['text']}"


def _item(event: Shown) -> str:
    return f"{event['name'] or _owner(event)}[{_key(event)}] = {event['text']}"


def _mutate(event: Shown) -> str:
    return f"{event['name']}.{event['detail']}: {event['name']} = {event['text']}"


def _delete(event: Shown) -> str:
    if "key" in event:
        return f"del {event['name'] or _owner(event)}[{_key(event)}]"
    if "owner" in event:
        return f"del {_owner(event)}.{event['name']}"
    return f"del {event['name']}"


def _branch(event: Shown) -> str:
    return f"{event['detail']} {event['name']} {_ARROW} {event['text']}"


def _loop(event: Shown) -> str:
    return f"{event['detail'] or 'loop'}: next iteration"


def _value(event: Shown) -> str:
    return f"{event['name']} {_ARROW} {event['text']}"


def _line(event: Shown) -> str:
    return f"line {event['line']}"


def _note(event: Shown) -> str:
    return f"note {event['name']}: {event['text']}"


def _output(event: Shown) -> str:
    return f"{event['name']}: {event['text']}"


def _log(event: Shown) -> str:
    return _told(event, lambda told: f"{told['level']} {told['logger']}: {_shown(told['message'])}")


def _sql(event: Shown) -> str:
    return _told(event, lambda told: _answered(_shown(told["statement"]), told["rows"], told))


def _http(event: Shown) -> str:
    return _told(
        event,
        lambda told: _answered(f"{told['method']} {_shown(told['url'])}", told["status"], told),
    )


def _redis(event: Shown) -> str:
    return _told(
        event, lambda told: _answered(f"{told['command']} {_words(told['arguments'])}", None, told)
    )


def _told(event: Shown, say: Callable[[Shown], str]) -> str:
    """Say what a map tells; where that was not recorded whole, what there is of it."""
    told = _whole(event["value"])
    try:
        return f"{event['kind']} {say(told)}" if isinstance(told, Mapping) else _plain(event)
    except KeyError:
        return f"{event['kind']} {event['text']}"


def _answered(asked: str, answer: object, told: Shown) -> str:
    error = told["error"]
    if error is not None:
        return f"{asked} {_ARROW} {error}"
    return asked if answer is None else f"{asked} {_ARROW} {answer}"


def _words(arguments: object) -> str:
    return " ".join(map(_shown, arguments)) if isinstance(arguments, list) else _shown(arguments)


def _shown(value: object) -> str:
    whole = _whole(value)
    cut = "" if whole is value else "…"
    return f"{' '.join(whole.split()) if isinstance(whole, str) else json.dumps(whole)}{cut}"


def _whole(value: object) -> object:
    """Return a value that was cut as far as it is there."""
    return value["value"] if isinstance(value, Mapping) and "$cut" in value else value


def _exception(event: Shown) -> str:
    leaves = f" leaves {event['function']}" if event["detail"] == "exit" else ""
    return f"{event['text']}{leaves}"


def _handled(event: Shown) -> str:
    name = f" as {event['name']}" if event["name"] else ""
    return f"except{name}: {event['text']}"


def _owner(event: Shown) -> str:
    owner = event.get("owner")
    kind = str(owner["$type"]) if isinstance(owner, Mapping) else "?"
    return f"<{kind.rpartition('.')[2]}>"


def _key(event: Shown) -> str:
    return repr(event["key"])


_SENTENCES: Mapping[str, Callable[[Shown], str]] = {
    "call": _call,
    "return": _return,
    "variable": _variable,
    "attribute": _attribute,
    "item": _item,
    "mutate": _mutate,
    "delete": _delete,
    "branch": _branch,
    "loop": _loop,
    "value": _value,
    "line": _line,
    "note": _note,
    "output": _output,
    "log": _log,
    "sql": _sql,
    "http": _http,
    "redis": _redis,
    "exception": _exception,
    "handled": _handled,
}
