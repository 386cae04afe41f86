"""What happens between two awaits: stale answers, lost answers, hand-overs and swaps."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from onvio_agent.actions import people
from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.intent import pause
from onvio_agent.actions.link import link
from onvio_agent.actions.probe import probe
from onvio_agent.actions.reconnect import reconnect
from onvio_agent.actions.revoke import revoke_queued
from onvio_agent.actions.sign_in import Password
from onvio_agent.errors import Refused
from onvio_agent.office.rules import WrongUsage
from onvio_agent.onvio.user_api import CLIENT_INFO_PATH
from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.simulator.faults import Fault
from onvio_agent.simulator.tokens import Rotation
from support.aio import on_loop
from support.desks import ANYBODY, GER, Bench, Hold, bench, lost_answer
from support.sim import ANA, BRUNO, password_of

GREEN = ("green", None)


async def check(at: Bench, login: str) -> None:
    await check_link(at.desk, at.user(login).id)


@on_loop
async def test_nothing_is_green_before_the_portal_is_confirmed_and_all_are_after(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.link("gerente")
        assert at.icon("gerente") == ("play", "portal.unconfirmed")
        await at.portal("gerente")
        assert at.icon("gerente") == GREEN
        await at.connect("ana")
        assert at.icon("ana") == GREEN


@on_loop
async def test_a_check_or_renewal_in_flight_over_the_end_of_all_sessions_brings_none_back(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        for path in ("/userinfo", "/oauth/token"):
            at.pass_time(2 * 3600)  # a new token is asked for first
            at.wire.after = hold = Hold(path)
            checking = asyncio.create_task(check(at, "ana"))
            await hold.reached.wait()
            ended = await people.end_sessions(at.desk, GER)
            hold.release()
            await checking
            assert ended.users == 2
            for user in (at.user("gerente"), at.user("ana")):
                assert user.link.ended == "link.session_ended"
                assert await at.desk.store.tokens(user.id, user.link.generation) is None
            await probe(at.desk)
            assert await revoke_queued(at.desk)
            assert at.desk.confirmed >= ended.confirmed_before + 2
            await at.link("gerente")
            await at.link("ana")
            assert at.user("ana").link.ended is None


@on_loop
async def test_a_check_in_flight_over_an_inactivation_changes_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.wire.after = hold = Hold("/userinfo")
        checking = asyncio.create_task(check(at, "ana"))
        await hold.reached.wait()
        await people.inactivate(at.desk, GER, "ana", confirmed=True)
        hold.release()
        await checking
        assert at.icon("ana") == ("grey", "user.inactive")
        assert await at.desk.store.tokens(at.user("ana").id, 2) is None


@on_loop
async def test_a_refresh_in_flight_over_an_inactivation_leaves_no_token_and_is_revoked(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.pass_time(3700)
        await probe(at.desk)
        at.wire.after = hold = Hold("/oauth/token")
        checking = asyncio.create_task(check(at, "ana"))
        await hold.reached.wait()
        user = at.user("ana")
        await people.inactivate(at.desk, GER, "ana", confirmed=True)
        hold.release()
        await checking
        assert await at.desk.store.tokens(user.id, user.link.generation) is None
        assert await at.desk.store.tokens(user.id, user.link.generation + 1) is None
        assert await revoke_queued(at.desk)
        revoked = [e for e in at.cloud.cloud.journal() if e.path == "/oauth/revoke"]
        assert len(revoked) == 2  # the one that was stored and the one that came too late


@on_loop
async def test_a_relink_while_a_check_is_in_flight_waits_and_ends_green(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.wire.before = hold = Hold("/userinfo")
        checking = asyncio.create_task(check(at, "ana"))
        await hold.reached.wait()
        relinking = asyncio.create_task(at.link("ana"))
        await asyncio.sleep(0)
        hold.release()
        await asyncio.gather(checking, relinking)
        assert at.user("ana").link.generation == 2
        assert at.user("ana").link.confirmed  # the same person: S6 holds on
        assert at.icon("ana") == GREEN


@on_loop
async def test_another_person_in_a_relink_must_confirm_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        await at.link("ana", BRUNO)
        assert at.icon("ana") == ("play", "portal.unconfirmed")


@pytest.mark.parametrize("leeway_s", [0, 60])
@on_loop
async def test_a_lost_refresh_answer_costs_the_link_only_without_leeway(
    tmp_path: Path, leeway_s: int
) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.set_rotation(Rotation(leeway_s=leeway_s))
        await at.connect("gerente", "ana")
        at.pass_time(3700)
        await probe(at.desk)
        at.wire.after = lost_answer("/oauth/token")
        await check(at, "ana")
        assert at.icon("ana")[1] == "network.interrupted"
        at.pass_time(5)
        await check(at, "ana")
        assert at.icon("ana") == (GREEN if leeway_s else ("play", "link.session_ended"))


@on_loop
async def test_a_token_whose_successor_could_not_be_stored_is_not_presented_again(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.pass_time(3700)
        await probe(at.desk)
        store = at.desk.store
        at.desk.store = FullOnce(store)  # type: ignore[assignment]
        await check(at, "ana")
        assert at.icon("ana")[1] == "store.full"
        refreshes = at.wire.sent.count("/oauth/token")
        await check(at, "ana")
        assert at.wire.sent.count("/oauth/token") == refreshes
        assert at.icon("ana") == GREEN


class FullOnce:
    """The real store, whose disk is full the first time a successor is to be stored."""

    def __init__(self, store: object) -> None:
        self._store = store
        self._full = True

    def __getattr__(self, name: str) -> object:
        if name == "store_refreshed" and self._full:
            self._full = False
            return self._refuse
        return getattr(self._store, name)

    async def _refuse(self, *_args: object, **_keys: object) -> bool:
        from onvio_agent.errors import StoreFailed

        raise StoreFailed("store.full")


@on_loop
async def test_twenty_clicks_are_one_check(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        before = at.wire.sent.count("/health")
        await asyncio.gather(*(reconnect(at.desk) for _ in range(20)))
        assert at.wire.sent.count("/health") == before + 1


@on_loop
async def test_a_click_never_overrides_a_wait_that_onvio_named(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.cloud.cloud.set_fault(Fault("limited", target="api", value=300))
        await probe(at.desk)
        sent = len(at.wire.sent)
        for _ in range(5):
            await reconnect(at.desk)
        assert len(at.wire.sent) == sent
        at.pass_time(301)
        at.cloud.cloud.clear_faults()
        await reconnect(at.desk)
        assert at.icon("gerente") == GREEN


@on_loop
async def test_a_click_resumes_what_was_paused(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        await pause(at.desk, None)
        assert at.icon("gerente") == ("play", "paused")
        await reconnect(at.desk)
        assert at.icon("gerente") == GREEN


@on_loop
async def test_the_gerente_handed_over_and_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.patch_account(ANA, AccountPatch(role="administrator"))
        await people.promote(at.desk, GER, "ana")
        assert [u.login for u in at.desk.hub.office.users if u.is_manager] == ["ana"]
        assert at.icon("ana") == at.icon("gerente") == GREEN
        await people.promote(at.desk, GER, "gerente")
        assert [u.login for u in at.desk.hub.office.users if u.is_manager] == ["gerente"]
        assert at.icon("ana") == at.icon("gerente") == GREEN
        at.cloud.cloud.patch_account(ANA, AccountPatch(role="staff"))
        with pytest.raises(Refused, match=r"^manager\.not_admin"):
            await people.promote(at.desk, GER, "ana")


@on_loop
async def test_a_check_in_flight_over_a_promotion_does_not_judge_by_the_old_role(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.patch_account(ANA, AccountPatch(role="administrator"))
        at.wire.after = proof = Hold(CLIENT_INFO_PATH)
        at.wire.before = asked = Hold("/userinfo")
        promoting = asyncio.create_task(people.promote(at.desk, GER, "ana"))
        await proof.reached.wait()
        checking = asyncio.create_task(check(at, "ana"))
        proof.release()
        await promoting
        await asked.reached.wait()
        asked.release()
        await checking
        assert at.user("ana").is_manager
        assert at.icon("ana") == at.icon("gerente") == GREEN


@on_loop
async def test_two_who_swapped_their_emails_at_onvio_both_stay_green(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana", "bruno")
        at.cloud.cloud.patch_account(ANA, AccountPatch(email="tmp@escritorio.example"))
        at.cloud.cloud.patch_account(BRUNO, AccountPatch(email=ANA))
        at.cloud.cloud.patch_account("tmp@escritorio.example", AccountPatch(email=BRUNO))
        await check(at, "ana")
        assert at.user("ana").link.account.email == ANA  # type: ignore[union-attr]
        await check(at, "bruno")
        assert at.user("ana").link.account.email == BRUNO  # type: ignore[union-attr]
        assert at.user("bruno").link.account.email == ANA  # type: ignore[union-attr]
        assert at.icon("ana") == at.icon("bruno") == GREEN


@on_loop
async def test_one_who_swapped_emails_and_then_lost_the_session_can_sign_in_again(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana", "bruno")
        at.cloud.cloud.patch_account(ANA, AccountPatch(email="tmp@escritorio.example"))
        at.cloud.cloud.patch_account(BRUNO, AccountPatch(email=ANA))
        at.cloud.cloud.patch_account("tmp@escritorio.example", AccountPatch(email=BRUNO))
        at.cloud.cloud.revoke(BRUNO)
        await check(at, "ana")
        assert at.icon("ana") == ("play", "link.session_ended")
        await check(at, "bruno")
        await at.link("ana", BRUNO, password=password_of(ANA))
        assert at.icon("ana") == at.icon("bruno") == GREEN
        assert at.user("ana").link.account.email == BRUNO  # type: ignore[union-attr]
        assert at.user("bruno").link.account.email == ANA  # type: ignore[union-attr]


@pytest.mark.parametrize("step_s", [2 * 86400, -2 * 86400])
@on_loop
async def test_a_wall_clock_that_is_set_prolongs_nothing(tmp_path: Path, step_s: int) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.clock.step_wall(step_s)
        assert at.icon("gerente") == GREEN
        at.wire.cut = True
        at.pass_time(89)
        assert at.icon("gerente") == GREEN
        at.pass_time(2)
        assert at.icon("gerente") == ("grey", "agent.stale")


@on_loop
async def test_the_gerentes_end_holds_the_others_and_his_return_brings_them_back(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.revoke("gerente@escritorio.example")
        await check(at, "gerente")
        assert at.icon("gerente") == ("play", "link.session_ended")
        assert at.icon("ana") == ("grey", "manager.waiting")
        await at.link("gerente")
        assert at.icon("gerente") == at.icon("ana") == GREEN


@on_loop
async def test_a_demoted_gerente_needs_a_person_and_a_click_takes_it_back_when_lifted(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.patch_account("gerente@escritorio.example", AccountPatch(role="staff"))
        await check(at, "gerente")
        assert at.icon("gerente") == ("play", "manager.not_admin")
        assert at.icon("ana") == ("grey", "manager.waiting")
        at.cloud.cloud.patch_account(
            "gerente@escritorio.example", AccountPatch(role="administrator")
        )
        await reconnect(at.desk)
        assert at.icon("gerente") == at.icon("ana") == GREEN


@on_loop
async def test_a_link_that_is_refused_leaves_no_token_behind_at_onvio(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        with pytest.raises(Refused, match=r"^link\.email_taken"):
            await at.link("bruno", ANA)
        assert await revoke_queued(at.desk)
        assert at.icon("ana") == GREEN
        await check(at, "ana")
        assert at.icon("ana") == GREEN


@on_loop
async def test_nobody_but_the_gerente_links_and_a_person_renews_only_their_own(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, own="ana") as at:
        await at.connect("gerente", "ana")
        with pytest.raises(Refused, match=r"^manager\.required"):
            await link(at.desk, ANYBODY, "bruno", Password(BRUNO, password_of(BRUNO)))
        await link(at.desk, ANYBODY, "ana", Password(ANA, password_of(ANA)))
        with pytest.raises(Refused, match=r"^link\.other_account"):
            await link(at.desk, ANYBODY, "ana", Password(BRUNO, password_of(BRUNO)))
        with pytest.raises(WrongUsage):
            await link(at.desk, ANYBODY, "ana", Password("no-at-sign", "x"))
        assert at.icon("ana") == GREEN


@on_loop
async def test_what_was_kept_is_there_after_a_restart_and_green_only_after_a_check(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as first:
        await first.connect("gerente")
        cloud = first.cloud
    async with bench(tmp_path) as second:
        second.wire.cloud = second.cloud = cloud
        assert second.icon("gerente") == ("grey", "link.checking")
        await check(second, "gerente")
        assert second.icon("gerente") == GREEN
