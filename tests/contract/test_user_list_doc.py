"""docs/user-list.md says what a list may be: its example is one, and its numbers are the code's."""

from __future__ import annotations

import re

from onvio_agent.office.rules import EMAIL_MAX, LOGIN_MAX, NAME_MAX
from onvio_agent.office.user_cells import COLUMNS
from onvio_agent.office.user_list import FILE_MAX_BYTES, LINE_MAX, LINES_MAX, read_list
from support.pages import ROOT

PAGE = (ROOT / "docs" / "user-list.md").read_text(encoding="utf-8")


def test_the_example_is_a_list() -> None:
    example = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    listed = [read_list(text.encode()) for text in example]
    assert [(len(each.rows), each.faults) for each in listed] == [(3, ())]


def test_the_columns_are_those_of_the_code() -> None:
    assert re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE) == list(COLUMNS)


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"At most {LINES_MAX} lines and {FILE_MAX_BYTES // 1024} KiB" in PAGE
    assert f"{LINE_MAX} characters a line" in PAGE
    assert LOGIN_MAX == NAME_MAX
    assert f"longer than {NAME_MAX} characters ({EMAIL_MAX} for an e-mail)" in PAGE
