"""`/metrics` over a real socket: who gets it, and that its numbers are those of the snapshot."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.intent import pause
from onvio_agent.actions.probe import probe
from onvio_agent.metrics.table import METRICS, USERS_MAX
from onvio_agent.metrics.text import CONTENT_TYPE, PREFIX, Exposition
from onvio_agent.simulator.faults import Fault
from onvio_config.model import Metrics, Onvio, Settings, Sync
from support.aio import on_loop
from support.apis import Served, served
from support.desks import GER, bench
from support.prometheus import needs_promtool
from support.sim import CLIENT_ID

SCRAPER = "segredo-do-prometheus"


def settings(**metrics: str) -> Settings:
    return Settings(onvio=Onvio(client_id=CLIENT_ID), metrics=Metrics(**metrics))  # type: ignore[arg-type]  # texts


async def scrape(api: Served, **headers: str | None) -> dict[str, float]:
    """Each sample by its name without the prefix, labels and all."""
    answer = await api.ask("GET", "/metrics", **headers)
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == CONTENT_TYPE
    return samples(answer.body.decode())


def samples(page: str) -> dict[str, float]:
    lines = [line for line in page.splitlines() if not line.startswith("#")]
    return {
        line.rpartition(" ")[0].removeprefix(PREFIX): float(line.rpartition(" ")[2])
        for line in lines
    }


@on_loop
async def test_the_numbers_are_those_of_the_snapshot(tmp_path: Path) -> None:
    async with bench(tmp_path, own="gerente") as at, served(at.desk) as api:
        await at.connect("gerente")
        await check_link(at.desk, at.user("gerente").id)
        found = await scrape(api)
        snapshot = at.desk.hub.snapshot()
        assert found['connection_state{state="online"}'] == 1
        assert found['connection_state{state="offline"}'] == 0
        assert found['icon_state{state="green"}'] == 1
        assert not [name for name in found if name.startswith("icon_reason")]
        assert found['links{state="valid",reason=""}'] == 1
        assert found['links{state="not_linked",reason="link.none"}'] == 2
        assert found['users{situation="active"}'] == 3
        number = at.user("gerente").id
        assert found[f'user_connected{{user="u{number}"}}'] == 1
        assert f'user_link{{user="u{number}",role="manager",state="valid",reason=""}}' in found
        assert found["start_time_seconds"] == snapshot.agent.started_at.timestamp()
        assert snapshot.connection.checked_at is not None
        checked_at = snapshot.connection.checked_at.timestamp()
        assert found["connection_last_check_timestamp_seconds"] == checked_at


@on_loop
async def test_trouble_is_counted_with_its_reason_and_its_length(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        at.cloud.cloud.set_fault(Fault("http_503", target="api"))
        at.pass_time(10)
        for _ in range(3):
            await probe(at.desk)
            at.pass_time(2)
        found = await scrape(api)
        reason = "onvio.unavailable"
        assert found["connection_retries"] == 3
        assert found[f'connection_reason{{reason="{reason}"}}'] == 1
        assert (
            found[f'checks_total{{subject="connection",outcome="failure",reason="{reason}"}}'] == 3
        )
        at.cloud.cloud.clear_faults()
        at.pass_time(5)
        await probe(at.desk)
        found = await scrape(api)
        assert found["connection_retries"] == 0
        assert found['checks_total{subject="connection",outcome="success",reason=""}'] == 1
        down = [name for name in found if f'reason="{reason}"' in name and "changes" in name]
        assert [found[name] for name in down] == [1]
        spent = {name: value for name, value in found.items() if "state_seconds" in name}
        assert sum(spent.values()) == pytest.approx(21)
        assert spent[f'connection_state_seconds_total{{state="offline",reason="{reason}"}}'] == 9


@on_loop
async def test_a_pause_shows(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await pause(at.desk, None)
        found = await scrape(api)
        assert found["paused"] == 1
        assert found['icon_reason{reason="paused"}'] == 1


@on_loop
async def test_the_delivery_is_told_where_there_is_one(tmp_path: Path) -> None:
    async with bench(tmp_path / "without") as at, served(at.desk) as api:
        assert not [name for name in await scrape(api) if name.startswith("sync")]
    with_sync = Settings(onvio=Onvio(client_id=CLIENT_ID), sync=Sync(enabled=True))
    async with bench(tmp_path / "with", settings=with_sync) as at, served(at.desk) as api:
        found = await scrape(api)
        assert found['sync_documents{state="queued"}'] == 0
        assert found["sync_tokens_used"] == 0
        assert found["sync_tokens_max"] == 20


@on_loop
async def test_only_who_is_let_in_reads_them(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(SCRAPER + "\n")
    mine = settings(token_file=str(tmp_path / "token"))
    async with bench(tmp_path, settings=mine) as at, served(at.desk) as api:
        await scrape(api)
        await scrape(api, authorization=f"Bearer {SCRAPER}")
        for wrong in (None, "Bearer ", f"Bearer {SCRAPER}x", SCRAPER):
            answer = await api.ask("GET", "/metrics", authorization=wrong)
            assert (answer.status, answer.code) == (403, "request.denied")
        for method, path in (("GET", "/v1/status"), ("POST", "/v1/stop"), ("POST", "/metrics")):
            answer = await api.ask(method, path, authorization=f"Bearer {SCRAPER}")
            assert answer.status == 403


@on_loop
async def test_open_means_this_machine_and_no_page_in_a_browser(tmp_path: Path) -> None:
    async with bench(tmp_path, settings=settings(access="open")) as at, served(at.desk) as api:
        await scrape(api, authorization=None)
        foreign = await api.ask("GET", "/metrics", authorization=None, origin="http://evil.example")
        assert foreign.status == 403
        rebound = await api.ask("GET", "/metrics", authorization=None, host="evil.example")
        assert rebound.status == 403
        assert (await api.ask("GET", "/v1/status", authorization=None)).status == 403


@pytest.mark.parametrize("content", [None, "", "short\n", "\xff\xfe\n"])
@on_loop
async def test_a_file_without_a_good_token_is_told_and_admits_nobody(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content.encode("latin-1"))
    mine = settings(token_file=str(path))
    async with bench(tmp_path, settings=mine) as at, served(at.desk) as api:
        answer = await api.ask("GET", "/metrics", authorization=f"Bearer {(content or '').strip()}")
        assert answer.status in (400, 403)
        assert [entry["path"] for entry in at.events("metrics.no_token")] == [str(path)]


@pytest.mark.parametrize(("shown", "expected"), [("id", False), ("login", True), ("none", False)])
@on_loop
async def test_who_people_are_is_told_only_where_the_settings_say_so(
    tmp_path: Path, shown: str, expected: bool
) -> None:
    async with bench(tmp_path, settings=settings(users=shown)) as at, served(at.desk) as api:
        await at.connect("gerente")
        page = (await api.ask("GET", "/metrics")).body.decode()
        assert ("bruno" in page) is expected
        assert ("user_connected" in page) is (shown != "none")
        assert "@" not in page


@on_loop
async def test_a_very_large_office_is_told_in_sums(tmp_path: Path) -> None:
    from onvio_agent.actions import people

    async with bench(tmp_path) as at, served(at.desk) as api:
        for number in range(USERS_MAX - 2):
            await people.add_user(at.desk, GER, f"user{number}", "N")
        found = await scrape(api)
        assert found['users{situation="active"}'] == USERS_MAX + 1
        assert not [name for name in found if name.startswith("user_")]


@needs_promtool
@on_loop
async def test_prometheus_own_checker_takes_a_real_page(tmp_path: Path) -> None:
    with_sync = Settings(onvio=Onvio(client_id=CLIENT_ID), sync=Sync(enabled=True))
    async with bench(tmp_path, settings=with_sync) as at, served(at.desk) as api:
        await at.connect("gerente")
        page = (await api.ask("GET", "/metrics")).body
    assert complaints(page) == (0, b"")


@needs_promtool
def test_prometheus_own_checker_finds_nothing_in_any_family() -> None:
    page = Exposition(METRICS)
    for metric in METRICS.values():
        page.add(metric.name, 1, *metric.labels)
    assert complaints(page.text().encode()) == (0, b"")


def complaints(page: bytes) -> tuple[int, bytes]:
    """promtool's exit code and all that it says."""
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=page, capture_output=True, check=False, timeout=30
    )
    return done.returncode, done.stdout + done.stderr
