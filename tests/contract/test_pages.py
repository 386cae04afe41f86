"""Documents link to what exists, and name settings, reasons, files and tests that are there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from onvio_agent.contract.reasons import CATALOGUE
from onvio_agent.contract.status import Snapshot
from onvio_config.keys import known_keys
from onvio_config.load import load
from onvio_config.paths import paths_from_env
from support.commands import blocks
from support.events import in_code
from support.pages import ROOT, anchors, links, name_of, pages, spans, text_of
from support.snapshots import keys_of

by_page = pytest.mark.parametrize("page", pages(), ids=name_of)

PATH = re.compile(r"(?:tests|docs|agent|config|packaging|bench|requirements)/[\w./*-]+")
DOTTED = re.compile(r"([a-z_]+)\.([a-z_]+)")
SECTIONS = {key.section for key in known_keys().values()}
FAMILIES = {code.partition(".")[0] for code in CATALOGUE}
CODE = in_code(ROOT / "agent" / "onvio_agent", ROOT / "tray" / "onvio_tray")
EVENTS = set(CODE.events) | {"log.recovered"}
SEED_KEYS = {"office.cnpj", "office.name"}  # of the simulator
FILES = ("db", "key", "lock", "log", "toml", "md", "py", "json", "out")


@by_page
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(text_of(page)):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (anchor and anchor not in anchors(text_of(path))):
            broken.append(link)
    assert broken == []


@by_page
def test_addresses_elsewhere_are_whole(page: Path) -> None:
    """Nobody is asked whether they answer."""
    addresses = [urlsplit(link) for link in links(text_of(page)) if re.match(r"[a-z]+:", link)]
    odd = [
        address.geturl()
        for address in addresses
        if address.scheme != "https"
        or not re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", address.netloc)
        or not re.fullmatch(r"(/[\w.~%@-]*)*", address.path)
    ]
    assert odd == []


@by_page
def test_files_that_are_named_exist(page: Path) -> None:
    missing = [
        name
        for span in spans(text_of(page))
        for name in PATH.findall(span)
        if span.startswith(name) and not list(ROOT.glob(name.rstrip("/")))
    ]
    assert missing == []


@by_page
def test_settings_reasons_and_events_that_are_named_exist(page: Path) -> None:
    known = {*known_keys(), *CATALOGUE, *EVENTS, *SEED_KEYS, *keys_of(Snapshot)}
    strange = []
    for span in spans(text_of(page)):
        found = DOTTED.fullmatch(span)
        ours = found and found[1] in SECTIONS | FAMILIES and found[2] not in FILES
        if ours and span not in known:
            strange.append(span)
    assert strange == []


def test_every_page_is_linked_from_another() -> None:
    """A page that nobody finds is not read."""
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in pages()
        for link in links(text_of(page))
        if not re.match(r"[a-z]+:", link) and link.partition("#")[0]
    }
    front = ROOT / "README.md"
    lost = [name_of(page) for page in pages() if page.resolve() not in linked and page != front]
    assert lost == []


@by_page
def test_settings_that_are_shown_are_settings(page: Path, tmp_path: Path) -> None:
    for number, block in enumerate(blocks(text_of(page), "toml")):
        path = tmp_path / f"{number}.toml"
        path.write_text(block, encoding="utf-8")
        environ = {
            "ONVIO_AGENT_HOME": str(tmp_path),
            "ONVIO_AGENT_MACHINE_SETTINGS": str(path),
        }
        assert load(paths_from_env(environ), environ).origins


@by_page
def test_json_that_is_shown_is_json(page: Path) -> None:
    assert all(json.loads(block) for block in blocks(text_of(page), "json"))
