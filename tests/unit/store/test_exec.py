from __future__ import annotations

import asyncio
import threading

import pytest

from onvio_agent.store.exec import ThreadExec
from support.aio import on_loop


@on_loop
async def test_work_runs_in_one_thread_in_the_order_it_was_asked_for() -> None:
    exec_ = ThreadExec()
    order: list[int] = []
    threads: list[int] = []

    def work(number: int) -> None:
        order.append(number)
        threads.append(threading.get_ident())

    await asyncio.gather(*(exec_.run(lambda n=n: work(n)) for n in range(50)))
    assert order == list(range(50))
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()
    await exec_.close()


@on_loop
async def test_an_error_reaches_whoever_asked_and_the_thread_lives_on() -> None:
    exec_ = ThreadExec()

    def fail() -> None:
        raise LookupError("no")

    with pytest.raises(LookupError):
        await exec_.run(fail)
    assert await exec_.run(lambda: 7) == 7
    await exec_.close()


@on_loop
async def test_work_asked_for_is_done_even_when_the_asker_is_cancelled() -> None:
    exec_ = ThreadExec()
    gate = threading.Event()
    done: list[str] = []
    first = asyncio.create_task(exec_.run(gate.wait))
    second = asyncio.create_task(exec_.run(lambda: done.append("stored")))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    gate.set()
    await first
    await exec_.close()
    assert done == ["stored"]


@on_loop
async def test_closing_runs_what_is_queued_and_refuses_what_comes_later() -> None:
    exec_ = ThreadExec()
    done: list[int] = []
    tasks = [asyncio.create_task(exec_.run(lambda n=n: done.append(n))) for n in range(20)]
    await asyncio.sleep(0)
    await exec_.close()
    assert done == list(range(20))
    await asyncio.gather(*tasks)
    await exec_.close()
    with pytest.raises(RuntimeError):
        await exec_.run(lambda: None)


@on_loop
async def test_a_call_aside_does_not_hold_up_the_writer_and_is_given_up_in_time() -> None:
    exec_ = ThreadExec()
    gate = threading.Event()
    hanging = asyncio.create_task(exec_.run_blocking(gate.wait, 0.05))
    assert await exec_.run(lambda: "written") == "written"
    with pytest.raises(TimeoutError):
        await hanging
    with pytest.raises(TimeoutError, match="still hangs"):
        await exec_.run_blocking(lambda: None, 5)
    gate.set()
    await exec_.close()


@on_loop
async def test_a_call_aside_works_again_once_the_hanging_one_has_ended() -> None:
    exec_ = ThreadExec()
    gate = threading.Event()
    ended = threading.Event()

    def hang() -> None:
        gate.wait()
        ended.set()

    with pytest.raises(TimeoutError):
        await exec_.run_blocking(hang, 0.02)
    gate.set()
    ended.wait(5)
    for thread in threading.enumerate():
        if thread.name == "aside":
            thread.join(5)
    assert await exec_.run_blocking(lambda: 3, 5) == 3
    await exec_.close()


@on_loop
async def test_closing_before_any_work_does_no_harm() -> None:
    await ThreadExec().close()
