"""The program's token: one a day however often the agent starts, counted, and never asked for in vain."""

from __future__ import annotations

from pathlib import Path

import pytest

from onvio_agent.actions import sync_documents as actions
from onvio_agent.clock import Now
from onvio_agent.errors import AgentError, VaultFailed
from onvio_agent.onvio.token_budget import DAILY_MAX, asked_today
from onvio_agent.simulator.faults import Fault
from onvio_agent.simulator.integration import LeversPatch
from support.aio import on_loop
from support.deliverers import Deliverer, deliverer
from support.deliveries import BATCHES, OFICINA, nfe
from support.instants import at


def make_dir(path: str) -> str:
    """A folder that is there."""
    Path(path).mkdir()
    return path


def asked(it: Deliverer) -> int:
    """Token requests that reached ONVIO."""
    entries = it.bench.cloud.cloud.journal()
    return sum(entry.grant_type == "client_credentials" for entry in entries)


@on_loop
async def test_a_hundred_starts_in_a_row_use_one_token(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as before:
        before.put("0.xml", nfe(1))
        await before.through()
    for number in range(1, 100):
        async with deliverer(tmp_path, after=before) as it:
            it.put(f"{number}.xml", nfe(number + 1))
            await it.through()
            assert (await it.states())[-1] == ("stored", None)
            assert asked(it) == 1
            before = it


@on_loop
async def test_a_token_that_onvio_refuses_is_replaced_once(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.cloud.cloud.revoke_machine_tokens()
        it.put("nota.xml", nfe(1))
        await it.through()
        assert (await it.states(), asked(it)) == ([("stored", None)], 2)
        it.bench.cloud.cloud.revoke_machine_tokens()
        it.put("outra.xml", nfe(2))
        await it.through()
        assert asked(it) == 2
        held = it.sync.holds.on("token")
        assert held is not None
        assert held.reason == "sync.token_refused"
        await it.later(3700)
        await it.later(6)
        assert (await it.states())[-1] == ("stored", None)


@on_loop
async def test_no_more_than_the_budget_is_asked_for_and_the_reason_is_told(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("nota.xml", nfe(1))
        for _ in range(60):
            await it.bench.desk.store.sync.drop_token()
            it.sync.keeper._held = None
            await actions.retry(it.bench.desk, None)
            await it.look()
        assert asked(it) == DAILY_MAX
        other = make_dir(it.folder + "-2")
        with pytest.raises(AgentError) as refused:
            await it.add_client("Oficina", OFICINA, "chave-2", other)
        assert refused.value.code == "auth.budget_spent"
        await it.later(86_400)
        assert asked(it) == DAILY_MAX + 1


def test_the_budget_is_counted_on_both_clocks() -> None:
    requests = [at(100.0 + number) for number in range(5)]
    assert asked_today(requests, at(200.0)) == 5
    assert asked_today(requests, at(100_000.0)) == 0
    ahead = Now(300.0, at(500_000.0).wall)
    assert asked_today(requests, ahead) == 5
    back = Now(5.0, at(-500_000.0).wall)
    assert asked_today(requests, back) == 5


@on_loop
async def test_a_definite_no_is_not_repeated_by_the_clock(tmp_path: Path) -> None:
    async with deliverer(tmp_path, connected=False) as it:
        it.bench.cloud.cloud.set_integration(LeversPatch(blocked=True))
        with pytest.raises(AgentError) as refused:
            await it.add_client()
        assert refused.value.code == "sync.client_refused"
        it.bench.cloud.cloud.set_integration(LeversPatch(blocked=False))
        await it.add_client()
        it.bench.cloud.cloud.set_integration(LeversPatch(blocked=True))
        await it.bench.desk.store.sync.drop_token()
        it.sync.keeper._held = None
        it.put("nota.xml", nfe(1))
        await it.look()
        count = asked(it)
        for _ in range(20):
            await it.later(3600)
        assert asked(it) == count
        it.bench.cloud.cloud.set_integration(LeversPatch(blocked=False))
        await actions.retry(it.bench.desk, None)
        await it.through()
        assert await it.states() == [("stored", None)]


@on_loop
async def test_a_request_that_never_left_does_not_count(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        await it.bench.desk.store.sync.drop_token()
        it.sync.keeper._held = None
        it.bench.wire.cut = True
        it.put("nota.xml", nfe(1))
        for _ in range(40):
            await it.later(31)
            await it.look()
        assert len(await it.bench.desk.store.sync.token_requests()) == 1


@on_loop
async def test_a_locked_vault_holds_everything_back_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def locked(*_args: object, **_keys: object) -> bytes:
        raise VaultFailed("vault.locked")

    async with deliverer(tmp_path) as before:
        before.put("nota.xml", nfe(1))
    async with deliverer(tmp_path, after=before) as it:
        with monkeypatch.context() as patch:
            patch.setattr(it.bench.desk.vault, "open", locked)
            await it.through()
            assert await it.states() == [("queued", None)]
            held = it.sync.holds.on("token")
            assert held is not None
            assert held.reason == "vault.locked"
        for _ in range(3):
            await it.later(31)
        assert await it.states() == [("stored", None)]


@on_loop
async def test_a_busy_token_server_is_obeyed(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        await it.bench.desk.store.sync.drop_token()
        it.sync.keeper._held = None
        it.bench.cloud.cloud.set_fault(Fault("limited", target="auth", times=1, value=900))
        it.put("nota.xml", nfe(1))
        await it.look()
        count = asked(it)
        await it.later(800)
        assert (asked(it), it.bench.wire.sent.count(BATCHES)) == (count, 0)
        await it.later(101)
        await it.later(6)
        assert await it.states() == [("stored", None)]


@on_loop
async def test_requests_that_never_left_push_none_out_of_the_count(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        store = it.bench.desk.store.sync
        for _ in range(200):
            number = await store.note_token_request(it.bench.clock.now(), keep=60)
            await store.unnote_token_request(number)
        assert len(await store.token_requests()) == 1
