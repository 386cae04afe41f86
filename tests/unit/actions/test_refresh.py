"""Refresh tokens: the intent first, the successor stored before it is used, none presented twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from onvio_agent.actions import people, refresh
from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.probe import probe
from onvio_agent.actions.refresh import LinkMoved, access_token, remember
from onvio_agent.onvio.transport import Request
from onvio_agent.simulator.tokens import Rotation
from onvio_agent.store.base import Tokens
from support.aio import on_loop
from support.desks import GER, Bench, Hold, bench, lost_answer

TOKEN = "/oauth/token"


async def stored(at: Bench) -> Tokens:
    user = at.user("gerente")
    found = await at.desk.store.tokens(user.id, user.link.generation)
    assert found is not None
    return found


async def grow_old(at: Bench, seconds: float = 3700) -> None:
    at.pass_time(seconds)
    await probe(at.desk)


@on_loop
async def test_a_young_token_is_used_as_it_is(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        sent = at.wire.sent.count(TOKEN)
        at.pass_time(3000)
        await access_token(at.desk, at.user("gerente"))
        assert at.wire.sent.count(TOKEN) == sent


@on_loop
async def test_an_hour_old_token_is_renewed_though_it_would_last_longer(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        assert at.desk.cached[1].tokens.expires_in_s > 3600.0
        at.pass_time(3601)
        await access_token(at.desk, at.user("gerente"))
        assert (await stored(at)).serial == 2


@on_loop
async def test_the_intent_is_stored_before_the_token_is_sent_and_closed_with_its_successor(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        await grow_old(at)
        at.wire.before = hold = Hold(TOKEN)
        renewing = asyncio.create_task(access_token(at.desk, at.user("gerente")))
        await hold.reached.wait()
        assert (await stored(at)).refresh_started_at == at.clock.wall()
        hold.release()
        await renewing
        assert (await stored(at)).refresh_started_at is None


@on_loop
async def test_the_successor_is_stored_before_its_access_token_is_used(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        await grow_old(at)
        serials: list[int] = []

        async def look(request: Request) -> None:
            if request.path == "/userinfo":
                serials.append((await stored(at)).serial)

        at.wire.before = look
        await check_link(at.desk, 1)
        assert serials == [2]


@on_loop
async def test_no_token_is_presented_after_its_successor_was_stored(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        presented: list[str] = []

        async def note(request: Request) -> None:
            form = dict(request.form or ())
            if form.get("grant_type") == "refresh_token":
                presented.append(form["refresh_token"])

        at.wire.before = note
        for _ in range(5):
            await grow_old(at)
            await check_link(at.desk, 1)
        assert len(presented) == len(set(presented)) == 5


@on_loop
async def test_after_a_lost_answer_the_stored_token_is_presented_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        await grow_old(at)
        presented: list[str] = []

        async def note(request: Request) -> None:
            presented.append(dict(request.form or ()).get("refresh_token", ""))

        at.wire.before, at.wire.after = note, lost_answer(TOKEN)
        await check_link(at.desk, 1)
        await check_link(at.desk, 1)
        tokens = [token for token in presented if token]
        assert len(tokens) == 2
        assert tokens[0] == tokens[1]


@pytest.mark.parametrize("leeway_s", [0, 60])
@on_loop
async def test_a_restart_in_the_middle_presents_the_stored_token_once_more(
    tmp_path: Path, leeway_s: int
) -> None:
    async with bench(tmp_path) as first:
        first.cloud.cloud.set_rotation(Rotation(leeway_s=leeway_s))
        await first.connect("gerente")
        await grow_old(first)
        first.wire.after = lost_answer(TOKEN)
        await check_link(first.desk, 1)
        assert (await stored(first)).refresh_started_at is not None
    async with bench(tmp_path, after=first) as at:
        at.pass_time(1)
        await check_link(at.desk, 1)
        assert at.wire.sent.count(TOKEN) == 1
        assert at.user("gerente").link.ended == (None if leeway_s else "link.session_ended")


@on_loop
async def test_a_cancelled_caller_does_not_stop_a_refresh(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        await grow_old(at)
        at.wire.after = hold = Hold(TOKEN)
        checking = asyncio.create_task(check_link(at.desk, 1))
        await hold.reached.wait()
        checking.cancel()
        await asyncio.gather(checking, return_exceptions=True)
        hold.release()
        await at.settle()
        assert (await stored(at)).serial == 2


@pytest.mark.parametrize("refused", ["start_refresh", "store_refreshed"])
@on_loop
async def test_a_full_disk_costs_no_session(tmp_path: Path, refused: str) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        await grow_old(at)
        at.disk.refuses = (refused,)
        for _ in range(3):
            await check_link(at.desk, 1)
        assert at.icon("gerente") == ("grey", "store.full")
        assert at.wire.sent.count(TOKEN) <= 3  # link, portal, and one renewal at most
        at.disk.refuses = ()
        await check_link(at.desk, 1)
        assert at.icon("gerente") == ("green", None)


@on_loop
async def test_a_server_that_does_not_rotate_leaves_the_token_as_it_is(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        old = at.desk.cached[1].tokens.refresh_token
        real = at.desk.oauth.refresh

        async def same(token: str) -> object:
            return msgspec.structs.replace(await real(token), refresh_token=None)

        at.desk.oauth.refresh = same  # type: ignore[method-assign,assignment] # such a server
        await grow_old(at)
        await access_token(at.desk, at.user("gerente"))
        assert at.desk.cached[1].tokens.refresh_token == old


@on_loop
async def test_an_age_below_zero_counts_as_too_old(tmp_path: Path) -> None:
    """After a restart only the wall clock tells how old a token is, and it may have been set back."""
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        tokens = at.desk.cached[1].tokens
        at.clock.step_wall(-172_800.0)
        remembered = remember(at.desk, await stored(at), tokens)
        assert remembered.fresh_until <= at.clock.mono()


@on_loop
async def test_a_token_of_a_few_seconds_is_renewed_at_each_use_and_still_serves(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        real = at.desk.oauth.refresh

        async def short(token: str) -> object:
            return msgspec.structs.replace(await real(token), expires_in_s=5.0)

        await at.connect("gerente")
        at.desk.oauth.refresh = short  # type: ignore[method-assign,assignment] # such a server
        await grow_old(at)
        for serial in (2, 3):
            await check_link(at.desk, 1)
            assert (await stored(at)).serial == serial
        assert at.icon("gerente") == ("green", None)


@on_loop
async def test_who_asks_for_a_link_that_has_moved_is_told_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        old = at.user("ana")
        await people.inactivate(at.desk, GER, "ana", confirmed=True)
        with pytest.raises(LinkMoved):
            await access_token(at.desk, old)


@on_loop
async def test_what_memory_holds_of_an_ended_link_is_dropped_and_an_orphan_revoked(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        user_id = at.user("ana").id
        await grow_old(at)
        at.disk.refuses = ("store_refreshed",)
        await check_link(at.desk, user_id)
        at.disk.refuses = ()
        assert user_id in at.desk.unsaved
        await people.inactivate(at.desk, GER, "ana", confirmed=True)
        assert user_id not in at.desk.unsaved
        assert user_id not in at.desk.cached
        assert len(await at.desk.store.revocations(9)) == 2


@on_loop
async def test_only_this_module_asks_for_a_refresh(tmp_path: Path) -> None:
    calls = Path(refresh.__file__).parents[1].rglob("*.py")
    spenders = [path.name for path in calls if "oauth.refresh(" in path.read_text()]
    assert spenders == ["refresh.py"]
