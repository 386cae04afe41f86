"""The current language, and what happens without a translation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from onvio_agent.contract import reasons
from onvio_agent.i18n import N_, _, age, current_language, ngettext, set_language


@pytest.fixture(autouse=True)
def _language_is_restored() -> Iterator[None]:
    before = current_language()
    yield
    set_language(before)


def test_portuguese_is_spoken_where_nothing_was_chosen() -> None:
    assert _("Waiting for the Gerente.") == "Aguardando o Gerente."


def test_english_is_the_message_itself() -> None:
    set_language("en")
    assert current_language() == "en"
    assert _("Waiting for the Gerente.") == "Waiting for the Gerente."
    assert ngettext("{n} day ago", "{n} days ago", 2) == "{n} days ago"


def test_plural_forms_follow_the_language() -> None:
    set_language("pt_BR")
    forms = [ngettext("{n} day ago", "{n} days ago", count) for count in (0, 1, 2)]
    assert forms == ["há {n} dia", "há {n} dia", "há {n} dias"]


def test_an_unknown_message_or_language_falls_back_to_the_message() -> None:
    assert _("Nobody says this.") == "Nobody says this."
    set_language("xx")
    assert _("Waiting for the Gerente.") == "Waiting for the Gerente."


def test_an_empty_message_stays_empty() -> None:
    assert _("") == ""


def test_marking_changes_nothing() -> None:
    assert N_("Waiting for the Gerente.") == "Waiting for the Gerente."


@pytest.mark.parametrize("code", reasons.CATALOGUE)
def test_every_reason_speaks_portuguese_and_keeps_its_fields(code: str) -> None:
    set_language("pt_BR")
    reason = reasons.get(code)
    for message in (reason.title, reason.next_step):
        translated = _(message)
        assert translated != message
        assert translated[-1] == message[-1] or message[-1] not in ".:!?"
        assert translated.count("{") == message.count("{")


@pytest.mark.parametrize(
    "words",
    [
        "Controle > Permissões > Usuários",
        "Utiliza ONVIO",
        "Utiliza Portal do Cliente",
        "[Redefinir sua senha]",
        "onvio.com.br/login",
        "senha do Domínio",
    ],
)
def test_the_words_that_people_know_are_kept(words: str) -> None:
    set_language("pt_BR")
    spoken = [_(r.title) + _(r.next_step) for r in reasons.CATALOGUE.values()]
    assert any(words in text for text in spoken)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "agora"),
        (0.4, "agora"),
        (7.9, "há 7 s"),
        (60, "há 1 min"),
        (3599, "há 59 min"),
        (7200, "há 2 h"),
        (86_400, "há 1 dia"),
        (900_000, "há 10 dias"),
    ],
)
def test_ages_are_said_in_words(seconds: float, words: str) -> None:
    set_language("pt_BR")
    assert age(seconds) == words
