"""Hypothesis strategies for values of every kind, nested, and for the limits of capturing them.

Secrets stand under telling keys and attributes, credentials in texts; parts are shared, and
containers hold themselves. Test support only.
"""

import collections
import datetime as dt
import decimal
import struct
import uuid
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from rewind.capture import secrets
from rewind.capture.walk import Limits
from rewind.config.redaction import REDACTED_NAMES
from tests import value_zoo as zoo

limits = st.builds(
    Limits,
    max_depth=st.sampled_from([1, 2, 3, 4, 5, 9, 40]),
    max_items=st.sampled_from([1, 2, 3, 10, 50, 1000]),
    max_value_bytes=st.one_of(st.integers(16, 400), st.sampled_from([1000, 5000, 100_000])),
)

_signs = st.sampled_from([1, -1])
integers = st.one_of(
    st.integers(-300, 300),
    st.integers(),
    st.builds(lambda n, d, s: s * (2**n + d), st.integers(0, 80), st.integers(-2, 2), _signs),
    st.builds(lambda n, s: s << n, st.integers(60, 6000), _signs),
)
floats = st.one_of(
    st.floats(),
    st.binary(min_size=8, max_size=8).map(lambda raw: struct.unpack(">d", raw)[0]),
)

# Names

_words = st.sampled_from([*REDACTED_NAMES, "user", "session_id", "pass", "s", "ss", "authenticate"])
_cased = st.sampled_from([str, str.upper, str.title, str.capitalize])
_parts = st.one_of(
    st.builds(lambda word, case: case(word), _words, _cased),
    st.text(max_size=4),
    st.text("aAbB09sS_- .é", max_size=6),
)
names = st.one_of(
    st.builds(
        lambda parts, gap: gap.join(parts), st.lists(_parts, max_size=4), st.text(max_size=1)
    ),
    st.builds(lambda word, pad: "x" * pad + "_" + word, _words, st.integers(240, 260)),
)

# Texts

_characters = st.characters(exclude_categories=())
_credentials = st.from_regex(secrets._CREDENTIALS)
_almost = st.text("eyJ.-BGIN PRVATKSZghpousr_xlivteAz09/:@é\u2028wBc", max_size=60)


def _spliced(text: str, place: int, count: int, patch: str) -> str:
    return text[:place] + patch + text[place + count :]


def _padded(text: str, pad: str, before: int, after: int) -> str:
    return pad * before + text + pad * after


_broken = st.builds(
    _spliced, _credentials, st.integers(0, 40), st.integers(0, 3), st.text(_characters, max_size=2)
)
texts = st.one_of(
    st.text(_characters, max_size=40),
    st.builds(str.__mul__, st.text(_characters, min_size=1, max_size=3), st.integers(0, 2000)),
    _credentials,
    _broken,
    _almost,
    st.builds(
        _padded,
        st.one_of(_broken, _credentials),
        st.sampled_from([" ", "x", "é", "-", "€"]),
        st.integers(0, 1200),
        st.sampled_from([0, 1, 4200]),
    ),
)
octets = st.one_of(st.binary(max_size=300), texts.map(lambda text: text.encode("utf-8", "replace")))

# Values


def _of_zoo(name: str) -> object:
    return zoo.ZOO[name]


scalars: st.SearchStrategy[object] = st.one_of(
    *(st.none(), st.booleans(), integers, floats, texts, octets),
    *(octets.map(bytearray), st.complex_numbers()),
    *(texts.map(zoo.TextChild), octets.map(zoo.BytesChild), integers.map(zoo.IntChild)),
    floats.map(zoo.FloatChild),
    st.sampled_from(list(zoo.ZOO)).map(_of_zoo),
    st.one_of(st.datetimes(), st.datetimes(timezones=st.just(dt.UTC)), st.times(), st.timedeltas()),
    *(st.decimals(), st.uuids(), st.dates(), st.builds(uuid.UUID, int=st.integers(0, 2**128 - 1))),
    st.builds(decimal.Decimal, st.integers()),
)
keys: st.SearchStrategy[Any] = st.one_of(
    names,
    *(names.map(zoo.TextChild), names.map(lambda name: name.encode("latin-1", "replace"))),
    *(integers, floats, texts, octets, st.none(), st.tuples(integers, texts)),
    st.sampled_from([zoo.Word.AUTH, zoo.Colour.RED, zoo.Level.HIGH, frozenset({1})]),
)


def _attributed(kind: type, attributes: dict[str, object]) -> object:
    made: object = object.__new__(kind)
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def _thinned(made: Any, drop: int) -> object:
    for name in list(vars(made))[:drop]:
        delattr(made, name)
    return made


def _closed(items: list[object], wrap: Callable[[object], object]) -> object:
    items.append(wrap(items))
    return items


_attributes = st.one_of(names, st.sampled_from(["a", "password", "c", "_hidden"]))
_slots = st.sampled_from(["a", "password", "c", "d", "token"])
_wrappers: st.SearchStrategy[Callable[[object], object]] = st.sampled_from(
    [lambda one: [one], lambda one: {"k": one}, zoo.Frozen]
)
_hashable = st.one_of(integers, texts, octets, st.none())


def _instances(inside: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    attributes = st.dictionaries(_attributes, inside, max_size=8)
    plain = st.builds(_attributed, st.sampled_from([zoo.Plain, zoo.Child]), attributes)
    return st.one_of(
        plain,
        st.builds(_thinned, plain, st.integers(0, 3)),
        st.builds(
            _attributed, st.just(zoo.SlottedChild), st.dictionaries(_slots, inside, max_size=5)
        ),
        *(st.builds(zoo.Point, inside, inside), st.builds(zoo.Frozen, inside)),
        st.builds(lambda args: zoo.FailureError(*args), st.lists(inside, max_size=4)),
        st.builds(lambda args: KeyError(*args), st.lists(inside, max_size=4)),
    )


def _containers(inside: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    lists = st.lists(inside, max_size=8)
    dicts = st.dictionaries(keys, inside, max_size=8)
    sets = st.sets(_hashable, max_size=8)
    return st.one_of(
        *(lists, lists.map(tuple), lists.map(zoo.ListChild), lists.map(zoo.TupleChild)),
        *(lists.map(collections.deque), lists.map(zoo.DequeChild)),
        *(dicts, dicts.map(zoo.DictChild), dicts.map(collections.OrderedDict)),
        dicts.map(lambda items: collections.defaultdict(list, items)),
        *(sets, sets.map(frozenset), sets.map(zoo.SetChild), sets.map(zoo.FrozenChild)),
        st.builds(zoo.Pair, inside, inside),
        st.builds(lambda one: [one, one, (one,)], inside),
        st.builds(_closed, lists, _wrappers),
        _instances(inside),
    )


values: st.SearchStrategy[object] = st.recursive(scalars, _containers, max_leaves=30)
