"""Picklers are known by what they are made of, not by their names alone."""

from types import CodeType, ModuleType

import pytest

from rewind.integrations.plain_code import code_takers


class CloudPickler:
    """Of another module than those that are met here."""

    _dispatch_table = {CodeType: len}  # noqa: RUF012 - as in cloudpickle


class Pickler:
    dispatch = None


@pytest.mark.parametrize("name", ["cloudpickle", "cloudpickle_fast", "_dill", "detect"])
@pytest.mark.parametrize(
    "names",
    [
        {},
        {"CloudPickler": CloudPickler, "Pickler": CloudPickler},
        {"CloudPickler": 1, "Pickler": "text", "globalvars": len},
        {"__name__": Pickler.__module__, "CloudPickler": Pickler, "Pickler": Pickler},
    ],
)
def test_a_module_that_only_has_the_name_is_left_alone(name: str, names: dict[str, object]) -> None:
    module = ModuleType(name)
    vars(module).update(names)
    before = dict(vars(module))
    code_takers(lambda code: code, lambda *_: None)[f"*.{name}"](module)
    assert vars(module) == before
    assert CloudPickler._dispatch_table == {CodeType: len}
