"""docs/events.md lists every log event with its levels and keys, and none that is not written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from onvio_agent.log.redaction import is_secret_name
from support.events import Event, in_code, in_docs

ROOT = Path(__file__).parents[2]
CODE = in_code(ROOT / "agent" / "onvio_agent", ROOT / "tray" / "onvio_tray")
DOCS = in_docs(ROOT / "docs" / "events.md")
BY_THE_LOG_ITSELF = {"log.recovered": Event(frozenset({"warning"}), frozenset({"dropped"}))}
EVENTS = CODE.events | BY_THE_LOG_ITSELF


def test_every_log_call_can_be_read() -> None:
    assert not CODE.problems


def test_every_event_of_the_code_is_in_the_document() -> None:
    assert sorted(set(EVENTS) - set(DOCS)) == []


def test_every_event_of_the_document_is_in_the_code() -> None:
    assert sorted(set(DOCS) - set(EVENTS)) == []


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_levels_and_keys_are_the_same(name: str) -> None:
    documented = DOCS.get(name)
    assert documented is not None
    assert sorted(documented.levels) == sorted(EVENTS[name].levels)
    assert sorted(documented.keys) == sorted(EVENTS[name].keys)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_names_are_a_subject_and_what_happened(name: str) -> None:
    assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", name)


def test_no_key_would_be_hidden_as_a_secret() -> None:
    hidden = [
        (name, key) for name in sorted(EVENTS) for key in EVENTS[name].keys if is_secret_name(key)
    ]
    assert hidden == []


def test_bound_keys_are_documented() -> None:
    text = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert [key for key in sorted(CODE.bound) if f"`{key}`" not in text] == []
