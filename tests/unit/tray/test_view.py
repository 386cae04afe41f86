"""What the icon shows: never more than was heard, and never longer than it holds."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.clock import Now
from onvio_agent.contract.reason import Kind
from onvio_agent.contract.reasons import CATALOGUE
from onvio_agent.contract.status import IconState, Newer, SyncStatus
from onvio_tray.backends.base import MenuItem
from onvio_tray.menu import USERS_MAX
from onvio_tray.sight import Heard, Sight, Unheard
from onvio_tray.view import Click, Own, View, view
from support.snapshots import NOW, snapshot_of, user_with

STATES = sorted(code for code, entry in CATALOGUE.items() if entry.kind is Kind.STATE)
ABSENCES = ("agent.stopped", "agent.not_answering", "agent.stranger", "agent.version_mismatch")


def at(seconds: float = 0.0) -> Now:
    return Now(1000.0 + seconds, NOW + timedelta(seconds=seconds))


def seen(sight: Sight, seconds: float = 0.0, **own: object) -> View:
    return view(sight, at(seconds), Own(**own))  # type: ignore[arg-type]


def heard(*users: object, **more: object) -> Heard:
    return Heard(snapshot_of(*users, **more), 1000.0)  # type: ignore[arg-type]


def line(found: View, label: str) -> MenuItem:
    return next(item for item in found.shown.menu if item.label.startswith(label))


def labels(found: View) -> list[str]:
    return [item.label for item in found.shown.menu if not item.separator]


@pytest.mark.parametrize("code", [None, *STATES])
def test_the_icon_is_the_agents(code: str | None) -> None:
    found = seen(heard(user_with("ana", code), reason=code))
    assert found.shown.icon is (CATALOGUE[code].icon if code else IconState.GREEN)
    assert found.reason == code


@pytest.mark.parametrize("code", ABSENCES)
def test_without_an_agent_it_is_grey(code: str) -> None:
    found = seen(Unheard(code, {"pid": 7}))
    assert found.shown.icon is IconState.GREY
    assert "{" not in found.title + found.next_step
    assert found.shown.tooltip == found.title


@pytest.mark.parametrize(
    ("sight", "click"),
    [
        (Unheard("agent.stopped"), Click.START),
        (Unheard("agent.not_answering", {"pid": 7}), Click.RESTART),
        (Unheard("agent.version_mismatch"), Click.RESTART),
        (Unheard("settings.invalid", {"detail": "x"}), Click.SAY),
        (heard(), Click.SAY),
        (heard(panel=True), Click.PANEL),
        (heard(panel=True, reason="link.session_ended"), Click.RECONNECT),
        (heard(reason="paused"), Click.RECONNECT),
        (heard(reason="link.session_ended"), Click.RECONNECT),
        (heard(reason="network.none"), Click.RECONNECT),
    ],
)
def test_a_click_does_what_can_help(sight: Sight, click: Click) -> None:
    assert seen(sight).click is click


def test_green_ends_with_the_verdict_on_the_connection() -> None:
    sight = heard(user_with("ana"), ttl_s=90.0)
    assert seen(sight, 89.9).shown.icon is IconState.GREEN
    late = seen(sight, 90.0)
    assert (late.shown.icon, late.reason, late.click) == (
        IconState.GREY,
        "agent.stale",
        Click.RECONNECT,
    )
    assert line(late, "Ana").icon is IconState.GREY


def test_green_ends_with_the_verdict_on_a_users_link() -> None:
    sight = heard(user_with("ana", ttl_s=20.0), user_with("bruno", ttl_s=60.0))
    assert seen(sight, 20.0).shown.icon is IconState.GREY
    assert line(seen(sight, 20.0), "Bruno").icon is IconState.GREEN
    assert seen(sight, 20.0, login="bruno").shown.icon is IconState.GREEN
    assert seen(sight, 60.0, login="bruno").shown.icon is IconState.GREY


@given(
    reason=st.sampled_from([None, *STATES]),
    users=st.lists(
        st.tuples(st.sampled_from([None, *STATES]), st.none() | st.floats(0, 1000)), max_size=4
    ),
    ttl_s=st.none() | st.floats(0, 1000),
    seconds=st.floats(0, 5000),
)
def test_what_does_not_change_before_its_time_is_the_same_until_then(
    reason: str | None,
    users: list[tuple[str | None, float | None]],
    ttl_s: float | None,
    seconds: float,
) -> None:
    """The instant that is named is early enough: before it, icon and tooltip are as they were."""
    people = [user_with(f"u{n}", code, ttl_s=ttl) for n, (code, ttl) in enumerate(users)]
    sight = heard(*people, reason=reason, ttl_s=ttl_s)
    found = seen(sight, seconds)
    until = found.changes_at
    if until is not None:
        assert until > at(seconds).mono
        just_before = max(seconds, until - 1000.0 - 0.01)
        again = seen(sight, just_before)
        assert (again.shown.icon, again.shown.tooltip) == (found.shown.icon, found.shown.tooltip)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "Conectado ao ONVIO, verificado há menos de 1 min."),
        (61, "Conectado ao ONVIO, verificado há 1 min."),
        (7300, "Conectado ao ONVIO, verificado há 2 h."),
    ],
)
def test_the_tooltip_is_one_sentence_with_the_age_of_the_last_success(
    seconds: float, words: str
) -> None:
    found = seen(heard(user_with("ana"), ttl_s=None), seconds)
    assert found.shown.tooltip == words


def test_when_it_is_not_green_the_tooltip_says_when_it_last_was() -> None:
    sight = heard(user_with("ana", "network.none"), reason="network.none")
    assert seen(sight).shown.tooltip == "Este computador está sem rede."
    found = seen(sight, 120, green_at=NOW)
    assert (
        found.shown.tooltip == "Este computador está sem rede; conectado pela última vez há 2 min."
    )


def test_only_what_a_person_can_mend_calls_for_attention() -> None:
    assert seen(heard(reason="link.session_ended")).shown.attention
    assert not seen(heard(reason="paused")).shown.attention
    assert not seen(heard(reason="network.none")).shown.attention
    assert not seen(heard()).shown.attention


def test_the_menu_speaks_the_words_that_people_know() -> None:
    found = seen(heard(user_with("ana", name="Ana Moreira")))
    assert labels(found) == [
        "Conectado ao ONVIO.",
        "Conectar novamente",
        "Ana Moreira",
        "Pausar por 1 hora",
        "Este computador é de:",
        "Ana Moreira",
        "Abrir pasta de logs",
        "Sair",
    ]
    assert line(found, "Ana").icon is IconState.GREEN


def test_a_pause_can_be_ended_from_the_menu() -> None:
    assert "Retomar" in labels(seen(heard(reason="paused")))
    assert "Pausar por 1 hora" not in labels(seen(heard(reason="paused")))


def test_the_next_step_stands_in_the_menu_unless_all_is_well() -> None:
    found = seen(Unheard("agent.stopped"))
    assert labels(found)[:2] == [
        "O agente não está em execução neste computador.",
        "Clique no ícone para iniciá-lo.",
    ]
    assert not line(found, "O agente").enabled


def test_inactive_users_and_those_without_onvio_have_no_icon_there() -> None:
    sight = heard(user_with("ana", active=False), user_with("bia", uses_onvio=False))
    found = seen(sight, login="x")
    assert not [item for item in found.shown.menu if item.id.startswith("user/")]


def test_the_panel_is_offered_only_where_the_agent_has_one() -> None:
    assert "Abrir painel" not in labels(seen(heard()))
    assert "Abrir painel" in labels(seen(heard(panel=True)))


def test_a_newer_version_is_one_quiet_line_of_the_menu() -> None:
    known = heard(newer=Newer(version="9.0", page="https://x.example/novo"))
    assert labels(seen(known))[-3:] == [
        "A versão 9.0 está disponível.",
        "Abrir pasta de logs",
        "Sair",
    ]
    assert not line(seen(known), "A versão").enabled
    plain, shown = seen(heard()).shown, seen(known).shown
    assert (shown.icon, shown.tooltip, shown.attention) == (
        plain.icon,
        plain.tooltip,
        plain.attention,
    )


def test_documents_are_counted_only_where_they_are_delivered() -> None:
    assert not [text for text in labels(seen(heard())) if "Documentos" in text]
    sync = SyncStatus(queued=2, sending=1, accepted=3, stored=9, waiting=4)
    assert "Documentos pendentes: 10" in labels(seen(heard(sync=sync)))


def test_whose_workstation_it_is_is_one_line_once_it_is_known() -> None:
    sight = heard(user_with("ana"), user_with("bruno"))
    found = seen(sight, login="BRUNO")
    assert line(found, "Este computador").label == "Este computador é de Bruno (alterar…)"
    assert line(found, "Este computador").id == "own/"
    assert not [item for item in found.shown.menu if item.id == "own/ana"]


def test_where_the_choice_is_not_ours_the_menu_does_not_offer_it() -> None:
    found = seen(heard(user_with("ana")), may_choose=False)
    assert not [text for text in labels(found) if text.startswith("Este computador")]


def test_a_large_office_does_not_fill_the_screen() -> None:
    people = [user_with(f"user{n}") for n in range(300)]
    found = seen(heard(*people), login="user7")
    lines = [item for item in found.shown.menu if item.id.startswith("user/")]
    assert len(lines) == USERS_MAX
    assert "e mais 280" in labels(found)


def test_names_are_cleaned_and_cut() -> None:
    people = [user_with("a", name="Ana\n\u202e" + "x" * 99)]
    found = line(seen(heard(*people)), "Ana")
    assert len(found.label) == 40
    assert found.label.isprintable()


def test_every_line_that_can_be_clicked_has_a_name_of_its_own() -> None:
    people = [user_with("ana"), user_with("bruno", "link.session_ended")]
    names = [item.id for item in seen(heard(*people)).shown.menu if item.id]
    assert len(names) == len(set(names))


def test_times_of_day_do_not_disturb_the_age() -> None:
    """A wall clock set back would make a negative age."""
    found = view(
        heard(user_with("ana")), Now(1000.0, NOW.astimezone(UTC) - timedelta(hours=1)), Own()
    )
    assert found.shown.tooltip == "Conectado ao ONVIO, verificado há menos de 1 min."
    assert found.changes_at is not None
    assert found.changes_at > 1000.0
