"""A check proves the very person, ends a link only by a definitive answer, and survives the rest."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from onvio_agent.actions import people
from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.probe import probe
from onvio_agent.actions.reconnect import reconnect
from onvio_agent.actions.revoke import revoke_queued
from onvio_agent.onvio.errors import Busy, Denied, NotSent, ServerError, TokenRefused, Uncertain
from onvio_agent.onvio.transport import Request
from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.simulator.faults import Fault
from support.aio import on_loop
from support.desks import GER, Bench, Hold, bench
from support.sim import ANA, BRUNO, GERENTE

GREEN = ("green", None)


async def check(at: Bench, login: str) -> None:
    await check_link(at.desk, at.user(login).id)


async def grow_old(at: Bench) -> None:
    """So much time that sessions must be renewed; the connection is still there."""
    at.pass_time(3700)
    await probe(at.desk)


@on_loop
async def test_checks_at_the_same_time_are_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        sent = at.wire.sent.count("/userinfo")
        await asyncio.gather(*(check(at, "gerente") for _ in range(10)))
        assert at.wire.sent.count("/userinfo") == sent + 1


@on_loop
async def test_validity_counts_from_the_sending(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.clock.advance(10.0)
        at.wire.after = hold = Hold("/userinfo")
        sent_at = at.clock.mono()
        checking = asyncio.create_task(check(at, "gerente"))
        await hold.reached.wait()
        at.clock.advance(9.0)
        hold.release()
        await checking
        link = at.desk.hub.link(1)
        assert link is not None
        assert link.valid_until == sent_at + at.desk.limits.link_valid_s


@on_loop
async def test_a_check_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        await at.settle()
        at.disk.full = True
        await check(at, "ana")
        await at.settle()
        assert at.disk.refused == []


@pytest.mark.parametrize(
    "error",
    [
        NotSent("network.dns"),
        Uncertain("network.interrupted"),
        Busy("onvio.limited", retry_after_s=60.0),
        ServerError("onvio.unavailable"),
        ServerError("onvio.unexpected_answer"),
    ],
)
@on_loop
async def test_trouble_on_the_way_ends_no_link(tmp_path: Path, error: Exception) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")

        async def fail(_request: Request) -> None:
            raise error

        at.wire.before = fail
        at.pass_time(3700)
        await check(at, "gerente")
        assert at.user("gerente").link.ended is None
        at.wire.before = None
        await probe(at.desk)
        await check(at, "gerente")
        assert at.icon("gerente") == GREEN


@pytest.mark.parametrize(
    ("reason", "least_s"),
    [("auth.blocked", 300.0), ("auth.client_refused", 3600.0)],
)
@on_loop
async def test_a_refusal_that_is_not_the_persons_ends_nothing_and_is_not_repeated_soon(
    tmp_path: Path, reason: str, least_s: float
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        await grow_old(at)

        async def deny(request: Request) -> None:
            if request.path == "/oauth/token":
                raise Denied(reason, error="x", target="auth")

        at.wire.before = deny
        await check(at, "gerente")
        link = at.desk.hub.link(1)
        assert link is not None
        assert (at.user("gerente").link.ended, link.reason) == (None, reason)
        assert link.retry_at is not None
        assert link.retry_at >= at.clock.mono() + least_s


@on_loop
async def test_a_session_that_ended_erases_the_tokens_and_asks_for_a_sign_in(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.revoke(ANA)
        await check(at, "ana")
        user = at.user("ana")
        assert at.icon("ana") == ("play", "link.session_ended")
        assert await at.desk.store.tokens(user.id, user.link.generation) is None
        assert user.link.confirmed  # the same person need not confirm again


@on_loop
async def test_an_ended_link_is_not_asked_for_again_by_the_clock(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.revoke(ANA)
        await check(at, "ana")
        sent = len(at.wire.sent)
        await check(at, "ana")
        await reconnect(at.desk, "ana")
        assert [path for path in at.wire.sent[sent:] if path == "/oauth/token"] == []


@on_loop
async def test_a_disabled_account_keeps_its_tokens_and_a_click_takes_it_back(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.patch_account(ANA, AccountPatch(state="disabled"))
        await grow_old(at)
        await check(at, "gerente")
        await check(at, "ana")
        assert at.icon("ana") == ("grey", "link.account_disabled")
        at.cloud.cloud.patch_account(ANA, AccountPatch(state="active"))
        await reconnect(at.desk, "ana")
        assert at.icon("ana") == GREEN


@on_loop
async def test_a_refused_access_token_is_renewed_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        refusals = [1]

        async def refuse(request: Request) -> None:
            if request.path == "/userinfo" and refusals[0]:
                refusals[0] -= 1
                raise TokenRefused("link.session_ended", error="invalid_token", target="auth")

        at.wire.before = refuse
        before = at.wire.sent.count("/oauth/token")
        await check(at, "gerente")
        assert at.wire.sent.count("/oauth/token") == before + 1
        assert at.icon("gerente") == GREEN


@on_loop
async def test_a_token_that_names_somebody_else_ends_the_link_and_is_revoked(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana", "bruno")
        ana, bruno = at.user("ana").id, at.user("bruno").id
        strange = at.desk.cached[bruno].tokens
        at.desk.cached[ana] = msgspec.structs.replace(at.desk.cached[ana], tokens=strange)
        await check(at, "ana")
        assert at.icon("ana") == ("play", "link.other_person")
        assert await revoke_queued(at.desk)
        assert at.wire.sent.count("/oauth/revoke") == 1


@on_loop
async def test_a_changed_name_is_taken_over_and_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.patch_account(ANA, AccountPatch(name="Ana Lima"))
        await check(at, "ana")
        account = at.user("ana").link.account
        assert account is not None
        assert account.name == "Ana Lima"
        assert len(at.events("account.changed")) == 1
        await check(at, "ana")
        assert len(at.events("account.changed")) == 1


@on_loop
async def test_a_colliding_email_is_reported_and_taken_over_once_it_is_free(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana", "bruno")
        at.cloud.cloud.patch_account(BRUNO, AccountPatch(email="outro@escritorio.example"))
        at.cloud.cloud.patch_account(ANA, AccountPatch(email=BRUNO))
        await check(at, "ana")
        assert at.user("ana").link.account.email == ANA  # type: ignore[union-attr] # linked
        assert at.user("ana").link.reported_email == BRUNO
        assert len(at.events("account.email_collides")) == 1
        assert at.icon("ana") == GREEN
        await people.inactivate(at.desk, GER, "bruno", confirmed=True)
        await check(at, "ana")
        assert at.user("ana").link.account.email == BRUNO  # type: ignore[union-attr] # linked
        assert at.user("ana").link.reported_email is None


@on_loop
async def test_a_full_disk_shows_a_definitive_end_at_once_and_keeps_showing_it(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.revoke(ANA)
        at.disk.refuses = ("end_link",)
        await check(at, "ana")
        assert at.icon("ana") == ("play", "link.session_ended")
        assert len(at.events("link.end_not_saved")) == 1
        at.disk.refuses = ()
        await at.desk.reload_office()  # whatever brings the store's view back: never green
        assert at.icon("ana")[0] != "green"
        await check(at, "ana")
        assert at.icon("ana") == ("play", "link.session_ended")


@on_loop
async def test_a_link_whose_tokens_are_gone_asks_for_a_sign_in(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.desk.cached.clear()

        async def nothing(_user_id: int, _generation: int) -> None:
            return None

        real = at.disk._store.tokens
        at.disk._store.tokens = nothing  # type: ignore[method-assign,assignment] # a hole in it
        await check(at, "gerente")
        at.disk._store.tokens = real  # type: ignore[method-assign] # as before
        assert at.icon("gerente") == ("play", "vault.lost")


@on_loop
async def test_a_hub_that_missed_a_change_is_told_at_the_next_check(tmp_path: Path) -> None:
    """Saved, and then the reading failed: the store is right and the hub is not."""
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        user = at.user("ana")
        await at.desk.store.inactivate(user.id, user.link.generation, None, at=at.clock.wall())
        at.desk.cached.clear()
        assert at.icon("ana") == GREEN
        await check(at, "ana")
        assert at.icon("ana") == ("grey", "user.inactive")


@on_loop
async def test_who_is_held_is_not_checked(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.revoke(GERENTE)
        await check(at, "gerente")
        sent = len(at.wire.sent)
        await check(at, "ana")
        assert len(at.wire.sent) == sent


@on_loop
async def test_a_gerente_who_is_no_administrator_any_more_holds_the_others(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.patch_account(GERENTE, AccountPatch(role="staff"))
        await check(at, "gerente")
        assert at.icon("gerente") == ("play", "manager.not_admin")
        assert at.icon("ana") == ("grey", "manager.waiting")
        assert at.desk.cached[1].generation == 1  # nothing was wrong with the session


@on_loop
async def test_who_handed_the_role_over_while_his_check_was_under_way_is_judged_as_anybody(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.patch_account(ANA, AccountPatch(role="administrator"))
        at.cloud.cloud.patch_account(GERENTE, AccountPatch(role="staff"))
        path = "/dominio/integration/v2/client/info"
        at.wire.after = hold = Hold(path)
        checking = asyncio.create_task(check(at, "gerente"))
        await hold.reached.wait()
        at.wire.after = None
        await people.promote(at.desk, GER, "ana")
        hold.release()
        await checking
        assert at.user("gerente").link.ended is None
        assert at.icon("gerente") == GREEN


@on_loop
async def test_a_former_gerente_is_not_held_to_the_role_he_gave_up(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.patch_account(ANA, AccountPatch(role="administrator"))
        at.cloud.cloud.patch_account(GERENTE, AccountPatch(role="staff"))
        await check(at, "gerente")
        assert at.icon("gerente") == ("play", "manager.not_admin")
        await people.promote(at.desk, GER, "ana")
        assert at.icon("gerente")[1] == "link.checking"  # a plain user now, to be checked
        await check(at, "gerente")
        assert at.icon("gerente") == GREEN
        assert at.user("gerente").link.ended is None


@on_loop
async def test_a_limit_names_the_instant_of_the_next_check(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.cloud.cloud.set_fault(Fault("limited", target="auth", value=500))
        await check(at, "gerente")
        link = at.desk.hub.link(1)
        assert link is not None
        assert link.retry_at == pytest.approx(at.clock.mono() + 500.0)
        assert at.icon("gerente") == GREEN  # until its last success has grown old
        at.cloud.cloud.clear_faults()
        at.pass_time(499)
        sent = len(at.wire.sent)
        await check(at, "gerente")
        assert len(at.wire.sent) == sent  # asked for too early: it was never sent
        at.pass_time(2)
        await probe(at.desk)
        await check(at, "gerente")
        assert at.icon("gerente") == GREEN
