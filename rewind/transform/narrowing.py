"""Finds the functions of a module that cannot bear probes, so that only these stay plain.

CPython refuses more than twenty nested blocks, and trees that are too deep for it or for us; probes
add to both. This happens to hardly any module, so it may cost a few transforms.
"""

from collections.abc import Callable, Mapping, Sequence

from rewind.transform.functions import Key


def narrowed(
    keys: Sequence[Key], fails: Callable[[Mapping[Key, str]], str | None]
) -> dict[Key, str]:
    """Return those of `keys` that must stay plain, each with the reason.

    `fails` says why the module does not compile while the given ones are plain, or None.
    """
    plain = dict.fromkeys(keys, "")
    waiting = [list(keys)]
    while waiting:
        group = waiting.pop()
        fewer = {key: why for key, why in plain.items() if key not in group}
        why = fails(fewer)
        if why is None:
            plain = fewer
        elif len(group) == 1:
            plain[group[0]] = f"with probes it does not compile: {why}"
        else:
            half = len(group) // 2
            waiting += [group[half:], group[:half]]
    return plain
