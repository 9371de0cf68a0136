"""Libraries that make something else of a function's bytecode are shown that of the plain function.

numba compiles it for the processor, pony.orm translates it to SQL, polars advises on what it does:
none knows what to make of a probe. The functions that they are given stay recorded, wherever
they are called as functions of Python. What numba has made of one is called in its place and is not
recorded; that is reported.
"""

from functools import wraps
from types import CodeType, FunctionType
from typing import Any

from rewind.integrations.plain_code import Plain, Report
from rewind.model.instrumentation import CONSTRUCT_SKIPPED


def meet_numba(module: Any, plain: Plain, report: Report) -> None:  # noqa: ANN401 - numba's
    """Let all that is compiled, and the dispatcher's `__code__`, begin with plain code."""
    theirs = getattr(module, "get_code_object", None)
    if theirs is None:
        return
    told: set[CodeType] = set()

    @wraps(theirs)
    def get_code_object(obj: object) -> object:
        code = theirs(obj)
        if type(code) is not CodeType:
            return code
        original = plain(code)
        if original is not code and original not in told:
            told.add(original)
            why = f"{original.co_qualname}: it is compiled by numba"
            report(CONSTRUCT_SKIPPED, str(obj.__module__), why, original.co_firstlineno)
        return original

    module.get_code_object = get_code_object


def meet_numba_caching(module: Any, plain: Plain) -> None:  # noqa: ANN401 - numba's
    """Let a cache that was filled without Rewind be found, and the other way round.

    Its keys hold a hash of the bytecode.
    """
    cache = getattr(module, "Cache", None)
    if cache is None:
        return
    theirs = cache.__init__

    @wraps(theirs)
    def begin(self: Any, py_func: object) -> None:  # noqa: ANN401 - numba's
        theirs(self, py_func)
        self._py_func = _plain_function(py_func, plain)

    cache.__init__ = begin


def meet_polars(module: Any, plain: Plain) -> None:  # noqa: ANN401 - polars'
    """Let polars warn of a function for which it has something faster."""
    parser = getattr(module, "BytecodeParser", None)
    if parser is None:
        return
    theirs = parser.__init__

    @wraps(theirs)
    def begin(self: object, function: object, *arguments: object, **keywords: object) -> None:
        theirs(self, _plain_function(function, plain), *arguments, **keywords)

    parser.__init__ = begin


def meet_pony(module: Any, plain: Plain) -> None:  # noqa: ANN401 - pony's
    """Let a method or property that a query names be translated from plain code."""
    decompiler = getattr(module, "Decompiler", None)
    if decompiler is None:
        return
    theirs = decompiler.__init__

    @wraps(theirs)
    def begin(self: object, code: CodeType, *arguments: object, **keywords: object) -> None:
        theirs(self, plain(code), *arguments, **keywords)

    decompiler.__init__ = begin


def _plain_function(function: object, plain: Plain) -> object:
    """Return a function to look at, of plain code; `function` itself where it has no other."""
    if type(function) is not FunctionType:
        return function
    code = plain(function.__code__)
    if code is function.__code__:
        return function
    names, name = function.__globals__, function.__name__
    made = FunctionType(code, names, name, function.__defaults__, function.__closure__)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__qualname__, made.__module__ = function.__qualname__, function.__module__
    vars(made).update(vars(function))
    return made
