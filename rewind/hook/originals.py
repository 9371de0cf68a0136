"""Finds the plain code of recorded functions, for those who take code out of this process.

Code with probes runs only where Rewind is. What is found is as its compiler makes it of the same
source; its free variables are the same, so that it can take the place of the other.
"""

from collections.abc import Iterator
from functools import cached_property
from types import CodeType

from rewind.hook.entry import Loadable, source_in
from rewind.model.probes import PREFIX
from rewind.transform.unwarned import unwarned


class Originals:
    """The modules that were given probes. Called by any thread; nothing to stop.

    What it keeps of a module the capture core keeps as well: it costs nothing until it is asked.
    """

    def __init__(self) -> None:
        self._modules: dict[str, dict[bytes, _Module]] = {}
        """By path and the source's hash: a file may be loaded again after it was changed."""

    def add(self, path: str, made: Loadable) -> None:
        """Take note of a module that is about to run."""
        module = _Module(path, made.record, made.packed_at)
        self._modules.setdefault(path, {}).setdefault(made.source_hash, module)

    def of(self, code: CodeType) -> CodeType:
        """Return the plain code of a function, class body or comprehension; raises nothing.

        It is `code` itself where that has no probes, or where nothing plain fits in its place.
        Code among its constants is plain as well.
        """
        if not any(name.startswith(PREFIX) for name in code.co_names):
            return code
        try:
            # One line may hold two lambdas, and another function once the file has changed.
            return max(self._fitting(code), key=lambda each: _shared(each, code), default=code)
        except Exception:  # noqa: BLE001 - the boundary: no room is left to compile, say
            return code

    def _fitting(self, code: CodeType) -> Iterator[CodeType]:
        for module in list(self._modules.get(code.co_filename, {}).values()):
            for each in module.index.get((code.co_qualname, code.co_firstlineno), ()):
                if each.co_freevars == code.co_freevars and each.co_flags == code.co_flags:
                    yield each


class _Module:
    """What was recorded of a module, and its plain code from when that is asked for first."""

    def __init__(self, path: str, record: bytes, packed_at: int) -> None:
        self._path = path
        self._record = record
        self._packed_at = packed_at

    @cached_property
    def index(self) -> dict[tuple[str, int], list[CodeType]]:
        """The code by qualified name and first line."""
        source = source_in(self._record, self._packed_at)
        # It has warned of this source when the module was loaded.
        with unwarned():
            # The path as it was given: pickles tell whether `__file__` is the same object.
            module = compile(source, self._path, "exec", dont_inherit=True)
        index: dict[tuple[str, int], list[CodeType]] = {}
        for each in _codes(module):
            index.setdefault((each.co_qualname, each.co_firstlineno), []).append(each)
        return index


def _codes(module: CodeType) -> Iterator[CodeType]:
    waiting = [module]
    for one in waiting:
        yield one
        waiting += [each for each in one.co_consts if type(each) is CodeType]


def _shared(plain: CodeType, code: CodeType) -> int:
    """Return how many places of the source both stand for."""
    return len(set(plain.co_positions()) & set(code.co_positions()))
