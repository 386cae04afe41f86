"""Files are small, say why they exist, and speak of the project alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from arch.sources import ROOT, production_modules, project_files, relative, tree_of

MAX_LINES = 300
MAX_LINES_OF_A_TEST = 400  # a story told by tests reads better whole

REGISTERS = "tests/simulation/"
"""Its folders of faults, invariants and mutants each list their files in an `__init__.py`."""

LONGER: dict[str, str] = {
    "config/onvio_config/model.py": "every setting with its unit and reason, in one table",
    "tests/integration/test_onvio_connections.py": "one server of the wrong kind beside each test",
}
"""Files that may be longer, and why. Better: find the room that the rest belongs in."""

FOREIGN = re.compile(
    r"/wor[k]/|\bissue[ ]#?\d|\bissues[ ]show\b|\b(?:mission|design|onvio-api)[.]md"
    r"|\bLL[M]\b|\bChatGP[T]\b|\bClaud[e]\b|\bartificial[ ]intelligence\b"
    r"|\bA[I] (?:agent|assistant|session)\b|\bhelper[ ]session\b|/tmp/brie[f]",
    re.IGNORECASE,
)
"""Words of a workplace: whoever reads the project has never been there. (Written so that this line is
not one of them.)"""

SUPPRESSED = re.compile(r"# (?:noqa|type: ignore|pragma: no cover)\b")
WITH_REASON = re.compile(
    r"# (?:noqa: [A-Z0-9, ]+|type: ignore\[[\w, -]+\]|pragma: no cover) +[-#] +\S.{5,}"
)

TEXT = (".py", ".md", ".toml", ".sql", ".po", ".json", ".yml", ".yaml", ".txt", ".cfg", ".mjs", "")


def python_files() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py"]


def test_every_module_says_why_it_exists() -> None:
    silent = [
        relative(path)
        for path in production_modules()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree_of(path))
    ]
    assert not silent


def test_every_public_function_and_class_says_what_it_is() -> None:
    """Not the commands: their docstring would be their help, which is translated."""
    silent = [
        f"{relative(path)}:{node.lineno}: {node.name}"
        for path in production_modules()
        if "/cli/" not in relative(path)
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not _is_overload(node)
    ]
    assert not silent, "\n".join(silent)


def test_no_file_outgrows_its_room() -> None:
    counts = {relative(path): _lines(path) for path in python_files()}
    long = {file: count for file, count in counts.items() if count > _limit(file)}
    assert not {file: count for file, count in long.items() if file not in LONGER}
    assert not [file for file in LONGER if file not in long], "take these out of LONGER"


def test_every_finding_that_is_silenced_says_why() -> None:
    unexplained = [
        f"{relative(path)}:{number}"
        for path in production_modules()
        for number, line in enumerate(_text(path).splitlines(), 1)
        if SUPPRESSED.search(line) and not WITH_REASON.search(line)
    ]
    assert not unexplained


@pytest.mark.parametrize("folder", ["agent", "config", "tray", "packaging", "tests"])
def test_no_top_folder_is_a_package(folder: str) -> None:
    """`import packaging` must find PyPI's package, and tests must not import each other by luck."""
    assert not (ROOT / folder / "__init__.py").exists()


def test_tests_are_no_packages() -> None:
    found = [relative(path) for path in (ROOT / "tests").rglob("__init__.py")]
    assert [path for path in found if not path.startswith(REGISTERS)] == []


def test_the_project_speaks_of_itself_alone() -> None:
    wrong = [
        f"{relative(path)}:{number}: {line.strip()[:120]}"
        for path in project_files()
        if path.suffix in TEXT
        for number, line in enumerate(_text(path).splitlines(), 1)
        if FOREIGN.search(line)
    ]
    assert not wrong, "\n".join(wrong)


def _is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """One signature of several; what they have in common is said once."""
    return any(ast.unparse(mark) == "overload" for mark in node.decorator_list)


def _limit(file: str) -> int:
    return MAX_LINES_OF_A_TEST if file.startswith("tests/") else MAX_LINES


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
