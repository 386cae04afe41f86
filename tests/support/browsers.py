"""A real browser before the panel, used as a person uses it: by what is written on the page.

Why: what a cookie, a policy or a script really does is known to a browser alone. Skipped where
Debian's chromium is not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from support.office import MANAGER, MANAGER_PASSWORD, Profile
from support.sim import password_of

CHROMIUM_PATH = Path("/usr/bin/chromium")
_OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
_PATIENCE_MS = 45_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser. Its driver's loop runs in this thread until it ends: nothing else may need one."""
    if not CHROMIUM_PATH.exists():
        pytest.skip("needs Debian's chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM_PATH), args=list(_OPTIONS))
        yield browser
        browser.close()


class Panel:
    """The panel of a profile's running agent in a window of its own."""

    def __init__(self, browser: Browser, profile: Profile) -> None:
        self._profile = profile
        self._context = browser.new_context(locale="pt-BR", ignore_https_errors=True)
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(_PATIENCE_MS)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda told: self._hear(told.type, told.text))

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and "Content Security Policy" in text:
            self.complaints.append(text)

    def close(self) -> None:
        """Close the window; nothing may have been complained about."""
        self._context.close()
        assert self.complaints == []

    def open(self) -> None:
        """By a fresh one-time link."""
        self.page.goto(self._profile.must("panel", "--print-url").out.strip())
        self.page.wait_for_selector("nav")

    def sign_in(self) -> None:
        """As the Gerente."""
        self.page.get_by_role("link", name="Entrar como Gerente").first.click()
        self.fill("Login", MANAGER)
        self.fill("Senha do Gerente neste agente", MANAGER_PASSWORD)
        self.press("Entrar")
        self.sees(f"Gerente: {self._profile.status().users[0].name}")

    def go_to_user(self, name: str) -> None:
        """*Usuários*, then that user."""
        self.page.get_by_role("link", name="Usuários").first.click()
        self.page.get_by_role("link", name=name).click()
        self.page.get_by_role("heading", name=name).wait_for()

    def fill(self, label: str, text: str) -> None:
        """Type into the visible field of that label."""
        self._visible(label).fill(text)

    def tick(self, label: str) -> None:
        """Tick the visible box of that label."""
        self._visible(label).check()

    def _visible(self, label: str) -> Locator:
        return self.page.get_by_label(label).locator("visible=true").first

    def press(self, name: str) -> None:
        """Press the visible button of that name."""
        self.page.get_by_role("button", name=name, exact=True).locator("visible=true").first.click()

    def account(self, email: str, password: str | None = None) -> None:
        """Fill the open window's e-mail and password, and *Gravar*."""
        self.page.locator('input[name="email"]:visible').fill(email)
        password = password_of(email) if password is None else password
        self.page.locator('input[name="password"]:visible').fill(password)
        self.page.locator("fieldset:visible").get_by_role("button", name="Gravar").click()

    def connect(self, name: str, email: str) -> None:
        """S4 and S6 for that user, signed in as the Gerente."""
        self.go_to_user(name)
        self.tick("Utiliza ONVIO")
        self.account(email)
        self.is_told("Vinculado ao ONVIO.")
        self.tick("Utiliza Portal do Cliente")
        self.account(email)
        self.is_told("Conectado ao ONVIO.")

    def sign_in_at_onvio(self, email: str) -> None:
        """*Entrar pelo navegador*: in a second window, on the simulated ONVIO's own page."""
        self.press("Entrar pelo navegador")
        with self._context.expect_page() as opening:
            self.page.get_by_role("link", name="Abrir a página do ONVIO").click()
        theirs = opening.value
        theirs.locator('input[type="email"], input[name="email"]').first.fill(email)
        theirs.locator('input[type="password"]').first.fill(password_of(email))
        theirs.locator("button").first.click()
        theirs.wait_for_url("http://127.0.0.1:*/**")
        theirs.close()

    def sees(self, text: str) -> None:
        """That text is there, or comes."""
        expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible(
            timeout=_PATIENCE_MS
        )

    def is_told(self, text: str) -> None:
        """That a notice says so, or comes to: word for word, unlike what is merely somewhere."""
        expect(self.page.locator("#notices")).to_contain_text(text, timeout=_PATIENCE_MS)

    def shows(self, state: str) -> None:
        """The page's icon, title and favicon are those of that state, or become so."""
        mark = {"green": "●", "play": "▶", "grey": "○"}[state]
        self.page.wait_for_function(
            "([mark, name]) => document.title.startsWith(mark)"
            " && document.getElementById('favicon').href.endsWith(`/${name}.svg`)"
            " && document.querySelector('#state img.state').src.endsWith(`/${name}.svg`)",
            arg=[mark, state],
        )

    def mark(self) -> None:
        """Remember this very document, to see later that it was not loaded anew."""
        self.page.evaluate("window.marked = true")

    def is_same_document(self) -> bool:
        """Whether it is still the one that was marked."""
        return bool(self.page.evaluate("window.marked === true"))
