"""From the folder to ONVIO and into `enviados`: what is sent when, and what an answer means."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from onvio_agent.actions import sync_documents as actions
from onvio_agent.actions.intent import pause, resume
from onvio_agent.actions.probe import probe
from onvio_agent.onvio.errors import NotSent, Uncertain
from onvio_agent.onvio.transport import Request
from onvio_agent.simulator.faults import Fault
from onvio_agent.simulator.integration import LeversPatch, Outcome
from support.aio import on_loop
from support.deliverers import deliverer
from support.deliveries import BATCHES, PADARIA, access_key, nfe
from support.desks import Hold, lost_answer
from support.documents import settlement

STORED = ("stored", None)


@on_loop
async def test_a_document_is_sent_once_stored_and_put_away(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("nota.xml", nfe(1))
        await it.through()
        assert await it.states() == [STORED]
        assert it.copies() == [1]
        assert it.put_away() == ["enviados/2026-11/nota.xml"]
        assert it.posts() == 1
        await it.through()
        assert it.posts() == 1


@on_loop
async def test_the_bytes_arrive_as_they_were_in_the_file(tmp_path: Path) -> None:
    data = nfe(1, note="São João\r\n--x")
    async with deliverer(tmp_path) as it:
        it.put("nota.xml", data)
        await it.through()
        (document,) = await it.all()
        (stored,) = it.bench.cloud.cloud.documents()
        assert stored.sha256 == document.sha256
        assert it.bench.folders.files[it.folder, "enviados/2026-11/nota.xml"][0] == data


@on_loop
async def test_after_a_lost_answer_it_goes_again_and_is_there_already(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.wire.after = lost_answer(BATCHES)
        it.put("nota.xml", nfe(1))
        await it.look()
        assert await it.states() == [("waiting", "sync.answer_lost")]
        await it.later(30)
        assert it.posts() == 1
        await it.later(31)
        await it.later(6)
        assert await it.states() == [("duplicate", "sync.already_there")]
        assert it.copies() == [1]
        assert it.put_away() == ["enviados/2026-11/nota.xml"]


@on_loop
async def test_what_never_left_is_sent_once_the_network_is_back(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.wire.cut = True
        it.put("nota.xml", nfe(1))
        await it.look()
        assert await it.states() == [("queued", "network.refused")]
        it.bench.wire.cut = False
        for _ in range(3):
            await it.later(31)
        assert await it.states() == [STORED]
        assert it.posts() == 1


@on_loop
async def test_a_limit_pauses_the_posts_and_nothing_else_even_over_a_restart(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as first:
        first.bench.cloud.cloud.set_fault(Fault("limited", times=1, value=300, path=BATCHES))
        first.put("nota.xml", nfe(1))
        await first.look()
        assert await first.states() == [("queued", "onvio.limited")]
        await first.later(100)
        assert first.posts() == 1
        await probe(first.bench.desk)
        assert first.bench.desk.hub.is_connected()
    async with deliverer(tmp_path, after=first) as second:
        await second.through()
        assert second.posts() == 0
        await second.later(200)
        await second.later(6)
        assert await second.states() == [STORED]


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        ("EA13", "refused", "sync.company_unknown"),
        ("EA0", "refused", "sync.rejected"),
        ("EX9", "refused", "sync.rejected"),
        ("E2", "refused", "sync.rejected"),
        ("EA10", "duplicate", "sync.already_there"),
        ("SX7", "accepted", "sync.pending"),
        ("SA1", "accepted", None),
    ],
)
@on_loop
async def test_codes_decide(tmp_path: Path, code: str, state: str, reason: str | None) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.cloud.cloud.set_integration(LeversPatch(outcome=Outcome(code)))
        it.put("nota.xml", nfe(1))
        await it.through()
        assert await it.states() == [(state, reason)]
        if state == "refused":
            assert it.put_away() == ["rejeitados/nota.xml", "rejeitados/nota.xml.txt"]
            note = it.bench.folders.files[it.folder, "rejeitados/nota.xml.txt"][0].decode()
            assert code in note


@on_loop
async def test_what_is_pending_is_asked_for_ever_more_seldom_and_never_given_up(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.cloud.cloud.set_integration(LeversPatch(processing_s=90_000))
        it.put("nota.xml", nfe(1))
        await it.look()
        asked = []
        for _ in range(300):
            due = it.bench.timer.entries["sync-due"][0]
            asked.append(due)
            await it.later(max(0.0, due - it.bench.clock.mono()))
            if await it.states() == [STORED]:
                break
        assert await it.states() == [STORED]
        gaps = [after - before for before, after in pairwise(asked)]
        assert gaps[0] <= 10
        assert max(gaps) <= 3600
        assert len(asked) < 120


@on_loop
async def test_a_key_that_is_refused_stops_its_company_until_a_person_acts(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.cloud.cloud.revoke_key(PADARIA)
        it.put("nota.xml", nfe(1))
        await it.through()
        (client,) = it.sync.clients.everyone()
        assert client.trouble == "sync.key_refused"
        posts = it.posts()
        await it.later(4000)
        assert it.posts() == posts
        await it.add_client()
        await it.through()
        assert await it.states() == [STORED]


@on_loop
async def test_a_refused_document_can_be_tried_again(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.cloud.cloud.set_integration(LeversPatch(outcome=Outcome("EA13", times=1)))
        it.put("nota.xml", nfe(1))
        await it.through()
        (document,) = await it.all()
        assert document.sha256 is not None
        await actions.retry(it.bench.desk, document.sha256)
        await it.through()
        assert await it.states() == [STORED]


@on_loop
async def test_a_refused_file_that_comes_again_is_tried_again(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.cloud.cloud.set_integration(LeversPatch(outcome=Outcome("EA13", times=1)))
        it.put("nota.xml", nfe(1))
        await it.through()
        it.put("nota.xml", nfe(1))
        await it.through()
        assert await it.states() == [STORED]
        assert "enviados/2026-11/nota.xml" in it.put_away()


@on_loop
async def test_documents_are_first_sent_in_the_order_of_their_coming(tmp_path: Path) -> None:
    order: list[bytes] = []

    async def note(request: Request) -> None:
        if request.path == BATCHES:
            order.append(request.body)

    async with deliverer(tmp_path) as it:
        it.bench.wire.before = note
        for number in range(1, 8):
            it.put(f"{9 - number}.xml", nfe(number), age_s=1000 - number)
        await it.through()
        found = [next(n for n in range(1, 8) if access_key(n).encode() in body) for body in order]
        assert found == list(range(1, 8))


@on_loop
async def test_a_settlement_waits_for_the_invoice_that_came_with_it(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.cloud.cloud.set_integration(LeversPatch(processing_s=8))
        it.put("a-baixa.xml", settlement(1), age_s=500)
        it.put("b-nota.xml", nfe(1), age_s=400)
        await it.look()
        assert [document.state for document in await it.all()] == ["queued", "accepted"]
        await it.later(9)
        await it.later(0)
        assert [document.state for document in await it.all()] == ["accepted", "stored"]


@on_loop
async def test_documents_that_are_due_one_by_one_are_asked_for_together(tmp_path: Path) -> None:
    async with deliverer(tmp_path, poll_first_s=4.0) as it:
        for number in range(1, 4):
            it.put(f"{number}.xml", nfe(number))
            await it.look()
            it.bench.pass_time(0.05)
        await it.later(3.86)
        assert [document.state for document in await it.all()] == ["stored", "accepted", "accepted"]
        due, _tick = it.bench.timer.entries["sync-due"]
        assert due == pytest.approx(it.bench.clock.mono() + 0.1)
        await it.later(0.1)
        assert await it.states() == [STORED] * 3


@on_loop
async def test_two_files_of_one_content_are_one_document_and_both_put_away(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("a.xml", nfe(1))
        it.put("b.xml", nfe(1))
        await it.through()
        await it.look()
        assert await it.states() == [STORED]
        assert it.put_away() == ["enviados/2026-11/a.xml", "enviados/2026-11/b.xml"]
        told = [event["state"] for event in it.bench.events("sync.document_changed")]
        assert told == ["queued", "accepted", "stored"]


@on_loop
async def test_while_paused_onvio_is_not_asked(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        await pause(it.bench.desk, None)
        it.put("nota.xml", nfe(1))
        await it.through()
        assert (it.posts(), await it.states()) == (0, [("queued", None)])
        await resume(it.bench.desk)
        await it.through()
        assert await it.states() == [STORED]


@on_loop
async def test_a_person_can_take_back_what_was_not_sent(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.wire.cut = True
        it.put("nota.xml", nfe(1))
        await it.look()
        (document,) = await it.all()
        assert document.sha256 is not None
        await actions.cancel(it.bench.desk, document.sha256[:10])
        assert await it.states() == [("refused", "sync.cancelled")]
        assert it.put_away() == ["rejeitados/nota.xml", "rejeitados/nota.xml.txt"]


@on_loop
async def test_what_a_full_disk_could_not_save_is_saved_later_and_not_sent_twice(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:

        async def fill(request: Request) -> None:
            if request.path == BATCHES:
                it.bench.disk.full = True

        it.bench.wire.after = fill
        it.put("nota.xml", nfe(1))
        await it.look()
        assert [document.state for document in await it.all()] == ["sending"]
        it.bench.wire.after = None
        it.bench.disk.full = False
        await _sleep_until_saved(it)
        await it.through()
        assert await it.states() == [STORED]
        assert it.posts() == 1


@on_loop
async def test_while_another_program_holds_the_store_nothing_is_lost_and_the_reason_is_told(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        it.put("nota.xml", nfe(1))
        with closing(sqlite3.connect(tmp_path / "agent.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await it.look()
            assert (it.posts(), it.bench.folders.paths(it.folder)) == (0, ["nota.xml"])
            other.execute("ROLLBACK")
        (told,) = it.bench.events("sync.not_saved")
        assert told["reason"] == "store.unwritable"
        await it.through()
        assert (await it.states(), it.copies()) == ([STORED], [1])


@pytest.mark.parametrize("error", [NotSent, Uncertain])
@on_loop
async def test_a_trouble_while_asking_keeps_the_document_accepted(
    tmp_path: Path, error: type[NotSent | Uncertain]
) -> None:
    async def fail(request: Request) -> None:
        if request.path.startswith(f"{BATCHES}/"):
            raise error("network.timeout", target="api")

    async with deliverer(tmp_path) as it:
        it.bench.wire.before = fail
        it.put("nota.xml", nfe(1))
        await it.through()
        assert await it.states() == [("accepted", None)]
        it.bench.wire.before = None
        await it.later(120)
        await it.later(120)
        assert await it.states() == [STORED]


@on_loop
async def test_after_a_restart_in_mid_request_the_document_goes_again(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as first:
        first.put("nota.xml", nfe(1))
        first.bench.wire.after = Hold(BATCHES)
        await first.look()
    async with deliverer(tmp_path, after=first) as second:
        await second.look()
        assert await second.states() == [("waiting", "sync.answer_lost")]
        await second.later(61)
        await second.later(6)
        assert await second.states() == [("duplicate", "sync.already_there")]
        assert second.copies() == [1]


async def _sleep_until_saved(it: object) -> None:
    """The store is asked again after two seconds; that much real time."""
    import asyncio

    await asyncio.sleep(2.1)
