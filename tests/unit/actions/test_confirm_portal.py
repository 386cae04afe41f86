"""The second confirmation: enabled when connected with an open link, with the same account only."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from onvio_agent.actions import people
from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.confirm_portal import confirm_portal
from onvio_agent.actions.sign_in import Password
from onvio_agent.errors import Refused, StoreFailed
from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.verdict.facts import ProbeFailed
from support.aio import on_loop
from support.desks import ANYBODY, GER, Hold, bench
from support.sim import ANA, BRUNO, GERENTE, password_of

GREEN = ("green", None)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, match=rf"^{code.replace('.', '[.]')}:")


@on_loop
async def test_only_after_it_is_the_user_connected(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.link("gerente")
        assert at.icon("gerente") == ("play", "portal.unconfirmed")
        user = await at.portal("gerente")
        assert (user.uses_client_portal, user.link.confirmed) == (True, True)
        assert at.icon("gerente") == GREEN


@on_loop
async def test_another_account_is_refused_and_nothing_is_confirmed(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        await at.link("ana")
        with refused("portal.other_account"):
            await at.portal("ana", BRUNO)
        with refused("auth.wrong_password"):
            await confirm_portal(at.desk, GER, "ana", Password(ANA, "errada"))
        assert not at.user("ana").link.confirmed


@on_loop
async def test_the_same_person_may_confirm_with_an_email_that_changed_meanwhile(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        await at.link("ana")
        at.cloud.cloud.patch_account(ANA, AccountPatch(email="nova@escritorio.example"))
        await confirm_portal(
            at.desk, GER, "ana", Password("nova@escritorio.example", password_of(ANA))
        )
        assert at.icon("ana") == GREEN


@on_loop
async def test_it_needs_a_link_and_a_connection(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        with refused("link.not_linked"):
            await at.portal("gerente")
        await at.link("gerente")
        for _ in range(2):
            at.desk.hub.hear(ProbeFailed(at.clock.mono(), "network.dns"))
        with refused("portal.disabled"):
            await at.portal("gerente")


@on_loop
async def test_an_ended_link_and_one_that_waits_for_the_gerente_cannot_be_confirmed(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        await at.link("ana")
        at.cloud.cloud.revoke(GERENTE)
        await check_link(at.desk, 1)
        for login, code in (("gerente", "link.session_ended"), ("ana", "manager.first")):
            with refused(code):
                await at.portal(login)


@on_loop
async def test_a_person_confirms_their_own_and_nobody_elses(tmp_path: Path) -> None:
    async with bench(tmp_path, own="ana") as at:
        await at.connect("gerente")
        await at.link("ana")
        await at.link("bruno")
        with refused("manager.required"):
            await confirm_portal(at.desk, ANYBODY, "bruno", Password(BRUNO, password_of(BRUNO)))
        await confirm_portal(at.desk, ANYBODY, "ana", Password(ANA, password_of(ANA)))
        assert at.icon("ana") == GREEN


@on_loop
async def test_an_inactivation_during_the_sign_in_wins(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        await at.link("ana")
        at.wire.after = hold = Hold("/oauth/token")
        confirming = asyncio.create_task(at.portal("ana"))
        await hold.reached.wait()
        at.wire.after = None
        await people.inactivate(at.desk, GER, "ana", confirmed=True)
        hold.release()
        with pytest.raises(Refused):
            await confirming
        assert not at.user("ana").uses_client_portal


@on_loop
async def test_it_leaves_no_lasting_session_at_onvio_and_renews_none(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.link("gerente")
        serial = at.desk.cached[1].serial
        await at.portal("gerente")
        assert at.desk.cached[1].serial == serial
        assert await at.desk.store.revocations(9) == []


@on_loop
async def test_a_full_disk_confirms_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.link("gerente")
        at.disk.refuses = ("confirm_portal",)
        with pytest.raises(StoreFailed):
            await at.portal("gerente")
        assert at.icon("gerente") == ("play", "portal.unconfirmed")
