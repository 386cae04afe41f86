"""Finds loops over sets: their order differs from one process to the next.

What is a set is told by literals, comprehensions, `set(...)`, set operators, and the annotations
and assignments of the same file. `sorted(...)`, `len`, `in`, `any`, `all`, `min`, `max` are fine.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from arch.finders import Use

_MAKERS = ("set", "frozenset")
_TYPES = ("set", "frozenset", "Set", "FrozenSet", "AbstractSet", "MutableSet")
_IN_ORDER = ("list", "tuple", "iter", "enumerate", "zip", "map", "filter", "reversed", "dict")
_OPERATORS = (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)


def iterated_sets(tree: ast.Module) -> Iterator[Use]:
    """Every place at which the order of a set matters."""
    known = _names_of_sets(tree)
    for node in ast.walk(tree):
        for walked in _walked(node):
            if _is_set(walked, known):
                yield Use(walked.lineno, f"order of a set: {ast.unparse(walked)[:60]}")


def _walked(node: ast.AST) -> Iterator[ast.expr]:
    """What is gone through in order at `node`."""
    match node:
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            yield node.iter
        case ast.Starred():
            yield node.value
        case ast.YieldFrom():
            yield node.value
        case ast.Call(func=ast.Name(id=name), args=args) if name in _IN_ORDER:
            yield from args
        case ast.Call(func=ast.Attribute(attr="join" | "extend" | "fromkeys"), args=args):
            yield from args
        case ast.Call(func=ast.Attribute(attr="pop", value=owner), args=[]):
            yield owner
        case ast.Assign(targets=[ast.Tuple() | ast.List()], value=value):
            yield value


def _is_set(node: ast.expr, known: dict[str, None]) -> bool:
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in known
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _MAKERS or f"{name}()" in known
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _OPERATORS):
            return any(_is_set(side, known) or _is_view(side) for side in (left, right))
        case ast.IfExp(body=one, orelse=other):
            return _is_set(one, known) or _is_set(other, known)
        case _:
            return False


def _is_view(node: ast.expr) -> bool:
    """Keys or items of a dict: ordered by themselves, sets once combined."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("keys", "items")
    )


def _names_of_sets(tree: ast.Module) -> dict[str, None]:
    known: dict[str, None] = {}
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(target=target, annotation=annotation) if _says_set(annotation):
                known[_name(target)] = None
            case ast.arg(arg=name, annotation=ast.expr() as annotation) if _says_set(annotation):
                known[name] = None
            case (
                ast.FunctionDef(name=name, returns=ast.expr() as returns)
                | ast.AsyncFunctionDef(name=name, returns=ast.expr() as returns)
            ) if _says_set(returns):
                known[f"{name}()"] = None
            case ast.Assign(targets=[target], value=value) if _is_set(value, known):
                known[_name(target)] = None
    known.pop("", None)
    return known


def _name(target: ast.expr) -> str:
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _says_set(annotation: ast.expr) -> bool:
    match annotation:
        case ast.Subscript(value=value):
            return _says_set(value)
        case ast.BinOp(left=left, right=right):
            return _says_set(left) or _says_set(right)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in _TYPES
        case _:
            return False
