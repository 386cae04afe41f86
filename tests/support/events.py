"""The log events that the code writes, read off its syntax; and those that docs/events.md lists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LEVELS = ("debug", "info", "warning", "error")
_LOGS = ("log", "_log")


class Event(NamedTuple):
    """One event: its levels and keys. `problems`: what keeps the code from being read."""

    levels: frozenset[str]
    keys: frozenset[str]


class Found(NamedTuple):
    """All that one reading gives. `bound`: keys that `log.bind` adds."""

    events: dict[str, Event]
    bound: set[str]
    problems: list[str]


def in_code(*folders: Path) -> Found:
    """The events of every module under `folders`."""
    found = Found({}, set(), [])
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for call, method in _log_calls(tree):
                place = f"{path.relative_to(folder)}:{call.lineno}"
                _read_call(call, method, place, tree, found)
    return found


def in_docs(path: Path) -> dict[str, Event]:
    """The rows `| event | level | keys | meaning |` of the document."""
    rows = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and re.fullmatch(r"`[a-z_]+(\.[a-z_]+)+`", cells[0]):
            keys = frozenset(re.findall(r"`([^`]+)`", cells[2]))
            levels = frozenset(part.strip() for part in cells[1].split(","))
            rows[cells[0].strip("`")] = Event(levels, keys)
    return rows


def _log_calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    other_names = _other_names(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in other_names:
            yield node, other_names[node.func.id]
        elif isinstance(node.func, ast.Attribute) and _is_log_method(node.func):
            yield node, node.func.attr


def _other_names(tree: ast.AST) -> dict[str, str]:
    """`say = log.info`: the level that a call of `say` has."""
    return {
        target.id: node.value.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Attribute)
        and _is_log_method(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _is_log_method(node: ast.Attribute) -> bool:
    return node.attr in (*LEVELS, "bind", "exception", "critical") and _is_log(node.value)


def _is_log(node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr == "bind" and _is_log(node.func.value)
    return (isinstance(node, ast.Name) and node.id in _LOGS) or (
        isinstance(node, ast.Attribute) and node.attr in _LOGS
    )


def _read_call(call: ast.Call, method: str, place: str, tree: ast.AST, found: Found) -> None:
    keys, readable = _keys(call, tree)
    if not readable:
        found.problems.append(f"{place}: keys are not written out")
    if method == "bind":
        found.bound.update(keys)
        return
    if method not in LEVELS:
        found.problems.append(f"{place}: {method}() is not a level of ours")
    names = _names(call.args[0]) if len(call.args) == 1 else []
    if not names:
        found.problems.append(f"{place}: the event is not one constant")
    for name in names:
        before = found.events.get(name, Event(frozenset(), frozenset()))
        found.events[name] = Event(before.levels | {method}, before.keys | keys)


def _names(node: ast.expr) -> list[str]:
    """The constants that an event can be: one, or the two of a conditional."""
    if isinstance(node, ast.IfExp):
        both = [_names(node.body), _names(node.orelse)]
        return both[0] + both[1] if all(both) else []
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _keys(call: ast.Call, tree: ast.AST) -> tuple[frozenset[str], bool]:
    keys: set[str] = set()
    readable = True
    for keyword in call.keywords:
        if keyword.arg is not None:
            keys.add("exception" if keyword.arg == "exc_info" else keyword.arg)
            continue
        more = _dict_keys(keyword.value, call, tree)
        readable = readable and more is not None
        keys |= more or set()
    return frozenset(keys), readable


def _dict_keys(node: ast.expr, call: ast.Call, tree: ast.AST) -> set[str] | None:
    """The keys of `**{...}`, or of `**name` where the function says `name = {...}`."""
    if isinstance(node, ast.Name):
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                inside = list(ast.walk(function))
                if call in inside:
                    return _assigned_keys(node.id, inside)
        return None
    return _literal_keys(node) if isinstance(node, ast.Dict) else None


def _literal_keys(node: ast.Dict) -> set[str] | None:
    keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
    texts = {key for key in keys if isinstance(key, str)}
    return texts if len(texts) == len(node.keys) else None


def _assigned_keys(name: str, inside: list[ast.AST]) -> set[str] | None:
    for node in inside:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            if name in names:
                return _literal_keys(node.value)
    return None
