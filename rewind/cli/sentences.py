"""An event in one line of words, from its JSON object (`docs/json.md`)."""

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
    "exception": _exception,
    "handled": _handled,
}
