"""How a use of something banned is found in a syntax tree. What is banned is said in bans.py.

An approximation that errs towards finding: names are followed through imports, sets through the
annotations and assignments of one file. What it cannot see, the simulation's own guards do.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Use(NamedTuple):
    """One place at which something banned is used."""

    line: int
    what: str


Finder = Callable[[ast.Module], Iterator[Use]]


def names(*patterns: str, unless: tuple[str, ...] = ()) -> Finder:
    """Uses of a name, however it was imported. `time`: it and all below; `random.*`: all below."""

    def find(tree: ast.Module) -> Iterator[Use]:
        for line, dotted in _dotted_names(tree):
            if not _matches(dotted, unless) and _matches(dotted, patterns):
                yield Use(line, dotted)

    return find


def calls(*wanted: str) -> Finder:
    """Calls of a name that may be mentioned, as in an annotation, but not called."""

    def find(tree: ast.Module) -> Iterator[Use]:
        imported = _imported(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _dotted(node.func, imported) in wanted:
                yield Use(node.lineno, f"{_dotted(node.func, imported)}()")

    return find


def methods(*wanted: str) -> Finder:
    """An attribute of that name, of whatever object."""

    def find(tree: ast.Module) -> Iterator[Use]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in wanted:
                yield Use(node.lineno, f".{node.attr}")

    return find


def builtins(*wanted: str) -> Finder:
    """A built-in function, called or passed on (`key=id`)."""

    def find(tree: ast.Module) -> Iterator[Use]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in wanted and isinstance(node.ctx, ast.Load):
                yield Use(node.lineno, node.id)

    return find


def definitions(*wanted: str) -> Finder:
    """A function or method of that name."""

    def find(tree: ast.Module) -> Iterator[Use]:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in wanted:
                yield Use(node.lineno, f"def {node.name}")

    return find


def awaits_in_finally(tree: ast.Module) -> Iterator[Use]:
    """Something awaited in a `finally`: a killed process never gets there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Try | ast.TryStar):
            for inner in (inner for last in node.finalbody for inner in ast.walk(last)):
                if isinstance(inner, ast.Await | ast.AsyncWith | ast.AsyncFor):
                    yield Use(inner.lineno, "await in finally")


def sql_strings(tree: ast.Module) -> Iterator[Use]:
    """SQL in a string that asks the database for time or chance."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _SQL.search(node.value)
        ):
            for found in sql_text(node.value):
                yield Use(node.lineno + found.line - 1, found.what)


def sql_text(text: str) -> Iterator[Use]:
    """The same in a file of SQL."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _SQL_BANNED.finditer(line.partition("--")[0]):
            yield Use(number, found.group())


_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|REPLACE|VALUES)\b")
_SQL_BANNED = re.compile(
    r"\bcurrent_(?:timestamp|time|date)\b|\brandom\s*\(|\brandomblob\s*\(|'now'|\bnow\s*\("
    r"|\bunixepoch\s*\(\s*\)|\bjulianday\s*\(\s*\)|\bgen_random_uuid\b",
    re.IGNORECASE,
)


def _matches(dotted: str, patterns: tuple[str, ...]) -> bool:
    for pattern in patterns:
        stem = pattern.removesuffix(".*")
        if dotted.startswith(f"{stem}.") or (dotted == stem and pattern == stem):
            return True
    return False


def _imported(tree: ast.Module) -> dict[str, str]:
    """Local names and what they stand for."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                known[alias.asname or whole] = whole
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return known


def _dotted(node: ast.expr, imported: dict[str, str]) -> str | None:
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, imported)
        return f"{owner}.{node.attr}" if owner else None
    return imported.get(node.id) if isinstance(node, ast.Name) else None


def _dotted_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    imported = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Name | ast.Attribute):
            dotted = _dotted(node, imported)
            if dotted:
                yield node.lineno, dotted
