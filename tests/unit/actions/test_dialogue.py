"""Signing in with a second factor: two steps, each on its own, and nothing that outlives them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from onvio_agent.actions import dialogue, people
from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.dialogue import OPEN_S, Dialogue, Wish
from onvio_agent.errors import Failed, Refused
from onvio_agent.onvio.oauth import AUTHENTICATORS_PATH, CHALLENGE_PATH, TOKEN_PATH
from onvio_agent.onvio.transport import Request
from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.simulator.faults import Fault
from onvio_agent.simulator.limits import LimitsPatch
from support.aio import on_loop
from support.desks import GER, Bench, Hold, bench, lost_answer
from support.sim import ANA, BRUNO, GERENTE, password_of


def second_factor(at: Bench, email: str, kind: Any = "otp") -> None:
    """Switched on at ONVIO."""
    at.cloud.cloud.patch_account(email, AccountPatch(second_factor=kind))


async def begin(at: Bench, login: str, email: str, what: Any = "link") -> Dialogue:
    wish = Wish(what=what, actor=GER, login=login)
    began = await dialogue.begin(at.desk, wish, email, password_of(email))
    assert isinstance(began, Dialogue)
    return began


def code_of(at: Bench, email: str, kind: str = "otp") -> str:
    return str(at.cloud.cloud.codes(email)[kind])


async def refused(at: Bench, opened: Dialogue, code: str) -> str:
    """The reason for which that code is not taken."""
    with pytest.raises(Refused) as no:
        await dialogue.give_code(at.desk, opened.id, code)
    return no.value.code


@pytest.mark.parametrize("kind", ["otp", "oob"])
@on_loop
async def test_link_and_portal_are_completed_by_a_code(tmp_path: Path, kind: str) -> None:
    async with bench(tmp_path) as at:
        second_factor(at, GERENTE, kind)
        for what in ("link", "portal"):
            opened = await begin(at, "gerente", GERENTE, what)
            assert at.user("gerente").link.confirmed is False
            code = code_of(at, GERENTE, kind)
            done = await dialogue.give_code(at.desk, opened.id, f" {code[:3]} {code[3:]} ")
            assert done.recovery_code is None
        assert at.icon("gerente") == ("green", None)
        assert at.desk.dialogues == {}
        sent = at.wire.sent.count
        assert sent(AUTHENTICATORS_PATH) == 2
        assert sent(CHALLENGE_PATH) == (2 if kind == "oob" else 0)


@on_loop
async def test_a_wrong_code_changes_nothing_and_leaves_it_open(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        second_factor(at, GERENTE)
        opened = await begin(at, "gerente", GERENTE)
        before = at.desk.hub.world
        for wrong in ("000000", "", "x" * 100, "0\x00"):
            assert await refused(at, opened, wrong) == "auth.wrong_code"
        assert at.desk.hub.world == before
        done = await dialogue.give_code(at.desk, opened.id, code_of(at, GERENTE))
        assert done.user.link.account is not None
        assert await refused(at, opened, code_of(at, GERENTE)) == "signin.expired"


@on_loop
async def test_a_recovery_code_is_taken_and_the_next_one_given_back_even_in_a_refusal(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        second_factor(at, GERENTE)
        opened = await begin(at, "gerente", GERENTE)
        spent = code_of(at, GERENTE, "recovery_code")
        done = await dialogue.give_code(at.desk, opened.id, spent)
        assert done.recovery_code == code_of(at, GERENTE, "recovery_code") != spent
        second_factor(at, GERENTE, None)
        await at.portal("gerente")
        await at.connect("ana")
        second_factor(at, ANA)
        opened = await begin(at, "bruno", ANA)
        with pytest.raises(Refused, match=r"^link\.email_taken") as no:
            await dialogue.give_code(at.desk, opened.id, code_of(at, ANA, "recovery_code"))
        assert no.value.fields["recovery_code"] == code_of(at, ANA, "recovery_code")
        assert len(await at.desk.store.revocations(9)) == 1  # the new session is not left behind


@on_loop
async def test_it_ends_after_ten_minutes_and_with_a_newer_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        second_factor(at, GERENTE)
        first = await begin(at, "gerente", GERENTE)
        second = await begin(at, "Gerente", GERENTE)
        assert await refused(at, first, code_of(at, GERENTE)) == "signin.expired"
        at.pass_time(OPEN_S)
        sent = len(at.wire.sent)
        assert await refused(at, second, code_of(at, GERENTE)) == "signin.expired"
        assert len(at.wire.sent) == sent


@on_loop
async def test_what_onvio_has_forgotten_or_blocked_ends_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        second_factor(at, GERENTE)
        at.cloud.cloud.set_limits(LimitsPatch(wrong_codes=1))
        opened = await begin(at, "gerente", GERENTE)
        assert await refused(at, opened, "000000") == "auth.wrong_code"
        assert await refused(at, opened, code_of(at, GERENTE)) == "auth.blocked"
        assert await refused(at, opened, code_of(at, GERENTE)) == "signin.expired"
        second_factor(at, GERENTE)  # a change lifts the block
        opened = await begin(at, "gerente", GERENTE)
        at.cloud.cloud.world.second_factors.waiting.clear()
        assert await refused(at, opened, code_of(at, GERENTE)) == "signin.expired"
        assert at.desk.dialogues == {}


@on_loop
async def test_trouble_on_the_way_leaves_it_open(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        second_factor(at, GERENTE)
        opened = await begin(at, "gerente", GERENTE)
        at.cloud.cloud.set_fault(Fault("http_503", target="auth", times=1))
        with pytest.raises(Failed, match=r"^onvio\.unavailable"):
            await dialogue.give_code(at.desk, opened.id, code_of(at, GERENTE))
        at.wire.after = lost_answer(TOKEN_PATH)
        with pytest.raises(Failed, match=r"^network\.interrupted"):
            await dialogue.give_code(at.desk, opened.id, code_of(at, GERENTE))
        assert await refused(at, opened, code_of(at, GERENTE)) == "signin.expired"  # it was taken


@on_loop
async def test_two_codes_at_once_are_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        second_factor(at, GERENTE)
        opened = await begin(at, "gerente", GERENTE)
        at.wire.before = hold = Hold(TOKEN_PATH)
        first = asyncio.create_task(dialogue.give_code(at.desk, opened.id, code_of(at, GERENTE)))
        await hold.reached.wait()
        assert await refused(at, opened, code_of(at, GERENTE)) == "signin.expired"
        dialogue.cancel(at.desk, opened.id)  # too late: it is being done
        hold.release()
        assert (await first).user.link.account is not None
        assert at.desk.dialogues == {}


@on_loop
async def test_one_that_was_given_up_stays_so_whatever_the_code_under_way(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        second_factor(at, GERENTE)
        opened = await begin(at, "gerente", GERENTE)
        at.wire.before = hold = Hold(TOKEN_PATH)
        wrong = asyncio.create_task(refused(at, opened, "000000"))
        await hold.reached.wait()
        dialogue.cancel(at.desk, opened.id)
        hold.release()
        assert await wrong == "auth.wrong_code"
        assert await refused(at, opened, code_of(at, GERENTE)) == "signin.expired"


@on_loop
async def test_a_hand_over_ends_what_was_begun_in_the_gerentes_name(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "bruno")
        second_factor(at, ANA)
        opened = await begin(at, "ana", ANA)
        at.cloud.cloud.patch_account(BRUNO, AccountPatch(role="administrator"))
        await people.promote(at.desk, GER, "bruno")
        assert await refused(at, opened, code_of(at, ANA)) == "signin.expired"


@on_loop
async def test_an_account_that_can_answer_with_nothing_is_told_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        second_factor(at, GERENTE, "oob")

        async def none(mfa_token: str) -> tuple[()]:
            del mfa_token
            return ()

        at.desk.oauth.authenticators = none  # type: ignore[method-assign] # an empty list, as ONVIO may
        with pytest.raises(Refused, match=r"^signin\.no_factor"):
            await begin(at, "gerente", GERENTE)


@on_loop
async def test_a_renewal_that_needs_the_person_shows_play_and_is_not_tried_again(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        second_factor(at, ANA)
        at.pass_time(2 * 3600)
        renewals = 0

        async def count(request: Request) -> None:
            nonlocal renewals
            renewals += dict(request.form or ()).get("grant_type") == "refresh_token"

        at.wire.before = count
        for _check in range(3):
            await check_link(at.desk, at.user("gerente").id)
            await check_link(at.desk, at.user("ana").id, by_person=True)
        assert at.icon("ana") == ("play", "link.second_factor")
        assert renewals == 2  # the Gerente's, and hers once
        assert await at.desk.store.revocations(9) == []  # ONVIO still knows her session
        opened = await begin(at, "ana", ANA)
        await dialogue.give_code(at.desk, opened.id, code_of(at, ANA))
        assert at.icon("ana") == ("green", None)  # the same person: the confirmation holds
        assert len(await at.desk.store.revocations(9)) == 1  # now the old one is to end
