"""The seed's rules in a browser: from the first set-up to a freed e-mail."""

from __future__ import annotations

from onvio_agent.client import Agent
from support.browsers import Panel
from support.office import MANAGER, MANAGER_PASSWORD, NAMES, Profile
from support.sim import ANA, BRUNO, GERENTE, Simulator, password_of


def test_s2_s3_s4_s5_s6_from_the_first_set_up_to_a_connected_gerente(
    profile: Profile, panel: Panel
) -> None:
    profile.start()
    panel.open()
    panel.page.get_by_role("link", name="Configurar").click()
    panel.fill("Login do Gerente", MANAGER)
    panel.fill("Nome", NAMES[MANAGER])
    panel.fill("Senha do Gerente neste agente", MANAGER_PASSWORD)
    panel.fill("A mesma de novo", "outra-senha-qualquer")
    panel.press("Configurar")
    panel.sees("As duas senhas não são iguais.")
    panel.fill("Senha do Gerente neste agente", MANAGER_PASSWORD)
    panel.fill("A mesma de novo", MANAGER_PASSWORD)
    panel.press("Configurar")
    panel.sees("O Gerente está configurado.")

    assert not panel.page.get_by_label("Usuário no ONVIO").is_visible()
    panel.tick("Utiliza ONVIO")
    panel.account(ANA)  # staff
    panel.sees("administrador")
    panel.account(GERENTE, "senha-errada")
    panel.sees("recusou este e-mail e senha")
    assert profile.user(MANAGER)["link"]["state"] == "not_linked"
    panel.account(GERENTE)
    panel.is_told("Vinculado ao ONVIO.")
    assert profile.user(MANAGER)["link"]["state"] == "unconfirmed"
    panel.tick("Utiliza Portal do Cliente")
    panel.account(ANA)
    panel.sees("exige a mesma conta ONVIO")
    panel.account(GERENTE)
    panel.sees("Conectado ao ONVIO.")
    panel.shows("green")
    assert profile.user(MANAGER)["icon"]["state"] == "green"


def test_s1_nothing_is_linked_while_the_agent_is_not_online(
    profile: Profile, simulator: Simulator, panel: Panel
) -> None:
    profile.set_up()
    panel.open()
    panel.sign_in()
    panel.go_to_user(NAMES[MANAGER])
    simulator.fault("refuse")
    profile.wait(lambda snapshot: snapshot.connection.state != "online", "offline")
    panel.tick("Utiliza ONVIO")
    panel.account(GERENTE)
    panel.sees("Conecte")
    assert profile.user(MANAGER)["link"]["state"] == "not_linked"


def test_a_second_factor_is_asked_for_on_the_page(
    profile: Profile, simulator: Simulator, panel: Panel
) -> None:
    profile.set_up()
    simulator.patch(GERENTE, second_factor="otp")
    panel.open()
    panel.sign_in()
    panel.go_to_user(NAMES[MANAGER])
    panel.tick("Utiliza ONVIO")
    panel.account(GERENTE)
    panel.sees("Mais um passo: o código")
    panel.fill("Código", "000000")
    panel.press("Confirmar")
    panel.sees("Mais um passo: o código")
    panel.fill("Código", str(simulator.codes(GERENTE)["otp"]))
    panel.press("Confirmar")
    panel.is_told("Vinculado ao ONVIO.")
    assert profile.user(MANAGER)["link"]["state"] == "unconfirmed"


def test_onvios_own_page_takes_the_place_of_the_password(profile: Profile, panel: Panel) -> None:
    profile.set_up()
    panel.open()
    panel.sign_in()
    panel.go_to_user(NAMES[MANAGER])
    panel.tick("Utiliza ONVIO")
    panel.sign_in_at_onvio(GERENTE)
    panel.is_told("Vinculado ao ONVIO.")
    panel.tick("Utiliza Portal do Cliente")
    panel.sign_in_at_onvio(GERENTE)
    panel.sees("Conectado ao ONVIO.")
    profile.wait_icon(MANAGER, "green")


def test_s3_who_comes_back_from_onvios_page_is_asked_to_vouch_for_the_account(
    profile: Profile, simulator: Simulator, panel: Panel
) -> None:
    profile.set_up()
    simulator.patch(GERENTE, role="unknown")
    panel.open()
    panel.sign_in()
    panel.go_to_user(NAMES[MANAGER])
    panel.tick("Utiliza ONVIO")
    panel.sign_in_at_onvio(GERENTE)
    panel.sees("marque abaixo que confirma")
    panel.press("Entrar pelo navegador")  # not ticked: nobody is sent to ONVIO in vain
    panel.sees("marque abaixo que confirma")
    panel.tick("O ONVIO não informa")
    panel.sign_in_at_onvio(GERENTE)
    panel.is_told("Vinculado ao ONVIO.")
    assert profile.user(MANAGER)["link"]["state"] == "unconfirmed"


def test_s8_s9_s11_an_inactive_users_email_is_free_for_another(
    profile: Profile, panel: Panel
) -> None:
    profile.seat("ana")
    profile.add("bruno")
    panel.open()
    panel.sign_in()
    panel.go_to_user(NAMES["bruno"])
    panel.tick("Utiliza ONVIO")
    panel.account(ANA)
    panel.sees("já está")
    panel.go_to_user(NAMES["ana"])
    panel.page.get_by_label("Inativo", exact=True).check()
    panel.page.get_by_role("button", name="Gravar").last.click()
    panel.sees("Passar Ana Moreira para Inativo?")
    panel.press("Sim, passar para Inativo")
    panel.sees("o e-mail está livre")
    panel.connect(NAMES["bruno"], ANA)
    panel.go_to_user(NAMES["ana"])
    panel.page.get_by_label("Ativo", exact=True).check()
    panel.page.get_by_role("button", name="Gravar").last.click()
    panel.sees("voltou a ser Ativo")
    panel.connect(NAMES["ana"], BRUNO)
    assert profile.user("bruno")["onvio_email"] == ANA
    assert profile.user("ana")["onvio_email"] == BRUNO


def test_s9_a_person_signs_in_again_to_their_own_link_without_the_gerente(
    profile: Profile, simulator: Simulator, panel: Panel
) -> None:
    profile.seat("ana", "bruno")
    Agent.connect(profile.paths).set_workstation("ana")
    panel.open()
    panel.page.get_by_role("link", name="Usuários").click()
    assert not panel.page.get_by_text(NAMES["bruno"]).is_visible()
    simulator.revoke(ANA)
    profile.wait_icon("ana", "play")
    panel.page.get_by_role("link", name=NAMES["ana"]).click()
    panel.account(ANA)
    panel.sees("Você entrou no ONVIO.")
    profile.wait_icon("ana", "green")


def test_s12_a_password_that_was_just_reset_is_tried_again_in_sight(
    profile: Profile, simulator: Simulator, panel: Panel
) -> None:
    profile.set(RETRY__AFTER_RESET_S=5)  # three tries in 35 s
    profile.set_up()
    simulator.patch(GERENTE, state="reset")
    panel.open()
    panel.sign_in()
    panel.go_to_user(NAMES[MANAGER])
    panel.tick("Utiliza ONVIO")
    panel.tick("Acabei de redefinir a senha")
    panel.account(GERENTE)
    panel.sees("O ONVIO ainda não aceita a senha")
    simulator.advance(600)
    panel.is_told("Vinculado ao ONVIO.")
    assert password_of(GERENTE) not in panel.page.content()
