"""The probes' names: what rewritten code calls and a capture core provides.

A name holds a character that no identifier may hold: source cannot spell it, no name of the program
hides it, and since it stands in `builtins` a module's namespace does not show it. A site's number
is not known before its module loads; until then a text that no program holds keeps its place among
the constants. It begins as hidden names do: who lists the builtins mostly leaves those out.
"""

from typing import Final

PREFIX: Final = "__rewind."
SITE_MARK: Final = "\0rewind site\0"
SITE_DIGITS: Final = 8
"""Digits of a site's place in its module, as they follow the mark."""


class _Marks(dict[int, str]):
    """Made when they are asked for, and the same ever after."""

    def __missing__(self, place: int) -> str:
        return self.setdefault(place, f"{SITE_MARK}{place:0{SITE_DIGITS}}")


SITE_MARKS: Final = _Marks()
"""The texts that stand for the sites of a module, by their places. All modules have the same ones,
so that they cost little to make, and are known by what they are and not only by what they say."""
SOON: Final = "_soon"
"""How the name of a probe ends whose event may bear the time of the one before it."""

CALL: Final = "call"
CALL_KEPT: Final = "call_kept"
CALL_RESUMABLE: Final = "call_resumable"
RETURN: Final = "returned"
RETURN_SOON: Final = RETURN + SOON
RETURNING: Final = "returning"
LEFT: Final = "left"
RAISED: Final = "raised"
RAISED_KEPT: Final = "raised_kept"
NOTICED: Final = "noticed"
HANDLED: Final = "handled"
YIELDING: Final = "yielding"
AWAITING: Final = "awaiting"
RESUMED: Final = "resumed"
REENTERED: Final = "reentered"
VARIABLE: Final = "variable"
VARIABLE_SOON: Final = VARIABLE + SOON
VARIABLES: Final = "variables"
"""Of names that one statement binds, the first site of as many in a row."""
VARIABLES_SOON: Final = VARIABLES + SOON
STORE: Final = "store"
ATTRIBUTE: Final = "attribute"
ITEM_OWNER: Final = "item_owner"
ITEM_KEY: Final = "item_key"
ITEM_SLICE: Final = "item_slice"
HOLD: Final = "hold"
HOLD_KEY: Final = "hold_key"
STORED_ATTRIBUTE: Final = "stored_attribute"
STORED_ATTRIBUTE_OF: Final = "stored_attribute_of"
STORED_ATTRIBUTES_OF: Final = "stored_attributes_of"
"""Of attributes that one statement sets, the first site of as many in a row."""
STORED_ITEM: Final = "stored_item"
ATTRIBUTE_OF: Final = "attribute_of"
ITEM_OF: Final = "item_of"
MUTATED: Final = "mutated"
MUTATED_HELD: Final = "mutated_held"
DELETED: Final = "deleted"
DELETED_ATTRIBUTE: Final = "deleted_attribute"
DELETED_ITEM: Final = "deleted_item"
BRANCH: Final = "branch"
BRANCH_SOON: Final = BRANCH + SOON
BRANCH_ROUND: Final = "branch_round"
"""A branch, and the round that it leads to where it holds, which has the next site."""
LOOP: Final = "loop"
LOOP_SOON: Final = LOOP + SOON
ROUND: Final = "round"
ROUND_OF: Final = "round_of"
"""A round that binds several names."""
VALUE: Final = "value"
LINE: Final = "line"
TOO_DEEP: Final = "too_deep"
"""No probe but the class `RecursionError`, under a name that the program cannot give away."""

NAMES: Final = (
    CALL,
    CALL_KEPT,
    CALL_RESUMABLE,
    RETURN,
    RETURN_SOON,
    RETURNING,
    LEFT,
    RAISED,
    RAISED_KEPT,
    NOTICED,
    HANDLED,
    YIELDING,
    AWAITING,
    RESUMED,
    REENTERED,
    VARIABLE,
    VARIABLE_SOON,
    VARIABLES,
    VARIABLES_SOON,
    STORE,
    ATTRIBUTE,
    ITEM_OWNER,
    ITEM_KEY,
    ITEM_SLICE,
    HOLD,
    HOLD_KEY,
    STORED_ATTRIBUTE,
    STORED_ATTRIBUTE_OF,
    STORED_ATTRIBUTES_OF,
    STORED_ITEM,
    ATTRIBUTE_OF,
    ITEM_OF,
    MUTATED,
    MUTATED_HELD,
    DELETED,
    DELETED_ATTRIBUTE,
    DELETED_ITEM,
    BRANCH,
    BRANCH_SOON,
    BRANCH_ROUND,
    LOOP,
    LOOP_SOON,
    ROUND,
    ROUND_OF,
    VALUE,
    LINE,
    TOO_DEEP,
)
"""Every name that a transformed module may use; a capture core provides each of them."""
