"""Adding, inactivating, activating and promoting: by the Gerente alone, in one step each."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from onvio_agent.actions import people
from onvio_agent.actions.revoke import revoke_queued
from onvio_agent.errors import Failed, Refused, StoreFailed, WrongUsage
from onvio_agent.office.model import OnvioRole
from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.simulator.faults import Fault
from support.aio import on_loop
from support.desks import ANYBODY, GER, Bench, Hold, bench
from support.sim import ANA, BRUNO

GREEN = ("green", None)
INFO = "/dominio/integration/v2/client/info"


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, match=rf"^{code.replace('.', '[.]')}:")


def managers(at: Bench) -> list[str]:
    return [user.login for user in at.desk.hub.office.users if user.is_manager]


def make_administrator(at: Bench, *emails: str) -> None:
    for email in emails:
        at.cloud.cloud.patch_account(email, AccountPatch(role="administrator"))


@on_loop
async def test_only_the_gerente_changes_people(tmp_path: Path) -> None:
    async with bench(tmp_path, own="ana") as at:
        for work in (
            people.add_user(at.desk, ANYBODY, "zoe", "Zoe"),
            people.rename(at.desk, ANYBODY, "ana", "Outra"),
            people.inactivate(at.desk, ANYBODY, "ana", confirmed=True),
            people.activate(at.desk, ANYBODY, "ana"),
            people.promote(at.desk, ANYBODY, "ana"),
            people.end_sessions(at.desk, ANYBODY),
        ):
            with refused("manager.required"):
                await work


@on_loop
async def test_a_new_user_is_active_and_not_linked(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        user = await people.add_user(at.desk, GER, " zoe ", " Zoé Dias ")
        assert (user.login, user.name, user.is_manager) == ("zoe", "Zoé Dias", False)
        assert at.icon("zoe") == ("grey", "link.none")
        with refused("user.exists"):
            await people.add_user(at.desk, GER, "ZOE", "Outra")


@on_loop
async def test_two_who_add_the_same_login_at_once_do_not_both(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        answers = await asyncio.gather(
            *(people.add_user(at.desk, GER, "zoe", "Zoe") for _ in range(2)),
            return_exceptions=True,
        )
        assert sorted(type(each).__name__ for each in answers) == ["Refused", "User"]


@on_loop
async def test_inactivating_frees_the_email_revokes_the_session_and_needs_a_confirmation(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        with refused("user.not_confirmed"):
            await people.inactivate(at.desk, GER, "ana", confirmed=False)
        assert at.icon("ana") == GREEN
        await people.inactivate(at.desk, GER, "ana", confirmed=True)
        assert at.icon("ana") == ("grey", "user.inactive")
        await at.link("bruno", ANA)
        assert await revoke_queued(at.desk)
        await people.activate(at.desk, GER, "ana")
        assert at.icon("ana") == ("grey", "link.none")
        await at.link("ana", BRUNO)


@on_loop
async def test_a_full_disk_inactivates_nobody(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.disk.full = True
        with pytest.raises(StoreFailed):
            await people.inactivate(at.desk, GER, "ana", confirmed=True)
        assert at.icon("ana") == GREEN
        assert at.user("ana").id in at.desk.cached


@on_loop
async def test_activating_who_is_active_changes_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        assert (await people.activate(at.desk, GER, "ana")).link.generation == 1
        assert at.icon("ana") == GREEN


@on_loop
async def test_the_gerente_is_inactivated_only_with_a_successor_in_the_same_step(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        with refused("manager.only"):
            await people.inactivate(at.desk, GER, "gerente", confirmed=True)
        with refused("user.not_ready"):
            await people.inactivate(at.desk, GER, "gerente", confirmed=True, successor="bruno")
        with refused("manager.not_admin"):
            await people.inactivate(at.desk, GER, "gerente", confirmed=True, successor="ana")
        with pytest.raises(WrongUsage):
            await people.inactivate(at.desk, GER, "ana", confirmed=True, successor="bruno")
        assert managers(at) == ["gerente"]
        make_administrator(at, ANA)
        await people.inactivate(at.desk, GER, "gerente", confirmed=True, successor="ana")
        assert managers(at) == ["ana"]
        assert at.icon("gerente") == ("grey", "user.inactive")
        assert at.icon("ana") == GREEN


@on_loop
async def test_a_hand_over_ends_every_session_of_the_gerente(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        make_administrator(at, ANA)
        sessions = [at.desk.sessions.open() for _ in range(2)]
        await people.promote(at.desk, GER, "ana")
        assert not any(at.desk.sessions.use(session) for session in sessions)


@on_loop
async def test_who_is_the_gerente_no_more_when_onvio_answers_promotes_nobody(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana", "bruno")
        make_administrator(at, ANA, BRUNO)
        at.wire.before = hold = Hold(INFO)
        late = asyncio.create_task(people.promote(at.desk, GER, "bruno"))
        await hold.reached.wait()
        at.wire.before = None
        await people.promote(at.desk, GER, "ana")
        hold.release()
        with refused("manager.required"):
            await late
        assert managers(at) == ["ana"]


@on_loop
async def test_an_heir_who_lost_the_link_meanwhile_does_not_inherit(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        make_administrator(at, ANA)
        at.wire.before = hold = Hold(INFO)
        promoting = asyncio.create_task(people.promote(at.desk, GER, "ana"))
        await hold.reached.wait()
        at.wire.before = None
        await people.inactivate(at.desk, GER, "ana", confirmed=True)
        hold.release()
        with refused("user.not_active"):
            await promoting
        assert managers(at) == ["gerente"]


@on_loop
async def test_a_role_that_onvio_does_not_tell_is_vouched_for_by_the_gerente_and_recorded(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        real = at.desk.user_api.client_info

        async def unknown(token: str) -> object:
            return msgspec.structs.replace(await real(token), role=OnvioRole.UNKNOWN)

        at.desk.user_api.client_info = unknown  # type: ignore[method-assign,assignment] # as it may
        with refused("manager.unproven"):
            await people.promote(at.desk, GER, "ana")
        user = await people.promote(at.desk, GER, "ana", administrator_confirmed=True)
        assert user.link.administrator_confirmed_by == "gerente"
        again = await at.link("ana")  # later, the same person needs no second word
        assert again.is_manager


@on_loop
async def test_a_server_that_fails_hands_nothing_over(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.set_fault(Fault("http_503", target="api"))
        with pytest.raises(Failed, match=r"^onvio\.unavailable"):
            await people.promote(at.desk, GER, "ana")
        assert managers(at) == ["gerente"]


@on_loop
async def test_a_gerente_who_got_his_role_back_has_no_old_end(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        make_administrator(at, ANA)
        user = at.user("gerente")
        await at.desk.store.end_link(user.id, 1, "manager.not_admin", keep_tokens=True)
        await at.desk.reload_office()
        assert at.icon("gerente") == ("play", "manager.not_admin")
        await people.promote(at.desk, GER, "ana")
        await people.promote(at.desk, GER, "gerente")
        assert at.user("gerente").link.ended is None
        assert managers(at) == ["gerente"]
