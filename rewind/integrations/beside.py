"""Something of ours is called beside a function of a library, which stays the object that it is.

A wrapper would lie between the program and the library: one frame more in every traceback that the
program logs, in what `logging` takes for its own frames, and in the depth of recursion. So the
function is compiled once more from its own source, with three calls in it: as it begins, as it
returns, and as an exception leaves it. Names, lines and columns are those of the source; `restore`
gives every function its own code back.

A function is left alone where that cannot be done with certainty: its source is not to be had or
makes other code than the function's, or the function has probes, as the library itself is recorded.
A generator begins with its first step; where it is closed, that is the exception that leaves it.
"""

import ast
import sys
import tokenize
from collections.abc import Callable, Iterator
from itertools import groupby
from sys import _getframe
from types import CodeType, FunctionType
from typing import Any, Final, NamedTuple

from rewind import sessions
from rewind.model.probes import PREFIX

_ASYNC_GENERATOR: Final = 0x200
"""The flag of asynchronous generators (`inspect`)."""
_FUTURES: Final = 0xFFFF0000
"""Flags of a module's `from __future__`, which go into the code of its functions."""
_ENTER, _LEAVE, _FAIL = (f"{PREFIX}beside {what}" for what in ("enter", "leave", "fail"))


class Beside(NamedTuple):
    """What is called beside a function. None of them raises, or runs code of the program's."""

    begin: Callable[..., Any]
    """With the function's arguments, in the order of its parameters. What it returns is given to
    the others; None: neither is called for this call."""
    end: Callable[[Any, Any], object]
    """With that and the result."""
    fail: Callable[[Any, BaseException], object]
    """With that and the exception."""


_changed: list[tuple[FunctionType, CodeType, CodeType]] = []
"""Functions with their own code, and what they have in its place."""


class _LeftAloneError(Exception):
    """Says why."""


def put_beside(owner: object, name: str, beside: Beside) -> str | None:
    """Call something beside a function that a module or class has, where it has such a one.

    Of a function in wrappers (`functools.wraps`) it is the innermost. Returns why that cannot be;
    None where it is done, and where there is no such function.
    """
    function: Any = vars(owner).get(name)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    if function is None:
        return None
    try:
        if not isinstance(function, FunctionType):
            _leave_alone("it is no function of Python")
        plain = function.__code__
        made = _beside(function, beside)
    except (_LeftAloneError, OSError, SyntaxError, ValueError) as error:
        return str(error)
    function.__code__ = made
    _changed.append((function, plain, made))
    return None


def restore() -> None:
    """Give all functions their own code back; one that has another by now keeps that."""
    while _changed:
        function, plain, made = _changed.pop()
        if function.__code__ is made:
            function.__code__ = plain


def _leave_alone(why: str) -> None:
    raise _LeftAloneError(why)


def _beside(function: FunctionType, beside: Beside) -> CodeType:
    plain = function.__code__
    if any(name.startswith(PREFIX) for name in plain.co_names):
        _leave_alone("its module is recorded")
    if set(plain.co_freevars) - {"__class__"} or "<" in plain.co_qualname:
        _leave_alone("it is a function within another")
    tree, node = _parsed(plain)
    if not _is_same(_compiled(tree, plain), plain):
        _leave_alone("its source makes other code")
    _add_calls(node, plain)
    code = _compiled(tree, plain)
    probes = _Probes(f"{function.__module__}.{function.__qualname__}", beside)
    own = {_ENTER: probes.enter, _LEAVE: probes.leave, _FAIL: probes.fail}
    consts = tuple(own.get(each, each) if type(each) is str else each for each in code.co_consts)
    return code.replace(
        co_consts=consts, co_firstlineno=plain.co_firstlineno, co_qualname=plain.co_qualname
    )


def _parsed(code: CodeType) -> tuple[ast.Module, Any]:
    """Return the function's part of its source within its classes, and its node, lines as there."""
    with tokenize.open(code.co_filename) as file:
        lines = file.readlines()
    first, last = code.co_firstlineno, max(_last_lines(code))
    outer = code.co_qualname.split(".")[:-1]
    heads = [f"{' ' * depth}class {name}:\n" for depth, name in enumerate(outer)]
    blank = ["\n"] * (first - 1 - len(heads))
    tree = ast.parse("".join(blank + heads + lines[first - 1 : last]), code.co_filename)
    node: Any = tree
    for _ in (*outer, code.co_name):
        if len(node.body) != 1:
            _leave_alone("its source is another one")
        (node,) = node.body
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        _leave_alone("its source is another one")
    # What is evaluated where the function is defined is no part of its code. Decorators stay, as
    # it begins with their line.
    node.returns, node.args.defaults = None, []
    node.args.kw_defaults = [None] * len(node.args.kwonlyargs)
    for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        argument.annotation = None
    for rest in (node.args.vararg, node.args.kwarg):
        if rest is not None:
            rest.annotation = None
    return tree, node


