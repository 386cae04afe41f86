"""Every visible word of the panel comes out of the message catalogue: seen with a catalogue that
brackets what it gives, so that what stands outside of brackets is either data or a mistake."""

from __future__ import annotations

import gettext
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from onvio_agent import i18n
from support.aio import on_loop
from support.apis import served
from support.deliverers import deliverer
from support.deliveries import nfe
from support.panels import Visitor
from support.workstations import Checks, workstation_at

PATHS = (
    "/", "/?search=nobody", "/sign-in", "/documents", "/documents?state=waiting", "/diagnosis",
    "/logs?level=debug&period=all", "/logs?event=nothing.", "/settings", "/about",
)  # fmt: skip
FOR_THE_GERENTE = (
    "/users", "/users/gerente", "/users/ana", "/users/bruno", "/users/ana/inactivate",
    "/users/ana/promote", "/new-user", "/import-users",
)  # fmt: skip
SHOWN = ("title", "alt", "aria-label", "placeholder", "data-label", "data-copied")
UNSHOWN = ("script", "style", "code", "pre")
NAMES = re.compile(
    r"[\w.]+@[\w.]+|[\w-]+\.xml|Gerente|Ana|Bruno|gerente|ana|bruno|Padaria|12ABC34501DE35"  # the test's own people
    r"|ONVIO(/Suporte)?|onvio-agent|onvio\.com\.br/login|SHA-256|NF-e|English|Português \(Brasil\)"
    r"|http://proxy\.escritorio:3128|link\.|well: \w+|seen by the test|debug|warning|error|\d+ (ms|s)\b"
)


class Bracketed(gettext.NullTranslations):
    """A language in which every sentence is its own, in brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


class Words(HTMLParser):
    """What a page shows or has read out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSHOWN:
            self._within.append(tag)
        self.found += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.found.append(data)


def foreign(page: str) -> set[str]:
    """What stands on the page and neither in brackets nor among the names."""
    words = Words()
    words.feed(page.replace("<wbr>", ""))
    left = set()
    for text in words.found:
        rest, before = text, ""
        while rest != before:  # the innermost first
            before, rest = rest, re.sub(r"⟦[^⟦⟧]*⟧", "", rest)
        rest = NAMES.sub("", rest)
        if re.search(r"[^\W\d_]", rest):
            left.add(rest.strip())
    return left


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_catalogue", lambda _language: Bracketed())


@pytest.mark.usefixtures("bracketed")
@on_loop
async def test_no_visible_word_stands_outside_the_catalogue(tmp_path: Path) -> None:
    checks = Checks()
    checks.broken = {"http": "onvio.unavailable"}
    environ = {"ONVIO_AGENT_PROXY__USER": "ana"}
    workstation = workstation_at(tmp_path, environ, checks.diagnose)
    async with deliverer(tmp_path) as to, served(to.bench.desk, workstation=workstation) as api:
        await to.bench.connect("gerente", "ana")
        to.put("nota.xml", nfe(1))
        to.put("lixo.xml", b"<nothing/>")
        await to.look()
        visitor = Visitor(api)
        await visitor.enter()
        assert (await visitor.ask("POST", "/diagnosis", {})).status == 303
        await to.bench.settle()
        left = {}
        for path in PATHS:
            left[path] = foreign((await visitor.ask("GET", path)).body.decode())
        await visitor.sign_in()
        for path in FOR_THE_GERENTE:
            answer = await visitor.ask("GET", path)
            assert answer.status == 200, path
            left[path] = foreign(answer.body.decode())
        assert {path: found for path, found in left.items() if found} == {}


@on_loop
async def test_no_page_but_about_asks_for_a_command(tmp_path: Path) -> None:
    checks = Checks()
    checks.broken = {"http": "clock.skewed"}
    workstation = workstation_at(tmp_path, {}, checks.diagnose)
    async with deliverer(tmp_path) as to, served(to.bench.desk, workstation=workstation) as api:
        await to.bench.connect("gerente")
        await to.bench.link("ana")
        visitor = Visitor(api)
        await visitor.enter()
        await visitor.sign_in()
        assert (await visitor.ask("POST", "/diagnosis", {})).status == 303
        await to.bench.settle()
        for path in {*PATHS, *FOR_THE_GERENTE} - {"/about"}:
            page = await visitor.ask("GET", path)
            shown = re.sub(r"<pre.*?</pre>", "", page.body.decode(), flags=re.DOTALL)
            assert not re.search(r"onvio-agent [a-z]", shown), path


def test_a_word_outside_is_seen() -> None:
    assert foreign('<p title="Oops">⟦fine⟧ Ana</p><code>x</code>') == {"Oops"}
