"""Revocations wait, sealed, until ONVIO confirms; one that fails does not hold up the rest."""

from __future__ import annotations

import asyncio
from pathlib import Path

from onvio_agent.actions.revoke import discard, revoke_queued
from onvio_agent.onvio.errors import Denied
from onvio_agent.onvio.transport import Request
from onvio_agent.simulator.faults import Fault
from onvio_agent.store.base import revocation_row
from support.aio import on_loop
from support.desks import Bench, bench
from support.sim import ANA, BRUNO, GERENTE, password_of

REVOKE = "/oauth/revoke"


async def discarded(at: Bench, *emails: str) -> None:
    """A session of each of these accounts that nobody will use."""
    for number, email in enumerate(emails, 1):
        tokens = await at.desk.oauth.password_grant(email, password_of(email), offline=True)
        await discard(at.desk, number, tokens)


async def left(at: Bench) -> int:
    return len(await at.desk.store.revocations(99))


@on_loop
async def test_what_is_queued_is_sealed(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        tokens = await at.desk.oauth.password_grant(ANA, password_of(ANA), offline=True)
        await discard(at.desk, 2, tokens)
        queued = (await at.desk.store.revocations(1))[0]
        assert tokens.refresh_token is not None
        assert tokens.refresh_token.encode() not in queued.sealed


@on_loop
async def test_a_session_without_a_lasting_token_needs_no_revocation(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        tokens = await at.desk.oauth.password_grant(ANA, password_of(ANA), offline=False)
        await discard(at.desk, 2, tokens)
        assert await left(at) == 0


@on_loop
async def test_all_that_waits_is_revoked_and_one_run_serves_all_who_ask(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await discarded(at, ANA, BRUNO, GERENTE)
        assert all(await asyncio.gather(*(revoke_queued(at.desk) for _ in range(5))))
        assert at.wire.sent.count(REVOKE) == 3
        assert len(at.events("revocation.done")) == 3


@on_loop
async def test_what_onvio_did_not_confirm_stays_queued(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await discarded(at, ANA)
        for kind in ("http_503", "html", "limited"):
            at.cloud.cloud.set_fault(Fault(kind, target="auth", times=1))
            assert not await revoke_queued(at.desk)
            assert await left(at) == 1
        at.pass_time(61)
        assert await revoke_queued(at.desk)


@on_loop
async def test_one_that_is_always_refused_does_not_hold_up_the_others(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await discarded(at, ANA, BRUNO, GERENTE)
        first = (await at.desk.store.revocations(1))[0]
        bad = (await at.desk.vault.open(first.sealed, row=first.row)).decode()

        async def refuse(request: Request) -> None:
            if dict(request.form or ()).get("token") == bad:
                raise Denied("auth.client_refused", error="access_denied", target="auth")

        at.wire.before = refuse
        for _ in range(2):
            assert not await revoke_queued(at.desk)
        assert [each.id for each in await at.desk.store.revocations(9)] == [first.id]


@on_loop
async def test_what_can_no_longer_be_read_is_given_up_and_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        now = at.clock.wall()
        await at.desk.vault.seal(b"", row="first")  # the key is chosen
        strange = await at.desk.vault.seal(b"\xff\xfe", row=revocation_row(2))
        damaged = b"not sealed by this vault at all"
        other_row = await at.desk.vault.seal(b"token", row=revocation_row(3))
        for sealed in (strange, damaged, other_row):
            await at.desk.store.queue_revocation(2, sealed, at=now)
        assert await revoke_queued(at.desk)
        assert len(at.events("revocation.lost")) == 3


@on_loop
async def test_a_locked_vault_keeps_all_for_later(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await discarded(at, ANA)
        key = (at.folder / "vault.key").read_bytes()
        at.desk.vault.forget()  # type: ignore[attr-defined] # the real vault's
        (at.folder / "vault.key").unlink()
        assert not await revoke_queued(at.desk)
        (at.folder / "vault.key").write_bytes(key)
        (at.folder / "vault.key").chmod(0o600)
        assert await revoke_queued(at.desk)


@on_loop
async def test_where_nothing_can_be_queued_onvio_is_told_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.disk.full = True
        await discarded(at, ANA)
        assert at.wire.sent.count(REVOKE) == 1
        at.wire.before = None
        at.cloud.cloud.set_fault(Fault("http_503", target="auth", path=REVOKE))
        await discarded(at, BRUNO)
        assert len(at.events("revocation.lost")) == 1


@on_loop
async def test_what_a_full_disk_cannot_note_as_done_waits_and_is_no_crash(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await discarded(at, ANA)
        at.disk.full = True
        assert not await revoke_queued(at.desk)
        at.disk.full = False
        assert await revoke_queued(at.desk)
        assert not at.events("task.crashed")
