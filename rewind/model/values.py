"""Captured values: how a Python object is written, and why a part of one was left out.

A value is msgpack. `None`, booleans, integers of 64 bits, floats, text and bytes are themselves.
Everything else is a **node**: an array whose first element is a `Tag`. Data never needs an array
for itself, so a reader tells the two apart by type alone.
"""

from enum import IntEnum


class Tag(IntEnum):
    """First element of a node; the comment gives the whole array.

    `id` is the object's identity (its address, an unsigned integer), so a reader can tell the
    same object from an equal one; `type` is `module.QualName`; `size` is the true size. Where
    fewer items follow than `size` says, the last element is an `OMITTED` node with the reason.
    """

    LIST = 1  # [LIST, id, size, item...]
    TUPLE = 2  # [TUPLE, id, size, item...]
    SET = 3  # [SET, id, size, item...]
    FROZENSET = 4  # [FROZENSET, id, size, item...]
    DICT = 5  # [DICT, id, size, key, value, key, value...]
    INSTANCE = 6  # [INSTANCE, id, type, size, attribute, value, attribute, value...]
    OPAQUE = 7  # [OPAQUE, id, type]: recorded by type and identity, never looked into
    TEXT = 8  # [TEXT, size, prefix]: text cut to the budget; size in characters
    BYTES = 9  # [BYTES, size, prefix]: bytes cut to the budget
    INTEGER = 10  # [INTEGER, bits, hexadecimal]: beyond 64 bits; text as `hex()` or "" if too long
    COMPLEX = 11  # [COMPLEX, real, imaginary]
    EXCEPTION = 12  # [EXCEPTION, id, type, size, argument...]
    TYPE = 13  # [TYPE, id, type]: a class
    FUNCTION = 14  # [FUNCTION, id, name]: a function, method or builtin
    MODULE = 15  # [MODULE, id, name]
    REDACTED = 16  # [REDACTED, reason, type]
    OMITTED = 17  # [OMITTED, reason]: in place of a value, or closing a container
    SEEN = 18  # [SEEN, id]: a container that this very value is inside of (a cycle)
    SUBCLASS = 19  # [SUBCLASS, type, node]: a subclass of a builtin; node shows its builtin half
    KNOWN = 20  # [KNOWN, id, type, text]: a well-known type, `text` as its repr would say
    BYTEARRAY = 21  # [BYTEARRAY, id, size, prefix]


class Omission(IntEnum):
    """Why a value, or the rest of one, is not there."""

    DEPTH = 1
    """Nested deeper than `max_depth`."""
    ITEMS = 2
    """More items than `max_items`."""
    BYTES = 3
    """The value's `max_value_bytes` were used up."""
    CHANGED = 4
    """Another thread changed the container while it was read."""
    FAULT = 5
    """Rewind failed to read it; the fault is counted."""
    UNBOUND = 6
    """The name was not bound when the probe looked."""
    HIDDEN = 7
    """Only the program's own code could have told it: a property, an unknown container."""
    OFF = 8
    """The source says `# rewind: off`."""


class Redaction(IntEnum):
    """Why a value was withheld."""

    NAME = 1
    """The variable, argument, key or attribute has a name that `redact_fields` covers."""
    PATTERN = 2
    """The text looks like a credential."""
