"""S12: a password that was just reset is held for minutes, tried again now and then, and dropped."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

from onvio_agent.actions import dialogue
from onvio_agent.actions.dialogue import OPEN_S, Dialogue, Done, Wish
from onvio_agent.actions.probe import probe
from onvio_agent.actions.sign_in import Password
from onvio_agent.errors import AgentError, Failed, Refused
from onvio_agent.onvio.oauth import TOKEN_PATH
from onvio_agent.onvio.transport import Request
from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.simulator.faults import Fault
from support.aio import on_loop
from support.desks import GER, Bench, Hold, bench
from support.sim import ANA, GERENTE, password_of

DUE = "dialogues"


async def begin(at: Bench, state: Any = "reset", **more: Any) -> Dialogue:
    """The Gerente's account is in that state, and he says that it was just reset."""
    at.agent.start()
    at.cloud.cloud.patch_account(GERENTE, AccountPatch(state=state))
    wish = Wish(what="link", actor=GER, login="gerente")
    began = await dialogue.begin(
        at.desk, wish, GERENTE, password_of(GERENTE), just_reset=True, **more
    )
    assert isinstance(began, Dialogue)
    return began


async def wait(at: Bench, minutes: float) -> None:
    """That much later, with the connection seen again; what is due is done."""
    at.pass_time(minutes * 60)
    await probe(at.desk)
    if DUE in at.timer.entries and at.timer.entries[DUE][0] <= at.clock.mono():
        await at.timer.fire(DUE)
        await at.settle()


def outcome(at: Bench, opened: Dialogue) -> Dialogue | Done | str:
    """How it stands, or for what it was refused."""
    try:
        return dialogue.look(at.desk, opened.id)
    except AgentError as error:
        return error.code


def sign_ins(at: Bench) -> int:
    return at.wire.sent.count(TOKEN_PATH)


@pytest.mark.parametrize(("state", "minutes"), [("reset", (1, 2)), ("new", (1, 2, 4))])
@on_loop
async def test_s12_a_password_that_was_just_reset_is_tried_again_until_onvio_takes_it(
    tmp_path: Path, state: str, minutes: tuple[int, ...]
) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at, state)
        for count, each in enumerate(minutes):
            assert at.timer.entries[DUE][0] == at.clock.mono() + 60 * each
            assert outcome(at, opened) is opened
            assert len(opened.tries) == 3 - count
            await wait(at, each)
        done = outcome(at, opened)
        assert isinstance(done, Done)
        assert done.user.link.account is not None
        assert at.desk.dialogues == {}
        assert DUE not in at.timer.entries
        assert sign_ins(at) == 1 + len(minutes)
        assert held_anywhere() == 0


def held_anywhere() -> int:
    """Passwords that any object in this process still holds."""
    return sum(isinstance(each, Password) for each in gc.get_objects())


@on_loop
async def test_s12_without_the_persons_word_a_refusal_is_final_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.agent.start()
        at.cloud.cloud.patch_account(GERENTE, AccountPatch(state="reset"))
        wish = Wish(what="link", actor=GER, login="gerente")
        with pytest.raises(Refused, match=r"^auth\.wrong_password"):
            await dialogue.begin(at.desk, wish, GERENTE, password_of(GERENTE))
        assert at.desk.dialogues == {}
        assert DUE not in at.timer.entries


@on_loop
async def test_s12_the_last_refusal_is_told_once_and_nothing_is_held(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.agent.start()
        wish = Wish(what="link", actor=GER, login="gerente")
        opened = await dialogue.begin(at.desk, wish, GERENTE, "errada", just_reset=True)
        assert isinstance(opened, Dialogue)
        for minutes in (1, 2, 4):
            await wait(at, minutes)
        assert opened.held is None
        assert outcome(at, opened) == "auth.wrong_password"
        assert outcome(at, opened) == "signin.expired"
        assert sign_ins(at) == 4


@on_loop
async def test_s12_giving_up_drops_the_password_and_nothing_is_tried_any_more(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at)
        dialogue.cancel(at.desk, opened.id)
        assert (opened.held, opened.tries) == (None, ())
        await wait(at, 5)
        assert sign_ins(at) == 1
        assert outcome(at, opened) == "signin.expired"


@on_loop
async def test_s12_after_ten_minutes_of_sleep_it_is_dropped_and_not_tried(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at)
        await wait(at, OPEN_S / 60)
        assert opened.held is None
        assert sign_ins(at) == 1
        assert outcome(at, opened) == "signin.expired"


@on_loop
async def test_tries_that_a_sleep_has_passed_over_are_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at, "new")
        await wait(at, 4)  # both the first and the second were due
        assert sign_ins(at) == 2
        assert len(opened.tries) == 1
        await wait(at, 3)
        assert isinstance(outcome(at, opened), Done)


