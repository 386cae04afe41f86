"""Background work is kept, ended in order, and a crash is told once."""

from __future__ import annotations

import asyncio

from onvio_agent.log import wrap_log
from onvio_agent.supervise import Tasks
from support.aio import on_loop
from support.desks import Lines
from support.instants import HandClock


def tasks_of() -> tuple[Tasks, Lines]:
    lines = Lines()
    return Tasks(wrap_log(lines, clock=HandClock())), lines


async def crash() -> None:
    raise ValueError("boom")


@on_loop
async def test_a_crash_is_told_once_and_reaches_whoever_waits() -> None:
    tasks, lines = tasks_of()
    task = tasks.spawn("work", crash())
    await asyncio.gather(task, return_exceptions=True)
    assert isinstance(task.exception(), ValueError)
    assert len(lines.lines) == 1
    assert '"task.crashed"' in lines.lines[0]
    assert '"work"' in lines.lines[0]


@on_loop
async def test_an_expected_error_is_no_crash() -> None:
    class ExpectedError(Exception):
        is_expected = True

    async def refuse() -> None:
        raise ExpectedError

    tasks, lines = tasks_of()
    await asyncio.gather(tasks.spawn("work", refuse()), return_exceptions=True)
    assert lines.lines == []


@on_loop
async def test_close_lets_work_end_within_the_grace() -> None:
    tasks, _lines = tasks_of()
    ended: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0.01)
        ended.append("work")

    tasks.spawn("work", work())
    await tasks.close(5.0)
    assert ended == ["work"]


@on_loop
async def test_close_waits_for_work_that_the_work_itself_began() -> None:
    tasks, _lines = tasks_of()
    ended: list[str] = []

    async def second() -> None:
        await asyncio.sleep(0)
        ended.append("second")

    async def first() -> None:
        await asyncio.sleep(0)
        tasks.spawn("second", second())

    tasks.spawn("first", first())
    await tasks.close(5.0)
    assert ended == ["second"]


@on_loop
async def test_close_cancels_what_does_not_end_and_that_is_no_crash() -> None:
    tasks, lines = tasks_of()
    task = tasks.spawn("hung", asyncio.Event().wait())
    await tasks.close(0.01)
    assert task.cancelled()
    assert lines.lines == []


@on_loop
async def test_close_ends_even_when_work_begins_work_while_it_is_cancelled() -> None:
    tasks, _lines = tasks_of()
    late: list[asyncio.Task[bool]] = []

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            late.append(tasks.spawn("late", asyncio.Event().wait()))

    tasks.spawn("stubborn", stubborn())
    await asyncio.sleep(0)
    await tasks.close()
    assert late[0].cancelled()


@on_loop
async def test_closing_with_nothing_to_do_returns_at_once() -> None:
    tasks, _lines = tasks_of()
    async with asyncio.timeout(1):
        await tasks.close(60.0)
