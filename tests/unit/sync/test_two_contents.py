"""One access key with two contents: ONVIO keeps the first, and a person is told of the other."""

from __future__ import annotations

from pathlib import Path

from onvio_agent.actions import sync_documents as actions
from onvio_agent.simulator.integration import LeversPatch, Outcome
from support.aio import on_loop
from support.deliverers import Deliverer, deliverer
from support.deliveries import BATCHES, nfe
from support.desks import lost_answer

STORED = ("stored", None)
OTHER = ("refused", "sync.other_content")
ONE, TWO = nfe(1), nfe(1, note="other")


def quiet(it: Deliverer, **levers: object) -> None:
    it.bench.cloud.cloud.set_integration(LeversPatch(**levers))  # type: ignore[arg-type]


@on_loop
async def test_the_second_is_sent_after_the_first_and_refused_with_the_firsts_name(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        quiet(it, processing_s=8)
        it.put("a.xml", ONE, age_s=500)
        it.put("b.xml", TWO, age_s=400)
        await it.look()
        assert it.posts() == 1
        for _ in range(6):
            await it.later(10)
        assert (await it.states(), it.copies()) == ([STORED, OTHER], [1])
        assert "rejeitados/b.xml" in it.put_away()
        note = it.bench.folders.files[it.folder, "rejeitados/b.xml.txt"][0].decode()
        assert "a.xml" in note
        assert "EA10" in note
        assert "Compare" in note


@on_loop
async def test_a_content_that_comes_again_is_still_the_same_document(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("a.xml", ONE)
        await it.through()
        it.put("outra.xml", ONE)
        await it.through()
        assert (await it.states(), it.posts()) == ([STORED], 1)


@on_loop
async def test_what_was_there_before_counts_as_delivered_too(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        quiet(it, outcome=Outcome("EA10"))
        it.put("a.xml", ONE)
        await it.through()
        it.put("b.xml", TWO)
        await it.through()
        assert await it.states() == [("duplicate", "sync.already_there"), OTHER]


@on_loop
async def test_a_first_one_that_was_refused_makes_the_second_no_other(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        quiet(it, outcome=Outcome("EA13", times=1))
        it.put("a.xml", ONE)
        await it.through()
        quiet(it, outcome=Outcome("EA10", times=1))
        it.put("b.xml", TWO)
        await it.through()
        assert (await it.states())[1] == ("duplicate", "sync.already_there")


@on_loop
async def test_the_first_one_tried_again_waits_for_the_second_that_may_have_arrived(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        quiet(it, outcome=Outcome("EA13", times=1))
        it.put("a.xml", ONE)
        await it.through()
        it.bench.wire.after = lost_answer(BATCHES)
        it.put("b.xml", TWO)
        await it.look()
        (first, second) = await it.all()
        assert (first.state, second.reason) == ("refused", "sync.answer_lost")
        assert first.sha256 is not None
        await actions.retry(it.bench.desk, first.sha256)
        await it.later(0)
        assert it.posts() == 2
        await it.later(61)
        for _ in range(3):
            await it.later(6)
        assert await it.states() == [OTHER, ("duplicate", "sync.already_there")]
        assert it.copies() == [1]
