"""Linking: who may, in which order, with which account; a refusal changes nothing and leaves nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from onvio_agent.actions import people
from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.intent import pause
from onvio_agent.actions.link import link
from onvio_agent.actions.probe import probe
from onvio_agent.actions.revoke import revoke_queued
from onvio_agent.actions.sign_in import Password
from onvio_agent.errors import Failed, Refused, StoreFailed, VaultFailed
from onvio_agent.office.model import OnvioRole, Vouched
from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.simulator.faults import Fault
from onvio_agent.simulator.seed import Office
from onvio_agent.verdict.facts import ProbeFailed
from support.aio import on_loop
from support.desks import ANYBODY, GER, Bench, Hold, bench
from support.sim import ANA, BRUNO, GERENTE, password_of

GREEN = ("green", None)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, match=rf"^{code.replace('.', '[.]')}:")


async def sign_in_again(at: Bench, login: str, email: str) -> None:
    """As the person of this workstation, without the Gerente."""
    await link(at.desk, ANYBODY, login, Password(email, password_of(email)))


@on_loop
async def test_a_wrong_password_changes_nothing_at_all(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        before = (at.desk.hub.world, await at.desk.store.revocations(9))
        with refused("auth.wrong_password"):
            await link(at.desk, GER, "ana", Password(ANA, "errada"))
        assert (at.desk.hub.world, await at.desk.store.revocations(9)) == before


@on_loop
async def test_linking_ticks_utiliza_onvio_and_waits_for_the_portal(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        user = await at.link("gerente")
        assert (user.uses_onvio, user.uses_client_portal) == (True, False)
        assert user.link.account is not None
        assert user.link.account.email == GERENTE
        assert user.link.generation == 1


@on_loop
async def test_nobody_is_linked_offline_or_while_paused(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await pause(at.desk, None)
        with refused("link.not_online"):
            await at.link("gerente")
        for _ in range(2):
            at.desk.hub.hear(ProbeFailed(at.clock.mono(), "network.dns"))
        with refused("link.not_online"):
            await at.link("gerente")
        assert "/oauth/token" not in at.wire.sent


@on_loop
async def test_the_gerente_is_linked_and_confirmed_before_anybody_else(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        with refused("manager.first"):
            await at.link("ana")
        await at.link("gerente")
        with refused("manager.first"):
            await at.link("ana")
        assert at.wire.sent.count("/oauth/token") == 1  # ana's password was never sent


@on_loop
async def test_an_account_that_is_no_administrator_is_not_the_gerentes_and_is_signed_out(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        with refused("manager.not_admin"):
            await at.link("gerente", ANA)
        assert await revoke_queued(at.desk)
        assert at.wire.sent.count("/oauth/revoke") == 1


@on_loop
async def test_an_unknown_role_is_vouched_for_and_that_is_kept_over_a_new_sign_in(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        told(at, role=OnvioRole.UNKNOWN)
        with refused("manager.unproven"):
            await at.link("gerente")
        user = await at.link("gerente", administrator_confirmed=True)
        assert user.link.administrator_confirmed_by == "gerente"
        again = await at.link("gerente")  # the same person needs no second word
        assert again.link.administrator_confirmed_by == "gerente"


def told(at: Bench, **facts: object) -> None:
    """ONVIO's answers tell this of every account, whatever the simulated office is like."""
    real = at.desk.user_api.client_info

    async def client_info(token: str) -> object:
        return msgspec.structs.replace(await real(token), **facts)

    at.desk.user_api.client_info = client_info  # type: ignore[method-assign,assignment] # as it may


