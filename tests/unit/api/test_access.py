"""Who is let in, and what is written of those who are not."""

from __future__ import annotations

import json

from onvio_agent.api.access import Access, Refusals
from onvio_agent.log import wrap_log
from onvio_agent.runtime import proof
from support.desks import Lines
from support.instants import HandClock

ACCESS = Access("s3cret", "boot-1")


def test_only_the_whole_token_in_its_scheme_is_admitted() -> None:
    assert ACCESS.admits("Bearer s3cret")
    for wrong in (
        "",
        "s3cret",
        "Bearer",
        "Bearer s3cre",
        "Bearer s3cret ",
        "bearer s3cret",
        "Ação",
    ):
        assert not ACCESS.admits(wrong)


def test_the_proof_depends_on_token_nonce_and_boot() -> None:
    mine = ACCESS.prove("00ff")
    assert mine == proof("s3cret", "00ff", "boot-1")
    others = [proof("s3cret", "00fe", "boot-1"), proof("s3cret", "00ff", "boot-2")]
    assert mine not in [*others, proof("s3crets", "00ff", "boot-1")]


def test_the_token_is_in_no_repr() -> None:
    assert "s3cret" not in repr(ACCESS)
    assert "s3cret" not in f"{[ACCESS]}"


def test_a_refusal_is_logged_once_a_minute_and_kind_and_the_others_counted() -> None:
    clock, lines = HandClock(), Lines()
    refusals = Refusals(wrap_log(lines, clock=clock), clock)
    for _ in range(1000):
        refusals.note("host", "GET", "/v1/status")
    refusals.note("token", "GET", "/" + "x" * 5000)
    clock.advance(61)
    refusals.note("host", "GET", "/v1/status")
    entries = [json.loads(line) for line in lines.lines]
    assert [(entry["why"], entry["unsaid"]) for entry in entries] == [
        ("host", 0),
        ("token", 0),
        ("host", 999),
    ]
    assert max(len(line) for line in lines.lines) < 400
