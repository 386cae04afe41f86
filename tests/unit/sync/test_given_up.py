"""A person's way out where ONVIO never finishes: nothing is lost, and nothing is doubled knowingly."""

from __future__ import annotations

from pathlib import Path

import pytest

from onvio_agent.actions import sync_documents as actions
from onvio_agent.contract import reasons
from onvio_agent.errors import Refused
from onvio_agent.i18n import _
from onvio_agent.simulator.faults import Fault
from onvio_agent.simulator.integration import LeversPatch
from support.aio import on_loop
from support.deliverers import Deliverer, deliverer
from support.deliveries import BATCHES, nfe
from support.desks import GER, lost_answer

STORED = ("stored", None)
GIVEN_UP = ("refused", "sync.given_up")
FOR_EVER_S = 30 * 86_400.0


async def sent_and_given_up(it: Deliverer) -> str:
    """A document that ONVIO does not finish; its hash."""
    it.bench.cloud.cloud.set_integration(LeversPatch(processing_s=FOR_EVER_S))
    it.put("nota.xml", nfe(1))
    await it.through()
    (document,) = await it.all()
    assert (document.state, document.sha256 is not None) == ("accepted", True)
    sha256 = str(document.sha256)
    with pytest.raises(Refused, match=r"sync\.not_cancelled"):
        await actions.cancel(it.bench.desk, sha256)
    await actions.cancel(it.bench.desk, sha256, sent=True)
    return sha256


@on_loop
async def test_it_is_asked_for_no_longer_and_says_that_it_may_have_arrived(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        await sent_and_given_up(it)
        assert await it.states() == [GIVEN_UP]
        assert it.put_away() == ["rejeitados/nota.xml", "rejeitados/nota.xml.txt"]
        note = it.bench.folders.files[it.folder, "rejeitados/nota.xml.txt"][0].decode()
        assert _(reasons.get("sync.given_up").title) in note
        asked = len(it.bench.wire.sent)
        await it.later(7200)
        await it.later(7200)
        assert len(it.bench.wire.sent) == asked


@on_loop
async def test_its_company_can_then_be_removed(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        await sent_and_given_up(it)
        await actions.remove_client(it.bench.desk, GER, "Padaria")
        assert it.sync.clients.everyone() == []


@pytest.mark.parametrize("how", ["command", "folder"])
@on_loop
async def test_taken_up_again_onvio_is_asked_and_nothing_is_sent_twice(
    tmp_path: Path, how: str
) -> None:
    async with deliverer(tmp_path) as it:
        sha256 = await sent_and_given_up(it)
        it.bench.pass_time(FOR_EVER_S)
        if how == "command":
            await actions.retry(it.bench.desk, sha256)
        else:
            it.put("de-novo.xml", nfe(1))
        await it.through()
        assert (await it.states(), it.posts(), it.copies()) == ([STORED], 1, [1])
        if how == "folder":
            assert "enviados/2026-12/de-novo.xml" in it.put_away()


@on_loop
async def test_one_whose_answer_was_lost_can_be_given_up_too_and_goes_again_when_asked(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.wire.after = lost_answer(BATCHES)
        it.put("nota.xml", nfe(1))
        await it.look()
        (document,) = await it.all()
        await actions.cancel(it.bench.desk, str(document.sha256), sent=True)
        assert await it.states() == [GIVEN_UP]
        await it.later(4000)
        assert it.posts() == 1
        await actions.retry(it.bench.desk, str(document.sha256))
        await it.through()
        assert await it.states() == [("duplicate", "sync.already_there")]
        assert it.copies() == [1]


@on_loop
async def test_what_a_person_took_back_is_not_tried_again_with_what_onvio_refused(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        await sent_and_given_up(it)
        it.bench.wire.cut = True
        it.put("outra.xml", nfe(2))
        await it.look()
        await actions.cancel(it.bench.desk, str((await it.all())[1].sha256))
        it.bench.wire.cut = False
        assert await actions.retry(it.bench.desk, refused=True) == []
        await it.through()
        assert await it.states() == [GIVEN_UP, ("refused", "sync.cancelled")]


@on_loop
async def test_an_answer_that_comes_after_all_changes_nothing(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("nota.xml", nfe(1))
        await it.look()
        (document,) = await it.all()

        async def give_up(request: object) -> None:
            it.bench.wire.before = None
            await actions.cancel(it.bench.desk, str(document.sha256), sent=True)

        it.bench.wire.before = give_up
        await it.later(6)
        assert await it.states() == [GIVEN_UP]
        await actions.retry(it.bench.desk, str(document.sha256))
        await it.through()
        assert (await it.states(), it.posts()) == ([STORED], 1)


@pytest.mark.parametrize("then_cut", [False, True])
@on_loop
async def test_what_onvio_failed_on_may_have_arrived_and_is_not_simply_taken_back(
    tmp_path: Path, then_cut: bool
) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.cloud.cloud.set_fault(Fault("http_500", times=1, path=BATCHES))
        it.put("nota.xml", nfe(1))
        await it.look()
        if then_cut:  # a try that never left does not make the first one unsent
            it.bench.wire.cut = True
            for _ in range(4):
                await it.later(40)
        (document,) = await it.all()
        assert document.state == "waiting"
        with pytest.raises(Refused, match=r"sync\.not_cancelled"):
            await actions.cancel(it.bench.desk, str(document.sha256))
        await actions.cancel(it.bench.desk, str(document.sha256), sent=True)
        assert await it.states() == [GIVEN_UP]
