"""One shape for every error, and work that goes on without whoever asked for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from onvio_agent.api.access import Access
from onvio_agent.api.answers import carry_out, error_response, json_response, status_of
from onvio_agent.api.parts import Parts
from onvio_agent.api.stream import Streams
from onvio_agent.errors import (
    AgentError,
    Failed,
    NotRunning,
    Refused,
    StoreFailed,
    VaultFailed,
    WrongUsage,
)
from onvio_agent.i18n import _, current_language, set_language
from support.aio import on_loop
from support.desks import Bench, bench


def parts_of(at: Bench) -> Parts:
    return Parts(at.desk, Access("t", "b"), lambda: None, Streams(at.desk.hub))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (WrongUsage("request.invalid", detail="x"), 400),
        (Refused("manager.required"), 403),
        (Refused("manager.locked", wait_s=30), 403),
        (Refused("request.denied", detail="x"), 403),
        (Refused("user.unknown", login="x"), 409),
        (Refused("link.email_taken", login="x"), 409),
        (Failed("network.timeout"), 503),
        (StoreFailed("store.full"), 503),
        (VaultFailed("vault.locked"), 503),
        (Failed("internal.error"), 500),
    ],
)
def test_the_status_tells_who_must_act(error: AgentError, status: int) -> None:
    assert status_of(error) == status


@pytest.fixture(params=["en", "pt_BR"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    before = current_language()
    set_language(request.param)
    yield request.param
    set_language(before)


def test_an_error_carries_its_sentences_in_the_users_language(language: str) -> None:
    response = error_response(Refused("manager.locked", wait_s=30))
    error = json.loads(bytes(response.body))["error"]
    assert error["code"] == "manager.locked"
    assert error["exit_code"] == 4
    assert error["fields"] == {"wait_s": 30}
    assert error["title"] == _("Too many wrong passwords of the Gerente.")
    assert error["title"].startswith("Too many") is (language == "en")
    assert "30" in error["next_step"]
    assert response.headers["cache-control"] == "no-store"


def test_a_field_that_is_no_plain_value_is_written_as_text() -> None:
    response = error_response(StoreFailed("store.unwritable", path=Path("folder") / "agent.db"))
    assert json.loads(bytes(response.body))["error"]["fields"]["path"].endswith("agent.db")


def test_nothing_to_say_is_an_empty_answer() -> None:
    assert json_response(None).status_code == 204


@on_loop
async def test_work_goes_on_when_the_one_who_asked_is_gone(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        go_on, done = asyncio.Event(), []

        async def work() -> None:
            await go_on.wait()
            done.append(True)

        asking = asyncio.create_task(carry_out(parts_of(at), "work", work()))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        go_on.set()
        await at.desk.tasks.close(grace_s=5)
        assert done == [True]


@on_loop
async def test_a_refusal_is_passed_on_and_is_no_crash(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:

        async def work() -> None:
            raise Refused("link.none")

        with pytest.raises(Refused):
            await carry_out(parts_of(at), "work", work())
        assert not any("crashed" in line for line in at.lines.lines)


@on_loop
async def test_a_bug_is_logged_once_with_its_traceback_and_answered_without_it(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:

        async def work() -> Any:
            return {}["missing"]

        with pytest.raises(Failed, match=r"internal\.error"):
            await carry_out(parts_of(at), "work", work())
        crashed = [line for line in at.lines.lines if "crashed" in line]
        assert len(crashed) == 1
        assert "KeyError" in crashed[0]


@on_loop
async def test_what_the_end_of_the_agent_cut_off_is_answered_as_such(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:

        async def work() -> None:
            await asyncio.Event().wait()

        asking = asyncio.create_task(carry_out(parts_of(at), "work", work()))
        await asyncio.sleep(0)
        await at.desk.tasks.close()
        with pytest.raises(NotRunning):
            await asking
