"""Tokens are revoked until ONVIO confirms, across outages and restarts; old history goes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from onvio_agent.actions import people
from onvio_agent.actions.intent import pause, resume
from onvio_agent.actions.probe import probe
from onvio_agent.simulator.faults import Fault
from onvio_agent.store.base import Transition
from onvio_agent.verdict.facts import ProbeFailed
from support.aio import on_loop
from support.desks import GER, Bench, Hold, bench

REVOKE = "/oauth/revoke"


async def waiting(at: Bench) -> int:
    return len(await at.desk.store.revocations(100))


async def inactivate(at: Bench, login: str) -> None:
    await people.inactivate(at.desk, GER, login, confirmed=True)


@on_loop
async def test_a_queued_token_is_revoked_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.agent.start()
        await inactivate(at, "ana")
        assert at.timer.entries["revoke"][0] == at.clock.mono()
        await at.timer.fire("revoke")
        assert await waiting(at) == 0
        assert at.wire.sent.count(REVOKE) == 1


@on_loop
async def test_a_refused_revocation_is_tried_again_ever_later(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.agent.start()
        at.cloud.cloud.set_fault(Fault("http_503", target="auth"))
        await inactivate(at, "ana")
        waits = []
        for _ in range(14):
            await at.timer.fire("revoke")
            waits.append(at.timer.entries["revoke"][0] - at.clock.mono())
        assert all(0.0 < wait <= 900.0 for wait in waits)
        assert max(waits[7:]) > 60.0
        at.cloud.cloud.clear_faults()
        await at.timer.fire("revoke")
        assert await waiting(at) == 0
        assert "revoke" not in at.timer.entries


@on_loop
async def test_what_was_queued_offline_is_revoked_when_the_connection_is_back(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.agent.start()
        for _ in range(2):
            at.desk.hub.hear(ProbeFailed(at.clock.mono(), "network.dns"))
        await inactivate(at, "ana")
        await at.timer.fire("revoke")
        assert await waiting(at) == 1
        assert "revoke" not in at.timer.entries
        await probe(at.desk)
        await at.timer.fire("revoke")
        assert await waiting(at) == 0


@on_loop
async def test_a_kick_in_the_very_instant_of_an_expiry_is_not_lost(tmp_path: Path) -> None:
    """Expired, not yet looked at, and renewed: no change of state tells of the return."""
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.agent.start()
        await inactivate(at, "ana")
        at.clock.advance(90.0)
        await at.timer.fire("revoke")
        assert await waiting(at) == 1
        await probe(at.desk)
        await at.timer.fire("revoke")
        assert await waiting(at) == 0


@on_loop
async def test_nothing_is_revoked_during_a_pause_and_all_after_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.agent.start()
        await pause(at.desk, None)
        await inactivate(at, "ana")
        await at.timer.fire("revoke")
        assert at.wire.sent.count(REVOKE) == 0
        await resume(at.desk)
        await at.timer.fire("revoke")
        assert await waiting(at) == 0


@on_loop
async def test_what_a_run_leaves_the_next_one_takes_up(tmp_path: Path) -> None:
    async with bench(tmp_path) as first:
        await first.connect("gerente", "ana")
        await inactivate(first, "ana")
    async with bench(tmp_path, after=first, online=False) as at:
        at.agent.start()
        assert "revoke" not in at.timer.entries
        await probe(at.desk)
        await at.timer.fire("revoke")
        assert await waiting(at) == 0


@on_loop
async def test_a_new_one_does_not_wait_for_the_backoff_of_another(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana", "bruno")
        at.agent.start()
        at.cloud.cloud.set_fault(Fault("http_503", target="auth"))
        await inactivate(at, "ana")
        for _ in range(12):
            await at.timer.fire("revoke")
        at.wire.before = hold = Hold(REVOKE)
        revoking = asyncio.create_task(at.timer.fire("revoke"))
        await hold.reached.wait()
        await inactivate(at, "bruno")  # its kick is overtaken by the failure of the other
        hold.release()
        await revoking
        assert at.timer.entries["revoke"][0] - at.clock.mono() <= 4.0


@on_loop
async def test_a_full_disk_ends_no_housekeeping(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.agent.start()
        await inactivate(at, "ana")
        at.disk.full = True
        for name in ("revoke", "prune"):
            await at.timer.fire(name)
            assert name in at.timer.entries
        at.disk.full = False
        await at.timer.fire("revoke")
        assert await waiting(at) == 0


@on_loop
async def test_old_history_goes_in_batches_and_the_rest_stays(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.agent.start()
        await at.settle()
        young = len(await at.desk.store.history(subject=None, since=None, limit=5000))
        assert at.timer.entries["prune"][0] - at.clock.mono() == 300.0
        old_at = at.clock.wall() - timedelta(days=401)
        row = Transition(
            at=old_at, subject="ana", before="a", after="b", reason=None, duration_s=None
        )
        await at.desk.store.add_transitions([row] * 1500)
        await at.timer.fire("prune")
        assert at.timer.entries["prune"][0] - at.clock.mono() < 1.0
        await at.timer.fire("prune")
        assert at.timer.entries["prune"][0] - at.clock.mono() == 6 * 3600.0
        left = await at.desk.store.history(subject=None, since=None, limit=5000)
        assert len(left) == young
