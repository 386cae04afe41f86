"""Pictures of the icon and the panel for README and docs, taken from a running demo.

    PYTHONPATH=tests python packaging/pictures.py

The demo's office gets what a demo of some seconds cannot have: a month of past, and documents. Needs
Debian's chromium, xvfb, openbox, xdotool and tint2.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace
from PIL import Image
from playwright.sync_api import Browser, Page

from onvio_agent.cli.demo_stage import GERENTE, Stage, open_stage
from onvio_agent.client import Agent
from onvio_agent.clock import SystemClock
from onvio_agent.i18n import set_language
from onvio_agent.store.base import Transition
from onvio_agent.store.exec import ThreadExec
from onvio_agent.store.sqlite import open_store
from support.browsers import chromium
from support.deliveries import SECRET, nfe
from support.displays import Screen, screen

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
WIDE, PHONE = {"width": 1180, "height": 760}, {"width": 390, "height": 780}
SCREEN = (0, 0, 640, 480)
"""All of the virtual one: black, but for the icon and its menu."""

_PAST = (
    ("connection", 700.0, "none", "online", None),
    ("connection", 412.0, "online", "offline", "network.dns"),
    ("connection", 408.5, "offline", "online", None),
    ("connection", 101.0, "online", "waiting", "onvio.unavailable"),
    ("connection", 100.2, "waiting", "online", None),
    ("connection", 9.0, "online", "offline", "network.timeout"),
    ("connection", 8.2, "offline", "online", None),
    (GERENTE, 700.0, "none", "valid", None),
    ("ana", 690.0, "none", "valid", None),
    ("ana", 15.0, "valid", "needs_person", "link.session_ended"),
    ("ana", 12.0, "needs_person", "valid", None),
    ("bruno", 600.0, "none", "valid", None),
    ("bruno", 9.0, "valid", "waiting", "network.timeout"),
    ("bruno", 8.2, "waiting", "valid", None),
    ("agent", 0.01, "running", "stopped", None),
)
"""Subject, hours ago, before, after, reason."""


async def add_past(stage: Stage) -> None:
    """What the office would have lived through."""
    now, exec_ = SystemClock().wall(), ThreadExec()
    store = await open_store(stage.paths.store_path, exec_, clock_wall=SystemClock().wall)
    await store.add_transitions(
        [
            Transition(
                at=now - timedelta(hours=hours),
                subject=subject,
                before=before,
                after=after,
                reason=reason,
                duration_s=None,
            )
            for subject, hours, before, after, reason in _PAST
        ]
    )
    await store.close()
    await exec_.close()


def add_documents(agent: Agent, folder: Path) -> None:
    """Two companies whose folders hold what offices have, one file of it broken."""
    companies = (
        ("Padaria Pão da Serra", "12ABC34501DE35", "demo-padaria", 3),
        ("Oficina Roda Viva", "45723174000110", "demo-oficina", 2),
    )
    for name, cnpj, key, count in companies:
        inbox = folder / name
        inbox.mkdir()
        agent.sync.add_client(name, cnpj, key, str(inbox))
        for number in range(1, count + 1):
            put(inbox / f"NF-e 2026-11 {number:03}.xml", nfe(number, cnpj=cnpj))
    put(folder / companies[1][0] / "recibo.xml", b"<recibo/>")


def put(path: Path, data: bytes) -> None:
    """A file that was copied there a while ago."""
    draft = path.with_suffix(".draft")
    draft.write_bytes(data)
    then = time.time() - 60
    os.utime(draft, (then, then))
    draft.replace(path)


def save(name: str, image: Image.Image) -> None:
    """Into the folder of the documentation."""
    image.convert("RGB").save(FOLDER / name, optimize=True)


def photograph(page: Page, name: str, url: str, *, whole: bool = True) -> None:
    """One page of the panel."""
    page.goto(url)
    page.wait_for_load_state("load")
    with Image.open(io.BytesIO(page.screenshot(full_page=whole))) as image:
        save(name, image)


def take_panel(browser: Browser, stage: Stage, agent: Agent) -> None:
    """The panel's pages, as the Gerente sees them."""
    context = browser.new_context(locale="pt-BR", viewport=WIDE, device_scale_factor=1)
    page = context.new_page()
    page.goto(agent.panel_link())
    page.wait_for_selector("nav")
    base = page.evaluate("location.origin + document.body.dataset.base")
    page.goto(base + "/sign-in")
    page.fill("input[name=login]", GERENTE)
    page.fill("input[name=password]", stage.password_path.read_text().strip())
    page.locator("main button").click()
    page.goto(base + "/diagnosis")
    page.locator("#ladder button").click()
    page.wait_for_selector("#ladder[aria-busy=false] .notice")
    photograph(page, "inicio.png", base + "/?period=7d")
    photograph(page, "usuario.png", base + "/users/ana")
    photograph(page, "documentos.png", base + "/documents")
    photograph(page, "diagnostico.png", base + "/diagnosis", whole=False)
    photograph(page, "configuracoes.png", base + "/settings")
    page.emulate_media(color_scheme="dark")
    photograph(page, "inicio-escuro.png", base + "/?period=7d", whole=False)
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")
    photograph(page, "celular.png", base + "/", whole=False)
    context.close()


def take_icon(at: Screen) -> None:
    """The icon with its menu open."""
    left, top, _width, _height = at.icon_box()
    at.point(left + 12, top + 1, "click", "3")  # the menu ends where the pointer is
    time.sleep(1.0)
    image = Image.new("RGB", SCREEN[2:])
    image.putdata(at.pixels(SCREEN))
    save("icone.png", image.crop(image.getbbox()))


def main() -> int:
    """All of them anew."""
    set_language("pt_BR")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, screen("tint2") as at:
        folder = Path(name)
        at.tint2()
        stage = Stage(folder, os.environ | {"DISPLAY": at.name})
        stage.seed = replace(stage.seed, client_secret=SECRET)
        secret_path = folder / "sync.secret"
        secret_path.touch(0o600)
        secret_path.write_text(SECRET + "\n")
        stage.environ |= {
            "ONVIO_AGENT_SYNC__CLIENT_ID": stage.seed.client_id,
            "ONVIO_AGENT_SYNC__CLIENT_SECRET_FILE": str(secret_path),
            "ONVIO_AGENT_SYNC__SCAN_INTERVAL_S": "0.5",
            "ONVIO_AGENT_SYNC__POLL_FIRST_S": "0.3",
        }
        with open_stage(stage, tray=True) as agent:
            asyncio.run(add_past(stage))
            add_documents(agent, folder)
            with chromium() as browser:
                take_panel(browser, stage, agent)
            take_icon(at)
    return 0


if __name__ == "__main__":
    sys.exit(main())
