"""What has to be known of a function before its body is rewritten.

Each question looks at no more of the tree than its answer needs: it is asked of every function.
"""

import ast
from operator import attrgetter

from rewind.model.sites import ASYNC_GENERATOR, COROUTINE, GENERATOR, PLAIN
from rewind.transform.table import Table

_COMPOUND = frozenset(
    {
        *(ast.If, ast.For, ast.AsyncFor, ast.While, ast.Match),
        *(ast.With, ast.AsyncWith, ast.Try, ast.TryStar),
    }
)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_JUMPS = (ast.Return, ast.Break, ast.Continue)
_name = attrgetter("arg")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def flavour_of(node: ast.FunctionDef | ast.AsyncFunctionDef, table: Table) -> int:
    """Return whether calling the function runs it, or makes a generator or coroutine."""
    # A keyword cannot be spelled in another way: most functions need no walk.
    is_generator = table.mentions(b"yield", node) and yields(*node.body)
    if isinstance(node, ast.AsyncFunctionDef):
        return ASYNC_GENERATOR if is_generator else COROUTINE
    return GENERATOR if is_generator else PLAIN


def yields(*body: ast.AST) -> bool:
    """Return whether the scope of `body` itself yields.

    What a nested function or class evaluates outside its body (decorators, defaults, bases)
    belongs to the scope; comprehensions may be counted in, as they hold no `yield`.
    """
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        waiting.extend(
            _outer_parts(node) if isinstance(node, _SCOPES) else ast.iter_child_nodes(node)
        )
    return False


def _outer_parts(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    arguments: ast.arguments = node.args  # type: ignore[attr-defined]
    defaults = [*arguments.defaults, *(one for one in arguments.kw_defaults if one is not None)]
    return [*getattr(node, "decorator_list", ()), *defaults]


def keeps_return(body: list[ast.stmt], *, inside: bool = False) -> bool:
    """Return whether some `return` of this scope stands where code of the frame follows it.

    `inside` tells that this is so of each `return` in `body`.
    """
    for node in body:
        if type(node) is ast.Return:
            if inside:
                return True
        elif type(node) in _COMPOUND:
            followed = inside or _is_followed(node)
            for block in _blocks(node):
                if keeps_return(block, inside=followed):
                    return True
    return False


def _is_followed(node: ast.stmt) -> bool:
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return True
    return isinstance(node, (ast.Try, ast.TryStar)) and bool(node.finalbody)


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    """Return the blocks of a compound statement that run in its own scope."""
    if isinstance(node, ast.Match):
        return [one.body for one in node.cases]
    blocks: list[list[ast.stmt]] = [node.body]  # type: ignore[attr-defined]
    if isinstance(node, (ast.If, ast.For, ast.AsyncFor, ast.While)):
        blocks.append(node.orelse)
    elif isinstance(node, (ast.Try, ast.TryStar)):
        blocks += node.orelse, node.finalbody, *(one.body for one in node.handlers)
    return blocks


def jumps_out(block: list[ast.stmt]) -> bool:
    """Return whether a `return`, `break` or `continue` in the block leaves it."""
    return any(map(_jumps_out, block))


def _jumps_out(node: ast.stmt) -> bool:
    if type(node) in _LOOPS:
        # Only a `return` leaves it and the loop; its `else` may leave what is around that.
        return keeps_return([node], inside=True) or jumps_out(node.orelse)  # type: ignore[attr-defined]
    if type(node) in _COMPOUND:
        return any(map(jumps_out, _blocks(node)))
    return type(node) in _JUMPS


def parameters_of(arguments: ast.arguments) -> tuple[str, ...]:
    """Return the parameters' names in the order in which a call's payload carries them."""
    ordered = arguments.posonlyargs + arguments.args
    if arguments.vararg is not None:
        ordered.append(arguments.vararg)
    ordered += arguments.kwonlyargs
    if arguments.kwarg is not None:
        ordered.append(arguments.kwarg)
    return tuple(map(_name, ordered))