@on_loop
async def test_trouble_on_the_way_is_no_answer_unless_it_is_the_last_try(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at, "new")
        at.cloud.cloud.set_fault(Fault("http_503", target="auth", times=1))
        at.pass_time(60)  # and nobody knows whether ONVIO is there
        await at.timer.fire(DUE)
        await at.settle()
        for minutes in (2, 4):
            await wait(at, minutes)
        assert isinstance(outcome(at, opened), Done)
        at.desk.dialogues.clear()
        opened = await begin(at, "new")
        for minutes in (1, 2):
            await wait(at, minutes)
        at.cloud.cloud.set_fault(Fault("http_503", target="auth"))
        await wait(at, 4)
        assert outcome(at, opened) == "onvio.unavailable"


@on_loop
async def test_another_definitive_answer_ends_it_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at)
        at.cloud.cloud.patch_account(GERENTE, AccountPatch(state="disabled"))
        await wait(at, 1)
        assert outcome(at, opened) == "link.account_disabled"
        assert sign_ins(at) == 2


@on_loop
async def test_a_second_factor_is_asked_for_once_the_password_is_taken(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at)
        at.cloud.cloud.patch_account(GERENTE, AccountPatch(second_factor="otp"))
        for minutes in (1, 2):
            await wait(at, minutes)
        assert outcome(at, opened) is opened
        assert opened.asked is not None
        assert (opened.held, opened.tries) == (None, ())
        code = str(at.cloud.cloud.codes(GERENTE)["otp"])
        assert (await dialogue.give_code(at.desk, opened.id, code)).user.uses_onvio


@on_loop
async def test_another_sign_in_while_the_last_try_is_under_way_disturbs_nothing(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at, "new")
        for minutes in (1, 2):
            await wait(at, minutes)
        at.pass_time(4 * 60)
        await probe(at.desk)
        at.wire.before = hold = Hold(TOKEN_PATH)
        await at.timer.fire(DUE)
        await hold.reached.wait()
        assert (opened.tries, opened.in_use) == ((), True)
        at.desk.kick_dialogues()  # as another sign-in would
        assert at.timer.entries[DUE][0] == opened.ends_at
        hold.release()
        await at.settle()
        assert isinstance(outcome(at, opened), Done)


@on_loop
async def test_a_code_for_one_that_waits_for_no_code_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at)
        with pytest.raises(Refused, match=r"^signin\.expired"):
            await dialogue.give_code(at.desk, opened.id, "123456")
        assert opened.held is not None


@on_loop
async def test_a_bug_ends_it_and_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at)

        async def crash(request: Request) -> None:
            if request.path == TOKEN_PATH:
                raise RuntimeError("a bug")

        at.pass_time(60)
        await probe(at.desk)
        at.wire.before = crash
        await at.timer.fire(DUE)
        await at.settle()
        with pytest.raises(Failed, match=r"^internal\.error"):
            dialogue.look(at.desk, opened.id)
        assert len(at.events("task.crashed")) == 1


@on_loop
async def test_the_portal_is_confirmed_in_the_same_way(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        await at.link("ana")
        at.agent.start()
        at.cloud.cloud.patch_account(ANA, AccountPatch(state="new"))
        wish = Wish(what="portal", actor=GER, login="ana")
        opened = await dialogue.begin(at.desk, wish, ANA, password_of(ANA), just_reset=True)
        assert isinstance(opened, Dialogue)
        for minutes in (1, 2, 4):
            await wait(at, minutes)
        done = outcome(at, opened)
        assert isinstance(done, Done)
        assert done.user.link.confirmed
