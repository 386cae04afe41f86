"""`doctor` names what broke, with an agent and without, and changes nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from support.office import Profile
from support.sim import Simulator

_TIME = re.compile(r"\b\d\d:\d\d:\d\d\b")
RUNGS = ["route", "dns", "proxy", "tcp", "tls", "http", "portal", "clock", "token",
         "link", "vault", "store", "disk"]  # fmt: skip
FAULTS = {
    "cert_expired": ("tls.expired", "tls"),
    "cert_foreign": ("tls.untrusted", "tls"),
    "cert_name": ("tls.wrong_name", "tls"),
    "http_500": ("onvio.unavailable", "http"),
    "html": ("onvio.unexpected_answer", "http"),
    "refuse": ("network.refused", "tcp"),
    "reset": ("network.interrupted", "http"),
    "limited": ("onvio.limited", "http"),
}


def diagnosis(profile: Profile, code: int) -> dict[str, Any]:
    done = profile.cli("doctor", "--json")
    assert (done.code, done.err) == (code, "")
    document: dict[str, Any] = done.json()
    assert list(document) == ["ok", "broken", "rungs"]
    assert [rung["name"] for rung in document["rungs"]] == RUNGS
    for rung in document["rungs"]:
        assert list(rung) == ["name", "ok", "reason", "took_ms", "detail"]
    return document


def first_broken(document: dict[str, Any]) -> str:
    name: str = next(rung["name"] for rung in document["rungs"] if rung["ok"] is False)
    return name


def test_without_an_agent_nothing_is_broken_and_nothing_is_made(
    profile: Profile, tmp_path: Path
) -> None:
    before = sorted(profile.home_dir.rglob("*"))
    document = diagnosis(profile, 0)
    assert (document["ok"], document["broken"]) == (True, None)
    assert sorted(profile.home_dir.rglob("*")) == before
    assert next(rung for rung in document["rungs"] if rung["name"] == "link")["ok"] is None


@pytest.mark.parametrize("kind", sorted(FAULTS))
def test_a_fault_of_the_api_is_named_by_its_rung(
    kind: str, profile: Profile, simulator: Simulator
) -> None:
    simulator.fault(kind, "api")
    document = diagnosis(profile, 1)
    assert (document["broken"], first_broken(document)) == FAULTS[kind]


@pytest.mark.parametrize("kind", ["cert_foreign", "http_503", "refuse"])
def test_a_fault_of_the_sign_in_server_alone_is_named_too(
    kind: str, profile: Profile, simulator: Simulator
) -> None:
    simulator.fault(kind, "auth")
    assert first_broken(diagnosis(profile, 1)) == "token"


def test_what_a_running_agent_shows_of_its_users_is_part_of_it(profile: Profile) -> None:
    profile.set_up()
    document = diagnosis(profile, 1)
    assert (document["broken"], first_broken(document)) == ("link.none", "link")
    profile.connect_users("helena")
    assert diagnosis(profile, 0)["ok"]


def test_a_wait_that_onvio_asked_for_is_kept(profile: Profile, simulator: Simulator) -> None:
    profile.set_up()
    simulator.fault("limited", "api", value=600)
    profile.wait_icon(None, "grey", reason="onvio.limited")
    again, refused = profile.cli("reconnect"), profile.link("helena")
    assert (again.code, refused.code) == (1, 4)
    assert _TIME.search(again.out)
    assert "Nothing to do" not in again.out
    told, step = refused.err.splitlines()
    assert told.startswith("onvio.on_hold: ")
    assert _TIME.search(told)
    assert "reconnect" not in step
    profile.kill()
    asked = len(simulator.journal())
    assert diagnosis(profile, 1)["broken"] == "onvio.limited"
    assert not [entry for entry in simulator.journal()[asked:] if entry["path"] == "/health"]


def test_people_read_a_sentence_and_the_next_step_in_their_language(lonely: Profile) -> None:
    lonely.set(UI__LANGUAGE="pt_BR")
    done = lonely.cli("doctor")
    assert done.code == 1
    *_, title, step = done.out.splitlines()
    assert title.startswith("network.refused: ")
    assert step.startswith("→ ")
    assert "Busca do nome (DNS)" in done.out
    assert "a conexão foi recusada (" in done.out


def test_a_mistake_in_the_settings_is_the_first_rung_and_the_others_are_tried(
    profile: Profile,
) -> None:
    path = profile.paths.settings_path
    path.parent.mkdir(parents=True, exist_ok=True)
    for text in ("[links]\ninterval_s = 'often'\n", "[links\n"):
        path.write_text(text)
        done = profile.cli("doctor", "--json")
        found = done.json()
        first, *rest = found["rungs"]
        assert (done.code, found["ok"], found["broken"]) == (1, False, "settings.invalid")
        assert (first["name"], first["ok"], str(path) in first["detail"]) == ("config", False, True)
        assert [rung["name"] for rung in rest if rung["ok"] is False] == []
    assert "settings.invalid: " in profile.cli("doctor").out
    path.unlink()
    assert profile.cli("--set", "links.interval_s=often", "doctor").code == 2
