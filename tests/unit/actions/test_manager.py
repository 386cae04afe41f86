"""The Gerente's password in this agent: hashed, slow to guess, also for many guessers at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from onvio_agent.actions import people
from onvio_agent.actions.manager import TRIES, set_password, sign_in
from onvio_agent.errors import Refused, WrongUsage
from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.store.base import ManagerPassword
from support.aio import on_loop
from support.desks import GER, Bench, InlineExec, bench
from support.sim import ANA

T = TypeVar("T")
PASSWORD = "senha-do-gerente"


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, match=rf"^{code.replace('.', '[.]')}:")


class Slow(InlineExec):
    """Argon2 takes its time."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.release = asyncio.Event()

    async def run(self, work: Callable[[], T]) -> T:
        self.entered.set()
        await self.release.wait()
        return work()


async def with_password(at: Bench) -> None:
    await set_password(at.desk.store, at.desk.exec, PASSWORD)


async def guess(at: Bench, password: str = "errada-errada", login: str = "gerente") -> str:
    """What a try gives: the code of the refusal, or `open`."""
    try:
        await sign_in(at.desk, login, password)
    except Refused as no:
        return no.code
    return "open"


@on_loop
async def test_the_password_is_stored_as_an_argon2id_hash_only(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await with_password(at)
        stored = await at.desk.store.manager_password()
        assert stored is not None
        assert stored.hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert PASSWORD not in stored.hashed
        with pytest.raises(WrongUsage):
            await set_password(at.desk.store, at.desk.exec, "curta")


@on_loop
async def test_the_right_password_opens_a_session_for_the_gerentes_login_in_any_case(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await with_password(at)
        session = await sign_in(at.desk, " GERENTE ", PASSWORD)
        assert at.desk.sessions.use(session)
        assert at.events("session.opened")[0]["user"] == "gerente"
        assert await guess(at, PASSWORD, "ana") == "manager.wrong_password"


@on_loop
async def test_without_a_password_nobody_is_the_gerente(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        assert await guess(at) == "manager.missing"


@on_loop
async def test_after_five_wrong_tries_even_the_right_one_waits_ever_longer(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await with_password(at)
        for _ in range(TRIES):
            assert await guess(at) == "manager.wrong_password"
        waits = []
        for _ in range(10):
            with refused("manager.locked") as no:
                await sign_in(at.desk, "gerente", PASSWORD)
            waits.append(no.value.fields["wait_s"])
            at.clock.advance(float(waits[-1]))  # type: ignore[arg-type] # seconds
            assert await guess(at) == "manager.wrong_password"
        assert waits[0] in (30, 31)
        assert waits[-1] == 3600
        assert waits == sorted(waits)


@on_loop
async def test_many_guesses_at_once_count_each(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await with_password(at)
        answers = await asyncio.gather(*(guess(at) for _ in range(20)))
        assert answers.count("manager.wrong_password") == TRIES
        assert answers.count("manager.locked") == 20 - TRIES


@on_loop
async def test_wrong_tries_outlive_a_restart_and_a_success_forgets_them(tmp_path: Path) -> None:
    async with bench(tmp_path) as first:
        await with_password(first)
        for _ in range(TRIES - 1):
            await guess(first)
    async with bench(tmp_path, after=first) as at:
        assert await guess(at, PASSWORD) == "open"
        for _ in range(TRIES - 1):
            assert await guess(at) == "manager.wrong_password"
        assert await guess(at, PASSWORD) == "open"


@on_loop
async def test_a_clock_that_is_set_back_locks_for_an_hour_at_most(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await with_password(at)
        for _ in range(TRIES):
            await guess(at)
        at.clock.step_wall(-172_800.0)
        with refused("manager.locked") as no:
            await sign_in(at.desk, "gerente", PASSWORD)
        assert no.value.fields["wait_s"] == 3600


@on_loop
async def test_who_hands_over_while_his_password_is_proven_gets_no_session(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.patch_account(ANA, AccountPatch(role="administrator"))
        await with_password(at)
        at.desk.exec = slow = Slow()
        proving = asyncio.create_task(guess(at, PASSWORD))
        await slow.entered.wait()
        await people.promote(at.desk, GER, "ana")
        slow.release.set()
        assert await proving == "manager.wrong_password"


@on_loop
async def test_a_damaged_hash_admits_nobody(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.desk.store.set_manager_password(ManagerPassword(hashed="$argon2id$broken"))
        assert await guess(at, PASSWORD) == "manager.wrong_password"
