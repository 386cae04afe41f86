"""The catalogue of reasons and the code agree: no code without an entry, no entry without a use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from arch.sources import production_modules, relative, tree_of
from onvio_agent.contract.reasons import CATALOGUE

DECLARED_AHEAD: dict[str, str] = {}
"""Reasons that exist before what gives them, and why."""

DECLARING = (
    "contract/reasons.py",
    "contract/reasons_backup.py",
    "contract/reasons_import.py",
    "contract/reasons_network.py",
    "contract/reasons_sync.py",
)
FAMILIES = {code.partition(".")[0] for code in CATALOGUE}
LIKE_A_REASON = re.compile(rf"(?:{'|'.join(sorted(FAMILIES))})\.[a-z_]+")
FILES = (".db", ".key", ".lock", ".log", ".md", ".out", ".toml")  # names of files look alike
LOGS = ("debug", "info", "warning", "error", "exception", "critical", "level")


def mentioned() -> Iterator[tuple[str, str]]:
    """Literals that look like a reason and stand where one may: code, place."""
    for path in production_modules():
        if relative(path).endswith(DECLARING):
            continue
        events = {id(node) for node in _event_names(tree_of(path))}
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            like = node.value in CATALOGUE or LIKE_A_REASON.fullmatch(node.value)
            if like and id(node) not in events and not node.value.endswith(FILES):
                yield node.value, f"{relative(path)}:{node.lineno}"


def _event_names(tree: ast.Module) -> Iterator[ast.expr]:
    """First arguments of log calls: events are named like reasons and are none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else ast.unparse(called)
            if name in LOGS:
                yield node.args[0]


def test_every_reason_that_the_code_names_is_in_the_catalogue() -> None:
    strange = [f"{place}: {code}" for code, place in mentioned() if code not in CATALOGUE]
    assert not strange, "\n".join(strange)


def test_every_entry_is_given_by_some_code_or_declared_ahead() -> None:
    used = {code for code, _place in mentioned()}
    assert sorted(set(CATALOGUE) - used) == sorted(DECLARED_AHEAD)


def test_what_is_hidden_exists() -> None:
    """A prefix that hides nothing, or a code that is none, is a slip of the pen."""
    empty = [
        f"{entry.code} hides {item}"
        for entry in CATALOGUE.values()
        for item in entry.hides
        if not any(
            code == item or (item.endswith(".") and code.startswith(item)) for code in CATALOGUE
        )
    ]
    assert not empty