def _last_lines(code: CodeType) -> Iterator[int]:
    yield code.co_firstlineno
    for line, end, _, _ in code.co_positions():
        yield end or line or 0
    for each in code.co_consts:
        if type(each) is CodeType:
            yield from _last_lines(each)


def _compiled(tree: ast.Module, plain: CodeType) -> CodeType:
    flags = plain.co_flags & _FUTURES
    code: CodeType = compile(tree, plain.co_filename, "exec", flags, dont_inherit=True)
    for name in plain.co_qualname.split("."):
        (code,) = (
            each for each in code.co_consts if type(each) is CodeType and each.co_name == name
        )
    return code


_PARTS: Final = ("co_name", "co_names", "co_varnames", "co_freevars", "co_flags")


def _is_same(made: CodeType, plain: CodeType) -> bool:
    # Not by instructions: which of two the compiler takes depends on the module's imports.
    parts = all(getattr(made, part) == getattr(plain, part) for part in _PARTS)
    ours, theirs = (
        ([line for line, _ in groupby(line for *_, line in code.co_lines())], code.co_consts)
        for code in (made, plain)
    )
    return parts and ours[0] == theirs[0] and all(map(_is_same_constant, ours[1], theirs[1]))


def _is_same_constant(made: object, plain: object) -> bool:
    if type(made) is CodeType and type(plain) is CodeType:
        return _is_same(made, plain)
    return type(made) is type(plain) and made == plain


def _parameters(code: CodeType) -> tuple[str, ...]:
    rests = bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + rests]


def _add_calls(node: Any, plain: CodeType) -> None:  # noqa: ANN401 - either kind
    has_text = ast.get_docstring(node, clean=False) is not None and len(node.body) > 1
    head, body = node.body[:has_text], node.body[has_text:]
    first, last = body[0], body[-1]
    names = [ast.Name(name, ast.Load()) for name in _parameters(plain)]
    enter = ast.copy_location(ast.Expr(_call(_ENTER, *names)), first)
    returns = _BareReturns() if plain.co_flags & _ASYNC_GENERATOR else _Returns()
    body = [returns.visit(statement) for statement in body]
    done = ast.copy_location(ast.Expr(_call(_LEAVE, ast.Constant(None))), last)
    failed = [ast.Expr(_call(_FAIL)), ast.Raise()]
    handler = ast.ExceptHandler(ast.Name("BaseException", ast.Load()), None, failed)
    guarded = ast.Try([*body, done], [ast.copy_location(handler, last)], [], [])
    for statement in failed:
        ast.copy_location(statement, last)
    node.body = [*head, enter, ast.copy_location(guarded, first)]
    ast.fix_missing_locations(node)


class _Returns(ast.NodeTransformer):
    """Lets what a function returns pass by; what is within another function is not its own."""

    def visit_Return(self, node: ast.Return) -> ast.Return:
        passed = _call(_LEAVE, node.value or ast.Constant(None))
        return ast.copy_location(ast.Return(ast.copy_location(passed, node)), node)

    def _stay(self, node: ast.AST) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = _stay  # noqa: N815


class _BareReturns(_Returns):
    """The same of asynchronous generators, which return nothing."""

    def visit_Return(self, node: ast.Return) -> Any:  # noqa: ANN401 - several in the place of one
        passed = ast.Expr(_call(_LEAVE, ast.Constant(None)))
        return [ast.copy_location(passed, node), node]


def _call(probe: str, *arguments: ast.expr) -> ast.Call:
    # A constant by itself is no callable that the compiler lets pass without a warning.
    chosen = ast.BoolOp(ast.Or(), [ast.Constant(probe), ast.Constant(None)])
    return ast.Call(chosen, list(arguments), [])


class _Probes:
    """What one function calls. Used by any thread: of each call it knows the frame."""

    def __init__(self, name: str, beside: Beside) -> None:
        self._name = name
        self._beside = beside
        self._begun: dict[int, Any] = {}
        """By `id()` of the frame, until that is left."""

    def enter(self, *arguments: object) -> None:
        try:
            call, frame = self._beside.begin(*arguments), id(_getframe(1))
            # A frame may have been there that was never left, as a generator's of a loop that is
            # closed.
            self._begun.pop(frame, None)
            if call is not None:
                self._begun[frame] = call
        except RecursionError:
            # There is no room to look, so near to the limit.
            return
        except Exception as error:  # noqa: BLE001 - the boundary
            sessions.fault(self._name, error)

    def leave(self, result: Any) -> Any:  # noqa: ANN401 - the function's own
        try:
            call = self._begun.pop(id(_getframe(1)), None)
            if call is not None:
                self._beside.end(call, result)
        except RecursionError:
            pass
        except Exception as error:  # noqa: BLE001 - the boundary
            sessions.fault(self._name, error)
        return result

    def fail(self) -> None:
        try:
            call = self._begun.pop(id(_getframe(1)), None)
            failure = sys.exception()
            if call is not None and failure is not None:
                self._beside.fail(call, failure)
        except RecursionError:
            return
        except Exception as error:  # noqa: BLE001 - the boundary
            sessions.fault(self._name, error)
