"""docs/rules.md names every rule with tests that exist, and every test that is named by a rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.pages import ROOT, spans, text_of

PAGE = text_of(ROOT / "docs" / "rules.md")
ROWS = {int(row[0]): row for row in re.findall(r"^\| S(\d+) (\|.*\|)$", PAGE, re.MULTILINE)}
NOT_HELD_YET = ()
NAME = re.compile(r"test_\w+")
DEFINED = re.compile(r"^\s*(?:async )?def (test_\w+)\(", re.MULTILINE)


def defined_tests() -> dict[str, list[Path]]:
    """Every test by its name."""
    found: dict[str, list[Path]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in DEFINED.findall(path.read_text(encoding="utf-8")):
            found.setdefault(name, []).append(path)
    return found


def named_in(number: int) -> list[str]:
    return [span for span in spans(ROWS[number][1]) if NAME.fullmatch(span)]


def numbers_of(name: str) -> list[int]:
    """The rules that a test's name claims: `test_s8_s11_…` holds two."""
    claimed = re.match(r"test((?:_s\d+)+)_", name)
    return [int(number) for number in re.findall(r"\d+", claimed[1])] if claimed else []


def test_all_fourteen_are_there() -> None:
    assert sorted(ROWS) == list(range(1, 15))


@pytest.mark.parametrize("number", range(1, 15))
def test_the_named_tests_exist(number: int) -> None:
    assert [name for name in named_in(number) if name not in defined_tests()] == []


@pytest.mark.parametrize("number", range(1, 15))
def test_each_rule_is_held_by_a_test_of_its_number_unless_the_page_says_not_yet(
    number: int,
) -> None:
    held = any(number in numbers_of(name) for name in named_in(number))
    assert held is (number not in NOT_HELD_YET)
    assert held or re.search(r"\| (part|not yet)", ROWS[number][1])


def test_every_test_that_claims_a_rule_is_named_in_its_row() -> None:
    missing = [
        f"S{number}: {name}"
        for name in defined_tests()
        for number in numbers_of(name)
        if name not in named_in(number)
    ]
    assert missing == []


def test_the_code_that_is_named_exists() -> None:
    agent = ROOT / "agent" / "onvio_agent"
    code = [span for span in spans(PAGE) if re.fullmatch(r"[\w/]+\.(py|sql)", span)]
    missing = [name for name in code if not (agent / name).exists() and not (ROOT / name).exists()]
    assert code
    assert missing == []
