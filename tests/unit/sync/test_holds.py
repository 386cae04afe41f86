"""What was refused pauses, and nothing else does; what ONVIO asked for outlives a restart."""

from __future__ import annotations

from pathlib import Path

from onvio_agent.actions import sync_documents as actions
from onvio_agent.onvio.errors import Busy, NotSent, ServerError
from onvio_agent.sync.holds import WHATS, Holds
from support.aio import on_loop
from support.deliverers import Deliverer, deliverer
from support.deliveries import SECRET, nfe


def held(holds: Holds) -> list[str]:
    return [what for what in WHATS if holds.on(what) is not None]


def passed(it: Deliverer, seconds: float) -> Holds:
    it.bench.pass_time(seconds)
    return it.sync.holds


@on_loop
async def test_one_wait_holds_one_thing_until_its_end(tmp_path: Path) -> None:
    async with deliverer(tmp_path, connected=False) as it:
        await it.sync.holds.ask_for("post", "onvio.limited", 60.0)
        assert held(it.sync.holds) == ["post"]
        assert it.sync.holds.next_end() == it.bench.clock.mono() + 60.0
        assert held(passed(it, 59.0)) == ["post"]
        assert held(passed(it, 1.0)) == []
        assert it.sync.holds.next_end() is None


@on_loop
async def test_a_wait_that_onvio_named_outlives_a_restart(tmp_path: Path) -> None:
    async with deliverer(tmp_path, connected=False) as first:
        limited = Busy("onvio.limited", target="api", retry_after_s=120.0)
        await first.sync.holds.after("poll", limited)
        await first.sync.holds.after("post", NotSent("network.none", target="api"))
    async with deliverer(tmp_path, connected=False, after=first) as second:
        await second.sync.holds.restore()
        assert held(second.sync.holds) == ["poll"]
        assert held(passed(second, 121.0)) == []


@on_loop
async def test_failures_in_a_row_wait_longer_and_success_forgets_them(tmp_path: Path) -> None:
    async with deliverer(tmp_path, connected=False) as it:
        holds, ends = it.sync.holds, []
        for _ in range(12):
            await holds.after("post", ServerError("onvio.unavailable", target="api"))
            ends.append((holds.next_end() or 0.0) - it.bench.clock.mono())
        assert max(ends) <= 60.0
        assert max(ends[:2]) < max(ends[6:])
        holds.went_well("post")
        holds.release(own_only=False)
        await holds.after("post", ServerError("onvio.unavailable", target="api"))
        assert (
            holds.next_end() or 0.0
        ) - it.bench.clock.mono() <= it.sync.parts.settings.retry.first_s


@on_loop
async def test_the_network_ends_waits_of_our_own_and_no_click_ends_onvios(tmp_path: Path) -> None:
    async with deliverer(tmp_path, connected=False) as it:
        holds = it.sync.holds
        await holds.after("post", NotSent("network.none", target="api"))
        await holds.ask_for("poll", "onvio.limited", 60.0)
        await holds.ask_for("token", "sync.not_set_up", None)
        holds.release(own_only=True)
        assert held(holds) == ["poll", "token"]
        holds.release(own_only=False)
        assert held(holds) == ["poll"]


@on_loop
async def test_a_person_who_mended_the_secret_waits_for_nothing(tmp_path: Path) -> None:
    secret_path = tmp_path / "secret"
    async with deliverer(tmp_path) as it:
        await it.bench.desk.store.sync.drop_token()
    for wrong in ("", "another-secret"):
        async with deliverer(tmp_path, after=it) as it:
            secret_path.write_text(wrong)
            it.put(f"{wrong}.xml", nfe(len(wrong) + 1))
            await it.look()
            assert held(it.sync.holds) == ["token"]
            secret_path.write_text(SECRET)
            await actions.retry(it.bench.desk)
            await it.look()
            assert held(it.sync.holds) == []
            assert it.posts() == 1
            await it.bench.desk.store.sync.drop_token()


@on_loop
async def test_a_restart_waits_for_no_secret_that_could_not_be_read(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as first:
        await first.bench.desk.store.sync.drop_token()
    async with deliverer(tmp_path, after=first) as second:
        (tmp_path / "secret").unlink()
        second.put("nota.xml", nfe(1))
        await second.look()
        assert held(second.sync.holds) == ["token"]
    async with deliverer(tmp_path, after=second) as third:
        await third.look()
        assert held(third.sync.holds) == []
        assert third.posts() == 1
