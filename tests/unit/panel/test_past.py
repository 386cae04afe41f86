"""The past is read once, kept while nothing changes, and read again when something has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from onvio_agent.panel.past import CONNECTION, KEEP_S, SETTLES_S, Pasts
from onvio_agent.panel.timeline import PERIODS
from onvio_agent.verdict.facts import ProbeFailed
from support.aio import on_loop
from support.desks import bench


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    read = Pasts._read

    async def counted(pasts: Pasts, subject: str, longest: str) -> Any:
        found.append(subject)
        return await read(pasts, subject, longest)

    monkeypatch.setattr(Pasts, "_read", counted)
    return found


@on_loop
async def test_it_is_read_once_and_again_when_it_would_be_seen_to_lag(
    tmp_path: Path, reads: list[str]
) -> None:
    async with bench(tmp_path) as at:
        pasts = Pasts(at.desk)
        first = await pasts.of(CONNECTION)
        assert await pasts.of(CONNECTION) is first
        assert list(first.strips) == list(PERIODS)
        assert list((await pasts.of("ana", "24h")).strips) == ["24h"]
        at.clock.advance(KEEP_S)
        await pasts.of(CONNECTION)
        assert reads == [CONNECTION, "ana", CONNECTION]


@on_loop
async def test_a_change_is_read_until_it_must_have_been_written(
    tmp_path: Path, reads: list[str]
) -> None:
    async with bench(tmp_path) as at:
        pasts = Pasts(at.desk)
        await pasts.of(CONNECTION)
        await pasts.of("ana")
        at.clock.advance(1)
        at.desk.hub.hear(ProbeFailed(at.clock.mono(), "network.none", None, certain=True))
        await pasts.of(CONNECTION)
        at.clock.advance(SETTLES_S)
        await pasts.of(CONNECTION)
        await pasts.of(CONNECTION)
        await pasts.of("ana")
        assert reads == [CONNECTION, "ana", CONNECTION, CONNECTION]
