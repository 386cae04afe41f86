"""*Diagnóstico*, *Registros*, *Configurações* and *Sobre*: what they show and what they change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from onvio_agent.contract.status import Newer
from onvio_agent.i18n import current_language, set_language
from onvio_agent.panel.pages.logs import ROWS_MAX
from support.aio import on_loop
from support.apis import served
from support.desks import Bench, bench
from support.panels import Visitor
from support.workstations import Checks, paths_of, workstation_at


class Visited(NamedTuple):
    at: Bench
    visitor: Visitor
    checks: Checks
    home: Path


@asynccontextmanager
async def visited(folder: Path, environ: dict[str, str] | None = None) -> AsyncIterator[Visited]:
    checks = Checks()
    workstation = workstation_at(folder, environ, checks.diagnose)
    async with bench(folder) as at, served(at.desk, workstation=workstation) as api:
        visitor = Visitor(api)
        await visitor.enter()
        yield Visited(at, visitor, checks, folder)


@pytest.fixture
def spoken() -> Iterator[None]:
    before = current_language()
    yield
    set_language(before)


@on_loop
async def test_the_ladder_is_climbed_live_and_its_text_can_be_copied(tmp_path: Path) -> None:
    async with visited(tmp_path) as found:
        visitor = found.visitor
        assert "Nenhuma verificação" in await visitor.page("/diagnosis")
        found.checks.held = "tls"
        page = await visitor.post("/diagnosis")
        for _ in range(50):
            await asyncio.sleep(0)
        page = await visitor.page("/diagnosis")
        assert "Verificando…" in page
        assert "well: tcp" in page
        assert "well: tls" not in page
        await visitor.post("/diagnosis")  # joins the one under way
        found.checks.go_on.set()
        await found.at.settle()
        page = await visitor.page("/diagnosis")
        assert "Nada falhou no caminho até o ONVIO." in page
        assert "✓ Rede" in page
        assert "well: disk" in page


@on_loop
async def test_what_broke_is_named_with_the_next_step(tmp_path: Path) -> None:
    async with visited(tmp_path) as found:
        found.checks.broken = {"dns": "network.dns"}
        await found.visitor.post("/diagnosis")
        await found.at.settle()
        page = await found.visitor.page("/diagnosis")
        assert "network.dns:" in page
        assert "não tentado" in page
        body = (await found.visitor.ask("GET", "/diagnosis")).body.decode()
        assert 'class="broken"' in body
        assert "data-again" not in body


@on_loop
async def test_a_climb_that_crashes_ends(tmp_path: Path) -> None:
    async with visited(tmp_path) as found:
        found.checks.broken = {"dns": "no.such.reason"}
        for _ in range(2):
            await found.visitor.post("/diagnosis")
            await found.at.settle()
            assert "Verificando…" not in await found.visitor.page("/diagnosis")
        assert len(found.at.events("task.crashed")) == 1


def write_log(home: Path, *entries: dict[str, Any]) -> None:
    paths = paths_of(home)
    paths.ensure()
    lines = [json.dumps({"level": "info", **entry}) for entry in entries]
    paths.log_path.write_text("\n".join(lines) + "\n")


@on_loop
async def test_the_log_is_filtered_and_taken_along(tmp_path: Path) -> None:
    async with visited(tmp_path) as found:
        now = found.at.clock.wall().isoformat()
        write_log(
            tmp_path,
            {"at": "2001-01-01T00:00:00Z", "event": "agent.started"},
            {"at": now, "event": "link.changed", "user": "ana", "reason": "<b>x</b>"},
            {"at": now, "event": "link.changed", "user": "bruno"},
            {"at": now, "event": "probe.failed", "level": "warning"},
            {"at": "never", "event": "odd", "level": "strange", "exception": "one\ntwo"},
        )
        visitor = found.visitor
        page = await visitor.page("/logs")
        assert "user=ana reason=<b>x</b>" in page
        assert "agent.started" not in page
        assert page.index("probe.failed") < page.index("user=bruno")
        page = await visitor.page("/logs?user=ana&event=link.")
        assert "bruno" not in page.partition("reason=")[2]
        page = await visitor.page("/logs?level=warning&period=all&follow=1")
        assert "one two" in page
        assert "link.changed" not in page
        assert "Não há entradas assim." in await visitor.page("/logs?event=nothing.")
        assert b"data-again" in (await visitor.ask("GET", "/logs?follow=1")).body
        answer = await visitor.ask("GET", "/logs/export?period=all&event=link.")
        assert 'attachment; filename="onvio-agent-' in answer.headers["content-disposition"]


@on_loop
async def test_the_file_that_is_taken_along_is_whole(tmp_path: Path) -> None:
    async with visited(tmp_path) as found:
        now = found.at.clock.wall().isoformat()
        write_log(tmp_path, *({"at": now, "event": "e", "n": n} for n in range(ROWS_MAX * 3)))
        raw = await found.visitor.download("/logs/export")
        entries = [json.loads(line) for line in raw.splitlines()]
        assert [entry["n"] for entry in entries] == list(range(ROWS_MAX * 3))
        page = (await found.visitor.ask("GET", "/logs")).body.decode()
        assert page.count(">n=") == ROWS_MAX
        assert f">n={ROWS_MAX * 2 - 1}<" not in page


@pytest.mark.usefixtures("spoken")
@on_loop
async def test_settings_are_saved_and_count(tmp_path: Path) -> None:
    async with visited(tmp_path) as found:
        visitor = found.visitor
        form = {"ui.language": "en", "workstation.user": "ana", "tray.end_of_day": "18:00"}
        page = await visitor.post("/settings", **form, **{"proxy.url": "http://p:3128"})
        assert "Saved." in page
        assert "from the next start" in page
        assert found.at.desk.hub.own_login == "ana"
        saved = found.visitor.api.workstation.load().settings
        assert (saved.ui.language, saved.workstation.user) == ("en", "ana")
        assert (saved.tray.notifications, saved.tray.end_of_day) == (False, "18:00")
        assert saved.proxy.url == "http://p:3128"
        keys = found.at.events("settings.changed")[0]["keys"]
        assert keys == sorted([*form, "proxy.url", "tray.notifications"])
        same = {**form, "proxy.url": "http://p:3128"}
        assert "Nothing has changed." in await visitor.post("/settings", **same)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("proxy.url", "http://user:secret@p:1"),
        ("ui.language", "fr"),
        ("tray.end_of_day", "25:00"),
        ("workstation.user", "ninguem"),
        ("proxy.user", "a\nb"),
    ],
)
@on_loop
async def test_wrong_settings_change_nothing(tmp_path: Path, name: str, value: str) -> None:
    async with visited(tmp_path) as found:
        form = {"ui.language": "pt_BR", "tray.end_of_day": "17:30", name: value}
        page = await found.visitor.post("/settings", **form)
        assert "→" not in page
        assert 'class="notice refused"' not in page  # it is text only
        assert "deve ser" in page or "ninguem" in page
        assert not paths_of(tmp_path).settings_path.exists()


@on_loop
async def test_what_was_set_elsewhere_is_shown_and_left(tmp_path: Path) -> None:
    environ = {"ONVIO_AGENT_PROXY__URL": "none"}
    async with visited(tmp_path, environ) as found:
        page = await found.visitor.page("/settings")
        assert "ONVIO_AGENT_PROXY__URL" in page
        form = {"ui.language": "pt_BR", "tray.end_of_day": "", "proxy.url": "http://other:1"}
        await found.visitor.post("/settings", **form)
        assert found.visitor.api.workstation.load().settings.proxy.url == "none"


@on_loop
async def test_a_broken_settings_file_is_told(tmp_path: Path) -> None:
    async with visited(tmp_path) as found:
        paths_of(tmp_path).ensure()
        paths_of(tmp_path).settings_path.write_text("[ui\n")
        answer = await found.visitor.ask("GET", "/settings")
        assert answer.status == 503
        assert "settings.toml" in answer.body.decode()


@on_loop
async def test_a_page_that_is_not_there_leads_home(tmp_path: Path) -> None:
    async with visited(tmp_path) as found:
        answer = await found.visitor.ask("GET", "/nothing")
        assert answer.status == 404
        assert "Esta página não existe." in answer.body.decode()
        assert f'href="{found.visitor.base}/"' in answer.body.decode()


@on_loop
async def test_sobre_tells_of_a_newer_version_where_one_is_known(tmp_path: Path) -> None:
    async with visited(tmp_path) as found:
        assert "está disponível" not in await found.visitor.page("/about")
        found.at.desk.hub.set_newer(Newer(version="9.0", page="https://x.example/novo"))
        page = (await found.visitor.ask("GET", "/about")).body.decode()
        assert "A versão 9.0 está disponível." in page
        assert 'href="https://x.example/novo"' in page


@on_loop
async def test_sobre_names_version_and_folders(tmp_path: Path) -> None:
    async with visited(tmp_path) as found:
        page = await found.visitor.page("/about")
        assert str(paths_of(tmp_path).log_dir) in page
        assert "Apache-2.0" in page
