"""The seed's rules as pure functions; the end-to-end tests show them through the commands."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from onvio_agent.contract.status import ConnectionState, LinkState, Role
from onvio_agent.errors import Refused, WrongUsage
from onvio_agent.office import rules
from onvio_agent.office.model import Office, OnvioRole
from support.offices import account, office, user

GER = user(1, "ger", manager=True)
ANA = user(2, "ana")
NEW = user(3, "novo", linked=False)
HOME, OTHER_HOME = "11222333000181", "99888777000166"


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, match=rf"^{code}:")


def test_s1_nobody_is_linked_while_the_agent_is_not_online() -> None:
    with refused("link.not_online"):
        rules.check_link(office(GER, NEW), NEW, online=False)
    rules.check_link(office(GER, NEW), NEW, online=True)


@pytest.mark.parametrize(
    "manager",
    [
        user(1, "ger", manager=True, linked=False),
        user(1, "ger", manager=True, confirmed=False),
        user(1, "ger", manager=True, ended="link.session_ended"),
    ],
)
def test_s2_nobody_is_linked_before_the_gerente(manager: rules.User) -> None:
    with refused("manager.first"):
        rules.check_link(office(manager, NEW), NEW, online=True)
    rules.check_link(office(manager, NEW), manager, online=True)


def test_s2_a_definitive_end_of_the_gerente_holds_all_other_links_and_only_links() -> None:
    ended = user(1, "ger", manager=True, ended="link.session_ended")
    held = office(ended, ANA, NEW)
    assert rules.hold_of(held) == "manager.waiting"
    assert [rules.is_held(each, rules.hold_of(held)) for each in held.users] == [False, True, False]
    assert rules.hold_of(office(GER, ANA)) is None
    assert rules.hold_of(office(ANA)) == "manager.missing"


@pytest.mark.parametrize(
    ("role", "confirmed", "code"),
    [
        (OnvioRole.ADMINISTRATOR, False, None),
        (OnvioRole.UNKNOWN, True, None),
        (OnvioRole.UNKNOWN, False, "manager.unproven"),
        (OnvioRole.STAFF, False, "manager.not_admin"),
        (OnvioRole.STAFF, True, "manager.not_admin"),
    ],
)
def test_s3_the_gerentes_account_is_an_administrator(
    role: OnvioRole, confirmed: bool, code: str | None
) -> None:
    def check() -> None:
        rules.check_account(
            office(GER),
            GER,
            account("dono", role=role),
            administrator_confirmed=confirmed,
            office_confirmed=False,
        )

    if code is None:
        check()
    else:
        with refused(code):
            check()


@pytest.mark.parametrize(
    ("home", "cnpj", "confirmed", "code"),
    [
        (None, None, False, "office.unproven"),
        (None, HOME, False, "office.unproven"),
        (HOME, None, False, "office.unproven"),
        (HOME, None, True, None),
        (None, HOME, True, None),
        (HOME, HOME, False, None),
        (HOME, OTHER_HOME, False, "office.other"),
        (HOME, OTHER_HOME, True, "office.other"),
    ],
)
def test_an_account_is_of_the_gerentes_office_by_onvios_word_or_a_persons_never_against_onvios(
    home: str | None, cnpj: str | None, confirmed: bool, code: str | None
) -> None:
    link = msgspec.structs.replace(GER.link, account=account("ger", office_cnpj=home))
    manager = msgspec.structs.replace(GER, link=link)

    def check() -> None:
        rules.check_account(
            office(manager, NEW),
            NEW,
            account("x", office_cnpj=cnpj),
            administrator_confirmed=False,
            office_confirmed=confirmed,
        )

    if code is None:
        check()
    else:
        with refused(code):
            check()


def test_s6_the_portal_takes_the_same_person_only_even_when_the_email_changed() -> None:
    rules.check_portal_account(ANA, account("ana", email="outro@escritorio.example"))
    with refused("portal.other_account"):
        rules.check_portal_account(ANA, account("bia", email="ana@escritorio.example"))


@pytest.mark.parametrize("email", ["ANA@escritorio.example", " ana@ESCRITORIO.example "])
def test_s9_an_email_belongs_to_one_active_user_compared_without_case(email: str) -> None:
    with refused("link.email_taken"):
        rules.check_account(
            office(GER, ANA, NEW),
            NEW,
            account("x", email=email),
            administrator_confirmed=False,
            office_confirmed=False,
        )


def test_s9_an_onvio_person_belongs_to_one_user_whatever_the_email() -> None:
    with refused("link.email_taken"):
        rules.check_account(
            office(GER, ANA, NEW),
            NEW,
            account("ana", email="new@escritorio.example"),
            administrator_confirmed=False,
            office_confirmed=False,
        )


def test_s9_a_person_may_renew_only_the_link_they_have() -> None:
    rules.check_sign_in_again(ANA, account("ana"))
    with refused("link.other_account"):
        rules.check_sign_in_again(ANA, account("bia"))


@pytest.mark.parametrize(("state", "held"), list(itertools.product(ConnectionState, [False, True])))
def test_s10_the_option_is_enabled_exactly_when_online_and_unconfirmed_or_valid(
    state: ConnectionState, held: bool
) -> None:
    subjects = {
        LinkState.NOT_LINKED: NEW,
        LinkState.UNCONFIRMED: user(4, "u", confirmed=False),
        LinkState.VALID: ANA,
        LinkState.NEEDS_PERSON: user(5, "n", ended="link.session_ended"),
        LinkState.INACTIVE: user(6, "i", active=False, linked=False),
    }
    for standing, subject in subjects.items():
        assert rules.standing(subject) is standing
        expected = (
            state is ConnectionState.ONLINE
            and standing in (LinkState.UNCONFIRMED, LinkState.VALID)
            and not held
        )
        assert rules.portal_option(subject, state, held=held) == expected


def test_s8_inactivating_asks_first_and_the_gerente_hands_over_in_the_same_step() -> None:
    people = office(GER, ANA)
    with refused("user.not_confirmed"):
        rules.check_inactivate(people, ANA, None, confirmed=False)
    rules.check_inactivate(people, ANA, None, confirmed=True)
    with refused("manager.only"):
        rules.check_inactivate(people, GER, None, confirmed=True)
    rules.check_inactivate(people, GER, ANA, confirmed=True)


@pytest.mark.parametrize(
    "heir",
    [
        NEW,
        user(4, "u", confirmed=False),
        user(5, "n", ended="link.session_ended"),
    ],
)
def test_only_a_linked_and_confirmed_user_can_become_the_gerente(heir: rules.User) -> None:
    with refused("user.not_ready"):
        rules.check_promote(office(GER, heir), heir)


def test_neither_the_gerente_nor_who_is_inactive_can_become_the_gerente() -> None:
    away = user(6, "i", active=False, linked=False)
    with refused("user.not_active"):
        rules.check_promote(office(GER, away), away)
    with refused("user.manager_already"):
        rules.check_inactivate(office(GER, away), GER, GER, confirmed=True)
    with refused("user.inactive_already"):
        rules.check_inactivate(office(GER, away), away, None, confirmed=True)


def test_after_a_promotion_exactly_one_is_the_gerente() -> None:
    roles = [rules.role_after_promotion(each, ANA) for each in (GER, ANA, NEW)]
    assert roles == [Role.STANDARD, Role.MANAGER, Role.STANDARD]


@pytest.mark.parametrize("login", ["", "  ", "a b", "a\tb", "a\x00b"])
def test_a_login_is_one_printable_word(login: str) -> None:
    with pytest.raises(rules.WrongUsage):
        rules.check_new_user(Office(), login, "Nome")


def test_a_login_is_taken_whatever_its_case() -> None:
    with refused("user.exists"):
        rules.check_new_user(office(ANA), "ANA", "Outra Ana")


def test_the_end_of_a_gerentes_role_ends_nobody_elses_link() -> None:
    assert rules.standing(user(1, "ger", manager=True, ended="manager.not_admin")) is (
        LinkState.NEEDS_PERSON
    )
    assert rules.standing(user(2, "ana", ended="manager.not_admin")) is LinkState.VALID
    assert rules.standing(user(2, "ana", ended="link.other_person")) is LinkState.NEEDS_PERSON


def test_s9_who_has_a_link_signs_in_again_though_the_gerente_is_away_as_the_same_person() -> None:
    ended = user(1, "ger", manager=True, ended="link.session_ended")
    gone = user(2, "ana", ended="link.session_ended")
    people = office(ended, gone)
    rules.check_link(people, gone, online=True)
    rules.check_account(
        people, gone, account("ana"), administrator_confirmed=False, office_confirmed=False
    )
    with refused("manager.first"):
        rules.check_account(
            people, gone, account("bia"), administrator_confirmed=False, office_confirmed=False
        )


@pytest.mark.parametrize(
    "login", ["", ".", "..", "---", "a b", "-x", "a\u200bb", "x" * (rules.LOGIN_MAX + 1)]
)
def test_what_is_no_login_is_refused_with_a_short_sentence(login: str) -> None:
    with pytest.raises(WrongUsage, match=r"^user\.bad_login:") as refusal:
        rules.check_new_user(office(GER), login, "Nova")
    assert len(str(refusal.value)) < 150


@pytest.mark.parametrize("login", ["a", "1", "ana.b", "..x", "a/b", "São", "x" * rules.LOGIN_MAX])
def test_a_login_is_one_word_of_any_alphabet(login: str) -> None:
    rules.check_new_user(office(GER), login, "Nova")


@pytest.mark.parametrize("name", ["", " ", "x" * (rules.NAME_MAX + 1), "a\tb"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(WrongUsage, match=r"^user\.bad_name:"):
        rules.check_new_user(office(GER), "nova", name)


def test_an_email_has_an_end() -> None:
    assert rules.is_email("a@" + "b" * 314 + ".com")
    assert not rules.is_email("a@" + "b" * 315 + ".com")
