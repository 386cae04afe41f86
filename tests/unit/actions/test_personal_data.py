"""One person's data is given out and erased by the Gerente alone; ONVIO is told to forget all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from onvio_agent.actions import people, personal_data
from onvio_agent.actions.revoke import revoke_queued
from onvio_agent.errors import Refused
from onvio_agent.simulator.faults import Fault
from support.aio import on_loop
from support.desks import ANYBODY, GER, bench

REVOKE = "/oauth/revoke"


@on_loop
async def test_only_the_gerente_gives_out_and_erases(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        for work in (
            personal_data.export(at.desk, ANYBODY, "ana"),
            personal_data.erase(at.desk, ANYBODY, "ana"),
        ):
            with pytest.raises(Refused, match=r"^manager[.]required:"):
                await work
        assert at.desk.hub.office.find("ana") is not None


@on_loop
async def test_a_session_that_waits_for_onvio_is_revoked_also_after_its_user_is_erased(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, own="ana") as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.set_fault(Fault("http_503", target="auth", path=REVOKE))
        await people.inactivate(at.desk, GER, "ana", confirmed=True)
        assert not await revoke_queued(at.desk)
        await personal_data.erase(at.desk, GER, "ana")
        assert at.desk.hub.office.find("ana") is None
        assert at.desk.hub.own_login == ""
        at.cloud.cloud.clear_faults()
        at.pass_time(61)
        assert await revoke_queued(at.desk)
        assert len(at.events("revocation.done")) == 1