@on_loop
async def test_an_email_in_use_is_refused_whoever_has_it_and_its_new_session_ends(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        with refused("link.email_taken"):
            await link(at.desk, GER, "bruno", Password(ANA.upper(), password_of(ANA)))
        assert at.user("bruno").link.account is None
        assert len(await at.desk.store.revocations(9)) == 1


@on_loop
async def test_two_who_ask_for_the_same_account_at_once_do_not_both_get_it(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        answers = await asyncio.gather(
            at.link("ana", BRUNO), at.link("bruno", BRUNO), return_exceptions=True
        )
        assert sorted(type(each).__name__ for each in answers) == ["Refused", "User"]
        holders = [user for user in at.desk.hub.office.users if user.link.account is not None]
        assert len(holders) == 2


@on_loop
async def test_an_account_of_another_office_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        told(at, office_cnpj="99888777000166")
        with refused("office.other"):
            await at.link("ana")


@on_loop
async def test_an_office_that_onvio_does_not_tell_is_vouched_for_once_and_never_against_onvio(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.cloud.cloud.patch_account(ANA, AccountPatch(office="unknown"))
        with refused("office.unproven"):
            await at.link("ana")
        at_once = at.clock.wall()
        user = await at.link("ana", office_confirmed=True)
        assert user.link.office_vouched == Vouched("gerente", at_once)
        at.pass_time(60)
        again = await at.link("ana")  # the same person needs no second word
        assert again.link.office_vouched == Vouched("gerente", at_once)
        at.cloud.cloud.patch_account(ANA, AccountPatch(office=Office("99888777000166")))
        with refused("office.other"):
            await at.link("ana", office_confirmed=True)
        at.cloud.cloud.patch_account(ANA, AccountPatch(office=None))
        assert (await at.link("ana")).link.office_vouched is None  # ONVIO itself says it now
        at.cloud.cloud.patch_account(ANA, AccountPatch(office="unknown"))
        assert (await at.link("ana")).link.office_vouched is None  # it has said it of this person


@on_loop
async def test_where_onvio_does_not_tell_the_gerentes_office_he_is_not_asked_and_others_are(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.patch_account(GERENTE, AccountPatch(office="unknown"))
        await at.connect("gerente")
        with refused("office.unproven"):
            await at.link("ana")
        user = await at.link("ana", office_confirmed=True)
        assert user.link.office_vouched is not None


@on_loop
async def test_signing_in_again_keeps_the_confirmation_and_raises_the_generation(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        user = await at.link("ana")
        assert (user.link.generation, user.link.confirmed) == (2, True)
        assert at.icon("ana") == GREEN
        assert len(await at.desk.store.revocations(9)) == 1  # the session that it replaces


@on_loop
async def test_the_gerente_signs_in_again_at_his_own_workstation_without_a_session(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, own="gerente") as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.revoke(GERENTE)
        await check_link(at.desk, 1)
        assert at.icon("ana") == ("grey", "manager.waiting")
        with refused("link.other_account"):
            await sign_in_again(at, "gerente", BRUNO)
        await sign_in_again(at, "gerente", GERENTE)
        assert at.icon("gerente") == at.icon("ana") == GREEN


@on_loop
async def test_a_gerente_who_lost_the_role_at_onvio_cannot_sign_in_again_as_one(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, own="gerente") as at:
        await at.connect("gerente")
        at.cloud.cloud.patch_account(GERENTE, AccountPatch(role="staff"))
        with refused("manager.not_admin"):
            await sign_in_again(at, "gerente", GERENTE)


@on_loop
async def test_the_own_person_may_sign_in_again_while_the_gerente_is_away_and_waits_for_him(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, own="ana") as at:
        await at.connect("gerente", "ana")
        for email in (ANA, GERENTE):
            at.cloud.cloud.revoke(email)
        await check_link(at.desk, at.user("ana").id)
        await check_link(at.desk, at.user("gerente").id)
        await sign_in_again(at, "ana", ANA)
        assert at.user("ana").link.ended is None
        assert at.icon("ana") == ("grey", "manager.waiting")
        with refused("manager.first"):  # nor may the Gerente's session link another account now
            await at.link("ana", BRUNO)
        await at.link("gerente")
        await check_link(at.desk, at.user("ana").id)
        assert at.icon("ana") == GREEN


@on_loop
async def test_a_person_without_a_link_cannot_make_one_alone(tmp_path: Path) -> None:
    async with bench(tmp_path, own="ana") as at:
        await at.connect("gerente")
        with refused("manager.required"):
            await sign_in_again(at, "ana", ANA)


@on_loop
async def test_a_full_disk_saves_no_link_and_leaves_no_session_at_onvio(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.disk.full = True
        with pytest.raises(StoreFailed, match=r"^store\.full"):
            await at.link("ana")
        at.disk.full = False
        assert at.user("ana").link.account is None
        assert at.wire.sent.count("/oauth/revoke") == 1
        assert len(at.events("revocation.done")) == 1
        await at.connect("ana")
        assert at.icon("ana") == GREEN


@on_loop
async def test_a_refusal_is_told_even_when_its_session_cannot_be_queued(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.disk.full = True
        with refused("link.email_taken"):
            await at.link("bruno", ANA)


@on_loop
async def test_what_fails_after_the_link_was_saved_does_not_revoke_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        real, calls = at.disk._store.office, [0]

        async def unreadable() -> object:
            calls[0] += 1
            raise StoreFailed("store.corrupt", path="agent.db")

        at.disk._store.office = unreadable  # type: ignore[method-assign,assignment] # for a while
        with pytest.raises(StoreFailed):
            await at.link("ana")
        at.disk._store.office = real  # type: ignore[method-assign] # as before
        assert "/oauth/revoke" not in at.wire.sent
        assert await at.desk.store.revocations(9) == []
        await at.desk.reload_office()
        assert at.user("ana").link.account is not None


@on_loop
async def test_a_crash_before_the_link_is_saved_leaves_no_session_at_onvio(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")

        async def crash(*_args: object, **_keys: object) -> bool:
            raise RuntimeError("a bug")

        real = at.disk._store.save_link
        at.disk._store.save_link = crash  # type: ignore[method-assign] # for a while
        with pytest.raises(RuntimeError):
            await at.link("ana")
        at.disk._store.save_link = real  # type: ignore[method-assign] # as before
        assert len(await at.desk.store.revocations(9)) == 1


@on_loop
async def test_a_locked_vault_refuses_before_the_password_is_sent(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        lose_key(at)
        sent = len(at.wire.sent)
        with pytest.raises(VaultFailed, match=r"^vault\.locked"):
            await at.link("ana")
        assert len(at.wire.sent) == sent


@on_loop
async def test_a_lost_vault_is_given_up_only_by_a_sign_in_that_succeeds(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        recorded = await at.desk.store.vault_key()
        path = at.folder / "vault.key"
        lose_key(at)
        path.write_bytes(bytes(32))
        path.chmod(0o600)
        with refused("auth.wrong_password"):
            await link(at.desk, GER, "gerente", Password(GERENTE, "errada"))
        assert await at.desk.store.vault_key() == recorded
        at.desk.cached.clear()
        await check_link(at.desk, 1)
        assert at.icon("gerente") == ("play", "vault.lost")
        await at.link("gerente")
        assert await at.desk.store.vault_key() != recorded
        assert at.icon("gerente") == GREEN


def lose_key(at: Bench) -> None:
    """The key's file is gone, and nobody remembers the key."""
    at.desk.vault.forget()  # type: ignore[attr-defined] # the real vault's
    (at.folder / "vault.key").unlink()


@on_loop
async def test_an_inactivation_during_the_sign_in_wins(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.wire.after = hold = Hold("/oauth/token")
        linking = asyncio.create_task(at.link("ana"))
        await hold.reached.wait()
        await people.inactivate(at.desk, GER, "ana", confirmed=True)
        hold.release()
        with refused("user.not_active"):
            await linking
        assert at.icon("ana") == ("grey", "user.inactive")
        assert await revoke_queued(at.desk)
        assert at.wire.sent.count("/oauth/revoke") == 2  # the old session and the one too late


@on_loop
async def test_a_successor_that_was_never_saved_is_revoked_when_the_link_is_replaced(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.pass_time(3700)
        await probe(at.desk)
        at.disk.refuses = ("store_refreshed",)
        await check_link(at.desk, 1)
        assert list(at.desk.unsaved) == [1]
        at.disk.refuses = ()
        await at.link("gerente")
        assert at.desk.unsaved == {}
        assert len(await at.desk.store.revocations(9)) == 2


@on_loop
async def test_a_server_that_fails_is_no_refusal(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.set_fault(Fault("http_503", target="auth"))
        with pytest.raises(Failed, match=r"^onvio\.unavailable"):
            await at.link("gerente")
