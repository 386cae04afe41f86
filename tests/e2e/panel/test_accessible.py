"""Every page before an accessibility engine, in both themes and languages; by keyboard alone; narrow."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from support.browsers import Panel
from support.courier import Courier, delivering_office
from support.deliveries import nfe
from support.npm import installed
from support.office import MANAGER, Profile
from support.sim import Simulator

SLOW = nfe(3)
"""A document that ONVIO does not finish."""

PAGES = (
    "/", "/users", f"/users/{MANAGER}", "/users/bruno", "/users/ana/inactivate", "/users/ana/promote",
    "/users/ana/data",
    "/new-user", "/import-users", "/documents", "/diagnosis", "/logs?level=debug&period=all",
    "/settings", "/about", "/sign-in", "/nowhere",
    f"/documents/give-up?sha256={sha256(SLOW).hexdigest()}",
)  # fmt: skip
FIRST_PAGES = ("/", "/set-up", "/users", "/documents")
"""Of a profile that nobody has set up."""

AXE = Path(__file__).parents[2] / "support" / "axe"
WIDTHS = (
    320,
    768,
    900,
)  # 320: WCAG 1.4.10; the others: on both sides of the style sheet's own width
WIDE = {"width": 1280, "height": 800}

BLIND = "document.body.append(document.createElement('img'))"
"""A picture without words: the engine must see it."""

FOUND = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter((each) => ["serious", "critical"].includes(each.impact))
    .map((each) => `${each.id}: ${each.nodes.map((node) => node.target).join(", ")}`);
}"""

CUT_OFF = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [
    ...document.querySelectorAll("main *")
  ].filter((each) => each.getBoundingClientRect().right > innerWidth).map((each) => each.outerHTML.slice(0, 90))"""

REACHABLE = """() => [...document.querySelectorAll(
    "a[href], button:not(:disabled), input:not([type=hidden], [type=radio]:not(:checked), :disabled), select, summary, [tabindex='0']"
  )].filter((each) => each.checkVisibility()).map((each, at) => each.dataset.at = String(at))"""

FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [at.dataset.at ?? "", shown];
}"""


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Courier]:
    """Something on every page: users with and without a link, documents delivered and refused."""
    with delivering_office(tmp_path_factory.mktemp("office")) as made:
        made.environ.pop("ONVIO_AGENT_UI__LANGUAGE")  # chosen on the page
        made.seat("ana")
        made.add("bruno")
        made.add_client()
        made.put("nota.xml", nfe(1))
        made.put("lixo.xml", b"<nothing/>")
        made.wait_states(stored=1, refused=1)
        made.simulator.control("POST", "integration", {"processing_s": 86_400})
        made.put("lenta.xml", SLOW)
        made.wait_states(stored=1, refused=1, accepted=1)
        yield made


@pytest.fixture
def panel(browser: Browser, office: Courier) -> Iterator[Panel]:
    """A window, signed in as the Gerente."""
    made = Panel(browser, office)
    made.open()
    made.sign_in()
    yield made
    made.close()


def base_of(page: Page) -> str:
    return str(page.evaluate("location.origin + document.body.dataset.base"))


def ill(page: Page, engine: str) -> list[Any]:
    page.evaluate(engine)
    return list(page.evaluate(FOUND))


def engine_of(folder: Path) -> str:
    path = installed(AXE, folder / "axe") / "node_modules" / "axe-core" / "axe.min.js"
    return path.read_text(encoding="utf-8")


def wrongs(page: Page, engine: str) -> list[tuple[object, object]]:
    """What the engine finds in either theme, and what is cut off at a width."""
    found: list[tuple[object, object]] = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        found += [(theme, each) for each in ill(page, engine)]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 640})
        found += [(width, each) for each in page.evaluate(CUT_OFF)]
    page.set_viewport_size(WIDE)
    return found


def test_the_engine_finds_nothing_serious_and_nothing_is_cut_off(
    panel: Panel, tmp_path: Path
) -> None:
    engine = engine_of(tmp_path)
    page, base, found = panel.page, base_of(panel.page), []
    page.evaluate(BLIND)
    assert "image-alt" in str(ill(page, engine))
    page.goto(base + "/diagnosis")
    page.locator("#ladder button").click()
    page.wait_for_selector("#ladder[aria-busy=false] .notice")
    for language in ("en", "pt_BR"):  # the last is the one that tests know
        page.goto(base + "/settings")
        page.locator('select[name="ui.language"]').select_option(language)
        page.locator("form:has(select) button").click()
        page.wait_for_selector("#notices .notice")
        for path in PAGES:
            page.goto(base + path)
            found += [(language, path, *each) for each in wrongs(page, engine)]
    assert found == []


def test_so_it_is_on_the_pages_of_a_first_run(
    browser: Browser, simulator: Simulator, tmp_path: Path
) -> None:
    profile = Profile(tmp_path / "home", simulator, UI__LANGUAGE="pt_BR")
    panel = Panel(browser, profile)
    engine = engine_of(tmp_path)
    try:
        profile.start(online=False)
        panel.open()
        base = base_of(panel.page)
        for path in FIRST_PAGES:
            panel.page.goto(base + path)
            assert wrongs(panel.page, engine) == [], path
    finally:
        panel.close()
        profile.kill()


def test_everything_is_reached_by_keyboard_and_seen_where_it_is(panel: Panel) -> None:
    page, base = panel.page, base_of(panel.page)
    page.route("**/live.js", lambda route: route.abort())  # what is counted must not be exchanged
    for path in PAGES:
        page.goto(base + path)
        wanted = set(page.evaluate(REACHABLE))
        seen = set()
        for _ in range(len(wanted) + 1):
            page.keyboard.press("Tab")
            at, shown = page.evaluate(FOCUSED)
            assert not at or shown, (path, at)
            seen.add(at)
        missed = [page.locator(f"[data-at='{at}']").inner_text() for at in sorted(wanted - seen)]
        assert missed == [], path


def test_what_was_opened_stays_open_while_the_page_follows(panel: Panel, office: Courier) -> None:
    page = panel.page
    page.goto(base_of(page) + "/documents")
    row = page.locator("tr", has_text="nota.xml")
    row.locator("summary").click()
    office.put("segunda.xml", nfe(2))
    page.locator("#list").get_by_text("segunda.xml").wait_for()
    expect(row.locator("details")).to_have_attribute("open", "")
    expect(page.locator("details[open]")).to_have_count(1)


def test_a_file_that_is_too_large_for_a_list_is_told_before_it_is_sent(
    panel: Panel, tmp_path: Path
) -> None:
    page = panel.page
    page.goto(base_of(page) + "/import-users")
    path, given = tmp_path / "lista.csv", page.locator("input[type=file]")
    path.write_bytes(b"a" * 300 * 1024)
    given.set_input_files(path)
    assert "grande demais" in given.evaluate("input => input.validationMessage")
    path.write_bytes(b"a" * 1024)
    given.set_input_files(path)
    page.get_by_role("button", name="Conferir").click()
    page.get_by_text("Faltam na lista").wait_for()
