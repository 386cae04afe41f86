"""*Início*: what it says, whom it shows first, and what *Conectar* does."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from onvio_agent.panel.rows import ROWS_MAX
from onvio_agent.store.base import Transition
from support.aio import on_loop
from support.apis import Served, served
from support.desks import bench
from support.panels import Visitor


async def entered(api: Served) -> Visitor:
    visitor = Visitor(api)
    await visitor.enter()
    return visitor


@on_loop
async def test_it_shows_the_icon_its_sentence_and_the_next_step(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        visitor = await entered(api)
        page = await visitor.page()
        assert "○ Início · ONVIO" in page
        assert "Controle > Permissões > Usuários, marque Utiliza ONVIO." in page
        await at.connect("gerente", "ana")
        page = await visitor.page()
        assert "● Início · ONVIO" in page
        assert "Conectado ao ONVIO." in page
        answer = await visitor.ask("GET", "/")
        assert b"/static/green.svg" in answer.body


@on_loop
async def test_whoever_needs_somebody_comes_first(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await at.connect("gerente")
        await at.link("bruno")
        body = (await (await entered(api)).ask("GET", "/")).body.decode()
        assert re.findall(r'class="name">([^<]+)<', body)[:2] == ["Bruno", "Gerente"]


@on_loop
async def test_conectar_connects_and_says_how_it_went(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await at.connect("gerente")
        visitor = await entered(api)
        await api.ask("PUT", "/v1/intent", {"state": "paused"})
        assert "▶" in await visitor.page()
        assert "Conectado ao ONVIO." in await visitor.post("/reconnect")
        at.wire.cut = True
        at.pass_time(1000)
        said = await visitor.post("/reconnect", login="gerente")
        assert "○" in said
        assert "Ninguém" not in said
        assert "user.unknown" not in said
        refused = await visitor.post("/reconnect", login="ninguem")
        assert "ninguem" in refused


@on_loop
async def test_the_past_is_drawn_told_and_listed(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        now = at.clock.wall()
        rows = [
            (5.0, "none", "online", None),
            (3.0, "online", "offline", "network.dns"),
            (2.0, "offline", "online", None),
        ]
        await at.desk.store.add_transitions(
            [
                Transition(
                    at=now - timedelta(hours=hours),
                    subject="connection",
                    before=before,
                    after=after,
                    reason=reason,
                    duration_s=None,
                )
                for hours, before, after, reason in rows
            ]
        )
        visitor = await entered(api)
        page = await visitor.page()
        assert "interrupções: 1" in page
        assert "1 h 00 min" in page
        answer = (await visitor.ask("GET", "/")).body
        assert b'<rect class="off"' in answer
        assert b'aria-label="24 horas: conectado em' in answer


@on_loop
async def test_a_large_office_comes_in_pages_and_can_be_searched(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await api.sign_in()
        for number in range(ROWS_MAX):
            await api.ask("POST", "/v1/users", {"login": f"u{number}", "name": f"Pessoa {number}"})
        visitor = await entered(api)
        first, second = [(await visitor.ask("GET", f"/?page={n}")).body for n in (1, 2)]
        assert first.count(b'<th scope="row">') == ROWS_MAX
        assert second.count(b'<th scope="row">') == 3
        found = (await visitor.ask("GET", "/?search=PESSOA%2049")).body
        assert found.count(b'<th scope="row">') == 1
        assert "Ninguém com esse nome" in await visitor.page("/?search=xyz")
        for odd in ("0", "-1", "x", "9" * 40, "%00"):
            assert (await visitor.ask("GET", f"/?page={odd}&period={odd}")).status == 200


@on_loop
async def test_a_strip_begins_with_what_was_before_it(tmp_path: Path) -> None:
    """An agent that is started each morning: the newest start lies within the day, the state of the
    evening before was recorded earlier."""
    async with bench(tmp_path) as at, served(at.desk) as api:
        now = at.clock.wall()
        rows = [
            ("ana", 30.0, "none", "valid"),
            ("agent", 15.0, "running", "stopped"),
            ("ana", 1.0, "none", "valid"),
        ]
        await at.desk.store.add_transitions(
            [
                Transition(
                    at=now - timedelta(hours=hours),
                    subject=subject,
                    before=before,
                    after=after,
                    reason=None,
                    duration_s=None,
                )
                for subject, hours, before, after in rows
            ]
        )
        body = (await (await entered(api)).ask("GET", "/?search=ana")).body.decode()
        row = body.partition('id="users"')[2].partition("</svg>")[0]
        assert re.findall(r'<rect class="(\w+)" x="(\d+)" width="(\d+)"', row)[0] == (
            "ok",
            "0",
            "37",
        )


@on_loop
async def test_what_is_offered_helps(tmp_path: Path) -> None:
    """Where only a sign-in helps, its window; where only the Gerente can act, nothing to others."""
    async with bench(tmp_path) as at, served(at.desk) as api:
        await at.connect("gerente")
        await at.link("ana")  # the portal is not confirmed
        visitor = await entered(api)
        assert "Conectar:" not in (await visitor.ask("GET", "/")).body.decode()
        await visitor.sign_in()
        body = (await visitor.ask("GET", "/")).body.decode()
        way = f'href="{visitor.base}/users/ana?open=portal#portal"'
        assert way in body
        assert f'href="{visitor.base}/users/bruno?open=link#onvio"' in body
        opened = (await visitor.ask("GET", "/users/ana?open=portal")).body.decode()
        assert 'name="uses_portal" checked' in opened
        assert way in opened
        at.wire.cut = True
        await visitor.post("/reconnect")
        await visitor.post("/reconnect")
        assert 'aria-label="Conectar: Ana"' in (await visitor.ask("GET", "/")).body.decode()
        assert "Conectar" in await visitor.page("/users/bruno")


@on_loop
async def test_an_outage_that_goes_on_grows_with_the_clock(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        at.clock.advance(60)
        await at.desk.store.add_transitions(
            [
                Transition(
                    at=at.clock.wall() - timedelta(seconds=30),
                    subject="connection",
                    before="online",
                    after="offline",
                    reason="network.dns",
                    duration_s=None,
                )
            ]
        )
        visitor = await entered(api)
        assert "30 s , continua" in await visitor.page()
        at.clock.advance(20)
        assert "50 s , continua" in await visitor.page()
