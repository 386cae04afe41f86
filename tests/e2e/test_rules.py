"""The office's rules S1-S11, each through the command line against ONVIO in its own process."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from support.office import EMAILS, MANAGER, PROGRAM, Profile
from support.sim import ANA, BRUNO, CARLA, GERENTE, Simulator, password_of


def refused(done: object, code: str) -> bool:
    """Exit 4, the reason's code first on stderr, a next step after it, nothing on stdout."""
    exit_code, out, err = done  # type: ignore[misc]
    lines = err.splitlines()
    assert exit_code == 4, done
    assert lines[0].startswith(f"{code}: "), done
    assert lines[1].startswith("→ "), done
    assert out == "", done
    return True


def test_s1_nobody_is_linked_while_the_agent_is_not_connected(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set_up(start=False)
    assert profile.link(MANAGER).code == 3  # not even running
    simulator.fault("refuse")
    profile.start(online=False)
    profile.wait_icon(None, "grey", reason="network.refused")
    done = profile.link(MANAGER)
    assert refused(done, "link.not_online")
    assert "onvio-agent reconnect" in done.err
    assert profile.user(MANAGER)["link"]["state"] == "not_linked"
    simulator.clear()
    profile.cli("reconnect")
    assert profile.link(MANAGER).code == 0


def test_s2_the_first_user_linked_is_the_gerente(profile: Profile) -> None:
    profile.set_up()
    profile.add("ana")
    done = profile.link("ana")
    assert refused(done, "manager.first")
    assert f"onvio-agent link {MANAGER}" in done.err
    assert profile.link(MANAGER).code == 0
    done = profile.link("ana")
    assert refused(done, "manager.first")  # linked, but not yet confirmed
    assert f"onvio-agent portal {MANAGER}" in done.err
    assert profile.portal(MANAGER).code == 0
    assert profile.link("ana").code == 0


def test_s2_when_the_gerentes_link_ends_the_others_wait_and_come_back_by_themselves(
    profile: Profile, simulator: Simulator
) -> None:
    profile.seat("ana", "bruno")
    simulator.revoke(GERENTE)
    profile.wait_icon(MANAGER, "play", reason="link.session_ended")
    for login in ("ana", "bruno"):
        snapshot = profile.wait_icon(login, "grey", reason="manager.waiting")
        row = next(user for user in snapshot.users if user.login == login)
        assert row.link.state == "waiting"
    seen = len(simulator.journal())
    time.sleep(1.5)  # more than two link checks
    others = [e for e in simulator.journal()[seen:] if e["account"] in (ANA, BRUNO)]
    assert others == []  # not connected: nothing is asked in their names
    assert profile.link(MANAGER).code == 0
    for login in (MANAGER, "ana", "bruno"):
        profile.wait_icon(login, "green")


def test_s2_the_gerente_being_merely_offline_holds_nobody_back(
    profile: Profile, simulator: Simulator
) -> None:
    profile.seat("ana")
    # The Gerente's check alone asks this resource.
    simulator.fault("http_503", "api", path="/dominio/integration/v2/client/info")
    profile.wait_icon(MANAGER, "grey")
    assert profile.user("ana")["icon"]["state"] == "green"
    assert profile.cli("status", "ana").code == 0
    assert profile.cli("status", MANAGER).code == 1


def test_s3_the_gerente_needs_the_account_of_the_onvio_administrator(profile: Profile) -> None:
    profile.set_up()
    assert refused(profile.link(MANAGER, ANA), "manager.not_admin")
    assert refused(profile.link(MANAGER, ANA, "--confirm-administrator"), "manager.not_admin")
    assert profile.user(MANAGER)["onvio_email"] is None
    assert profile.link(MANAGER, GERENTE).code == 0


def test_s3_a_role_that_onvio_does_not_tell_is_confirmed_by_a_person_and_recorded(
    profile: Profile, simulator: Simulator
) -> None:
    simulator.patch(GERENTE, role=None)
    profile.set_up()
    done = profile.link(MANAGER)
    assert refused(done, "manager.unproven")
    assert "--confirm-administrator" in done.err
    assert profile.user(MANAGER)["link"]["state"] == "not_linked"
    assert profile.link(MANAGER, None, "--confirm-administrator").code == 0
    found = profile.must("users", "show", MANAGER, "--json").json()
    assert found["administrator_confirmed_by"] == MANAGER
    assert profile.portal(MANAGER).code == 0
    profile.wait_icon(MANAGER, "green")


def test_an_office_that_onvio_does_not_tell_is_confirmed_by_a_person_and_recorded(
    profile: Profile, simulator: Simulator
) -> None:
    simulator.patch(ANA, office="unknown")
    profile.seat()
    profile.add("ana")
    done = profile.link("ana")
    assert refused(done, "office.unproven")
    assert "--confirm-office" in done.err
    assert profile.link("ana", None, "--confirm-office").code == 0
    found = profile.must("users", "show", "ana", "--json").json()
    assert found["office_confirmed_by"] == MANAGER
    assert found["office_confirmed_at"] <= found["linked_at"]


def test_s4_linking_ticks_utiliza_onvio_and_speaks_the_words_of_dominio(profile: Profile) -> None:
    profile.set(UI__LANGUAGE="pt_BR")
    profile.set_up()
    before = profile.must("users", "show", MANAGER).out
    assert "[ ]" in before
    assert profile.link(MANAGER).code == 0
    row = profile.user(MANAGER)
    assert (row["uses_onvio"], row["onvio_email"]) == (True, GERENTE)
    shown = profile.must("users", "show", MANAGER).out
    for words in ("Utiliza ONVIO", "Usuário no ONVIO", "Utiliza Portal do Cliente", "[x]", GERENTE):
        assert words in shown
    help_text = profile.must("link", "--help").out
    assert "Utiliza ONVIO" in help_text
    assert "Usuário no ONVIO" in help_text


def test_s5_a_wrong_password_changes_nothing_and_names_the_onvio_password(
    profile: Profile, simulator: Simulator
) -> None:
    profile.seat("ana")
    before = profile.must("users", "show", "ana", "--json").json()
    done = profile.cli(
        "link", "ana", "--email", ANA, "--password-stdin", *profile.acting, input="a-do-dominio\n"
    )
    assert refused(done, "auth.wrong_password")
    assert "ONVIO password is meant, not the Domínio one" in done.err
    assert "onvio.com.br/login" in done.err
    after = profile.must("users", "show", "ana", "--json").json()
    assert after["link_generation"] == before["link_generation"]
    assert after["icon"]["state"] == "green"
    asked = [entry for entry in simulator.journal() if entry["grant_type"] == "password"]
    assert asked[-1]["error"] == "invalid_grant"  # ONVIO was asked before anything was saved


def test_s5_no_password_is_stored_logged_echoed_or_seen_in_arguments(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set(LOG__LEVEL="debug")
    profile.set_up()
    wrong, right = "errada-9f3c", password_of(GERENTE)
    arguments = ("link", MANAGER, "--email", GERENTE, "--password-stdin", *profile.acting)
    said = [profile.cli(*arguments, input=wrong + "\n")]
    simulator.fault("latency", "auth", times=1, value=1)
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        env=profile.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as asking:
        assert asking.stdin is not None
        asking.stdin.write(right.encode() + b"\n")
        asking.stdin.flush()
        time.sleep(0.6)  # ONVIO is being asked
        seen = b"".join(_of_process(path) for path in _processes())
        out, _err = asking.communicate(timeout=20)
    assert asking.returncode == 0, out
    said.append(profile.portal(MANAGER))
    profile.stop()
    kept = profile.everything_written() + seen + out + repr(said).encode()
    for secret in (wrong, right):
        assert secret.encode() not in kept


def _processes() -> list[Path]:
    return [path for path in Path("/proc").iterdir() if path.name.isdigit()]


def _of_process(path: Path) -> bytes:
    try:
        arguments = (path / "cmdline").read_bytes()
        environ = (path / "environ").read_bytes() if b"onvio_agent" in arguments else b""
    except OSError:
        return b""
    return arguments + environ


def test_s6_only_the_second_confirmation_with_the_same_account_connects(profile: Profile) -> None:
    profile.seat()
    profile.add("ana")
    assert profile.link("ana").code == 0
    row = profile.user("ana")
    assert (row["icon"]["state"], row["icon"]["reason"]) == ("play", "portal.unconfirmed")
    assert refused(profile.portal("ana", BRUNO), "portal.other_account")
    done = profile.cli(
        "portal", "ana", "--email", ANA, "--password-stdin", *profile.acting, input="errada\n"
    )
    assert refused(done, "auth.wrong_password")
    assert profile.user("ana")["uses_client_portal"] is False
    assert profile.cli("status", "ana").code == 1
    assert profile.portal("ana").code == 0
    row = profile.user("ana")
    assert (row["icon"]["state"], row["uses_client_portal"]) == ("green", True)


def test_s7_the_icon_tells_and_one_click_connects_again(
    profile: Profile, simulator: Simulator
) -> None:
    profile.seat()
    done = profile.cli("status")
    assert (done.code, done.out[0]) == (0, "●")
    profile.must("pause")
    done = profile.cli("status")
    assert (done.code, done.out[0]) == (1, "▶")
    done = profile.cli("reconnect")
    assert (done.code, done.out[0]) == (0, "●")
    simulator.kill()
    profile.wait_icon(None, "grey", reason="network.refused")
    done = profile.cli("reconnect")
    assert (done.code, done.out[0]) == (1, "○")
    simulator.restart()
    assert profile.cli("reconnect").code == 0


def test_s7_it_comes_back_by_itself_when_onvio_does(profile: Profile, simulator: Simulator) -> None:
    profile.seat("ana")
    simulator.kill()
    profile.wait_icon("ana", "grey", reason="network.refused")
    simulator.restart()
    profile.wait_icon("ana", "green")
    profile.wait_icon(MANAGER, "green")


def test_s8_inactivating_needs_a_confirmation_revokes_frees_and_remembers(
    profile: Profile, simulator: Simulator
) -> None:
    profile.seat("ana")
    done = profile.cli("inactivate", "ana", *profile.acting)
    assert refused(done, "user.not_confirmed")
    assert "--yes" in done.err
    assert profile.user("ana")["situation"] == "active"
    profile.must("inactivate", "ana", "--yes", *profile.acting)
    row = profile.user("ana")
    assert (row["situation"], row["onvio_email"], row["uses_onvio"]) == ("inactive", None, False)
    _wait_for_revocation(simulator, ANA)
    assert _users_with_tokens(profile) == [MANAGER]
    history = profile.must("users", "show", "ana", "--json").json()["history"]
    assert {"valid", "inactive"} <= {entry["after"] for entry in history}


def _users_with_tokens(profile: Profile) -> list[str]:
    question = "SELECT login FROM users JOIN tokens ON tokens.user_id = users.id ORDER BY login"
    with contextlib.closing(sqlite3.connect(profile.paths.store_path)) as store:
        return [login for (login,) in store.execute(question)]


def _wait_for_revocation(simulator: Simulator, email: str) -> None:
    deadline = time.monotonic() + 10
    while not any(
        entry["path"] == "/oauth/revoke" and entry["account"] == email and entry["status"] == 200
        for entry in simulator.journal()
    ):
        assert time.monotonic() < deadline, simulator.journal()
        time.sleep(0.05)


def test_s9_one_onvio_account_belongs_to_one_active_user(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set(LINKS__INTERVAL_S=300, LINKS__VALID_S=900)  # ana's check must not come between
    profile.seat("ana")
    profile.add("bruno")
    shouted = (
        "link",
        "bruno",
        "--email",
        ANA.upper(),
        "--password-stdin",
        *profile.acting,
    )
    assert refused(profile.cli(*shouted, input=password_of(ANA) + "\n"), "link.email_taken")
    renamed = {"email": "ana.nova@escritorio.example"}
    simulator.control("PATCH", f"accounts/{ANA}", renamed)
    moved = ("link", "bruno", "--email", "ana.nova@escritorio.example", "--password-stdin")
    done = profile.cli(*moved, *profile.acting, input=password_of(ANA) + "\n")
    assert refused(done, "link.email_taken")
    assert profile.user("bruno")["link"]["state"] == "not_linked"


@pytest.mark.parametrize(
    "arguments",
    [
        ("users", "add", "davi", "--name", "Davi"),
        ("users", "promote", "ana"),
        ("inactivate", "ana", "--yes"),
        ("activate", "ana"),
        ("link", "ana", "--email", ANA, "--password-stdin"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_s9_only_the_gerente_may_do_it(profile: Profile, arguments: tuple[str, ...]) -> None:
    profile.set_up()
    profile.add("ana")
    assert refused(profile.cli(*arguments, input=password_of(ANA) + "\n"), "manager.required")


def test_s9_a_person_may_sign_in_again_to_the_own_link_only(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set(WORKSTATION__USER="ana")
    profile.seat("ana", "bruno")
    simulator.revoke(ANA)
    profile.wait_icon("ana", "play", reason="link.session_ended")
    assert refused(profile.link("ana", CARLA, by=False), "link.other_account")
    assert refused(profile.link("bruno", BRUNO, by=False), "manager.required")
    assert profile.link("ana", by=False).code == 0
    profile.wait_icon("ana", "green")
    assert profile.cli("reconnect", "ana").code == 0


def test_s10_the_portal_option_is_enabled_exactly_when_online_with_an_open_link(
    profile: Profile, simulator: Simulator
) -> None:
    def option() -> tuple[bool, bool]:
        found = profile.must("users", "show", MANAGER, "--json").json()["portal_option"]
        return found["enabled"], found["hint"] is not None

    profile.set_up()
    assert option() == (False, True)  # not linked
    assert profile.link(MANAGER).code == 0
    assert option() == (True, False)  # unconfirmed
    simulator.fault("refuse")
    profile.wait(lambda snapshot: snapshot.connection.state != "online", "offline")
    assert option() == (False, True)
    done = profile.portal(MANAGER)
    assert refused(done, "portal.disabled")
    assert "reconnect" in done.err
    simulator.clear()
    profile.cli("reconnect")  # the click on the icon
    assert option() == (True, False)
    assert profile.portal(MANAGER).code == 0
    assert option() == (True, False)  # valid
    simulator.revoke(GERENTE)
    profile.wait_icon(MANAGER, "play", reason="link.session_ended")
    assert option() == (False, True)


def test_s11_an_unlinked_e_mail_can_be_linked_to_another_user(profile: Profile) -> None:
    profile.seat("ana")
    profile.add("bruno")
    assert refused(profile.link("bruno", ANA), "link.email_taken")
    profile.must("inactivate", "ana", "--yes", *profile.acting)
    assert profile.link("bruno", ANA).code == 0
    assert profile.portal("bruno", ANA).code == 0
    profile.must("activate", "ana", *profile.acting)
    assert profile.user("ana")["icon"]["reason"] == "link.none"
    assert refused(profile.link("ana", EMAILS["ana"]), "link.email_taken")
    assert profile.link("ana", CARLA).code == 0
    assert profile.portal("ana", CARLA).code == 0
    profile.wait_icon("ana", "green")
    emails = {user.login: user.onvio_email for user in profile.status().users}
    assert emails == {MANAGER: GERENTE, "ana": CARLA, "bruno": ANA}
