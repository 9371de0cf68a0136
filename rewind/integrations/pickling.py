"""Functions that are pickled by value leave as plain code: probes are found in this process only.

`pickle` writes a function's name. cloudpickle, the copies of it that joblib, Ray, PySpark and
others bring along, and dill write the code itself where the other side could not import it.
They are met after they have loaded, and one entry of their own table is replaced: `copyreg`, which
all could be asked by, is not asked for code, and would make `pickle` accept it.
"""

from functools import wraps
from types import CodeType
from typing import Any

from rewind.integrations.plain_code import Plain
from rewind.model.probes import PREFIX


def meet_cloudpickle(module: object, plain: Plain) -> None:
    """Let `CloudPickler` reduce the plain code where it is to reduce code with probes."""
    table = _table(module, "CloudPickler", "_dispatch_table")
    if table is None:
        return
    reduce = table[CodeType]
    table[CodeType] = lambda code: reduce(plain(code))


def meet_dill(module: object, plain: Plain) -> None:
    """Let dill's `Pickler` save the plain code where it is to save code with probes."""
    table = _table(module, "Pickler", "dispatch")
    if table is None:
        return
    save = table[CodeType]

    def save_code(pickler: Any, code: CodeType) -> None:  # noqa: ANN401 - dill's
        original = plain(code)
        if original is code:
            save(pickler, code)
        else:
            # From the beginning: the pickler may have saved it before, and refers to that.
            pickler.save(original)

    table[CodeType] = save_code


def meet_dill_detect(module: Any) -> None:  # noqa: ANN401 - dill's
    """Let dill find no probes among the names that a function refers to (`recurse=True`)."""
    if not module.__name__.endswith("dill.detect") or not hasattr(module, "globalvars"):
        return
    theirs = module.globalvars

    @wraps(theirs)
    def globalvars(*arguments: object, **keywords: object) -> dict[str, object]:
        found: dict[str, object] = theirs(*arguments, **keywords)
        return {name: found[name] for name in found if not name.startswith(PREFIX)}

    module.globalvars = globalvars


def _table(module: object, kind: str, name: str) -> Any:  # noqa: ANN401 - a mapping of theirs
    """Return the table of a pickler that the module itself defines, if that knows about code."""
    names = getattr(module, "__dict__", {})
    pickler = names.get(kind)
    if not isinstance(pickler, type) or pickler.__module__ != names.get("__name__"):
        return None
    table = vars(pickler).get(name)
    return table if isinstance(table, dict) and CodeType in table else None
