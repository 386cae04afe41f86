"""The page follows by itself, tells the truth when it cannot, and lets nobody linger."""

from __future__ import annotations

from support.browsers import Panel
from support.office import MANAGER, NAMES, Profile
from support.sim import ANA, GERENTE, Simulator


def test_an_outage_and_its_end_are_seen_without_reloading(
    profile: Profile, simulator: Simulator, panel: Panel
) -> None:
    profile.seat("ana")
    panel.open()
    panel.shows("green")
    panel.mark()
    simulator.stop()
    panel.shows("grey")
    panel.sees("recus")
    simulator.start()
    panel.shows("green")
    assert panel.is_same_document()
    panel.page.wait_for_timeout(2100)  # the history is written a moment later
    panel.page.reload()
    assert panel.page.locator("#past tbody tr").count() >= 1


def test_s2_others_wait_for_the_gerente_and_come_back_with_him(
    profile: Profile, simulator: Simulator, panel: Panel
) -> None:
    profile.seat("ana")
    panel.open()
    panel.sign_in()
    panel.go_to_user(NAMES["ana"])
    panel.shows("green")
    panel.mark()
    simulator.revoke(GERENTE)
    panel.sees("Gerente")
    profile.wait_icon("ana", "grey", reason="manager.waiting")
    panel.page.wait_for_function(
        "() => document.querySelector('#state img.state').src.endsWith('/grey.svg')"
    )
    assert panel.is_same_document()
    panel.go_to_user(NAMES[MANAGER])
    panel.account(GERENTE)
    panel.sees("Você entrou no ONVIO.")
    profile.wait_icon("ana", "green")


def test_s7_conectar_ends_a_pause(profile: Profile, panel: Panel) -> None:
    profile.seat("ana")
    panel.open()
    profile.must("pause")
    panel.shows("play")
    panel.press("Conectar")
    panel.sees("Conectado ao ONVIO.")
    panel.shows("green")


def test_s10_the_portals_box_is_greyed_while_offline_and_a_click_enables_it(
    profile: Profile, simulator: Simulator, panel: Panel
) -> None:
    profile.set(RETRY__FIRST_S=60, RETRY__MAX_S=3600)  # it must not come back before the click
    profile.set_up()
    assert profile.link(MANAGER).code == 0
    panel.open()
    panel.sign_in()
    simulator.fault("refuse")
    profile.wait(lambda snapshot: snapshot.connection.state != "online", "offline")
    panel.go_to_user(NAMES[MANAGER])
    box = panel.page.get_by_label("Utiliza Portal do Cliente")
    assert box.is_disabled()
    panel.sees("não pode ser marcado agora")
    simulator.clear()
    panel.press(f"Conectar: {NAMES[MANAGER]}")
    panel.page.wait_for_function("() => !document.querySelector('[name=uses_portal]').disabled")


def test_s13_a_name_that_was_changed_at_onvio_shows(
    profile: Profile, simulator: Simulator, panel: Panel
) -> None:
    profile.seat("ana")
    panel.open()
    simulator.patch(ANA, email="ana.nova@escritorio.example")
    panel.sign_in()
    profile.wait(
        lambda snapshot: "ana.nova@escritorio.example" in [u.onvio_email for u in snapshot.users],
        "taken over",
    )
    panel.sees("ana.nova@escritorio.example")


def test_a_page_whose_agent_is_gone_greys_and_says_so(profile: Profile, panel: Panel) -> None:
    profile.seat()
    panel.open()
    panel.shows("green")
    profile.kill()
    panel.sees("O agente não responde.")
    panel.shows("grey")


def test_the_gerentes_session_ends_by_idleness_and_by_signing_out(
    profile: Profile, panel: Panel
) -> None:
    profile.set(CONTROL__SESSION_IDLE_S=2)
    profile.seat("ana")
    panel.open()
    panel.sign_in()
    panel.page.get_by_role("link", name="Novo usuário").click()
    panel.sees("Novo usuário")
    profile.must("pause")
    profile.must("resume")
    panel.page.wait_for_timeout(2500)
    profile.must("pause")  # something changes: the page looks again, and is shown out
    panel.sees("A sessão do Gerente terminou.")
    profile.must("resume")
    panel.page.goto(panel.page.url.partition("/new-user")[0] + "/")
    panel.sign_in()
    panel.press("Sair")
    panel.sees("Você saiu.")
    assert not panel.page.get_by_text("Gerente: Helena").is_visible()
