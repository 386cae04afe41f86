"""What pystray is told, with its dummy: no other part of it runs without Windows or macOS."""

from __future__ import annotations

import queue
from typing import Any

import pytest

from onvio_agent.contract.status import IconState
from onvio_tray.backends.base import SEPARATOR, MenuItem, Shown
from onvio_tray.backends.pystray_ import PystrayBackend
from support.backends import Reports, running, shown, wait_gone
from support.buses import eventually

MENU = (
    MenuItem(id="", label="Conectado.", enabled=False),
    SEPARATOR,
    MenuItem(id="user:ana", label="Ana", icon=IconState.PLAY),
)


@pytest.fixture
def pystray(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PYSTRAY_BACKEND", "dummy")
    import pystray

    class Icon(pystray.Icon):  # type: ignore[misc, name-defined]  # it ships no types
        """The dummy, with a loop and a memory."""

        latest: Any = None

        def __init__(self, *arguments: Any, **more: Any) -> None:
            super().__init__(*arguments, **more)
            Icon.latest = self
            self.ends: queue.Queue[None] = queue.Queue()
            self.said: list[tuple[str, ...]] = []

        def _run(self) -> None:
            self._mark_ready()
            self.ends.get()

        def _stop(self) -> None:
            self.ends.put(None)

        def _notify(self, message: str, title: str) -> None:
            self.said.append((title, message))

        def _remove_notification(self) -> None:
            self.said.append(())

        def _nothing(self) -> None: ...

        _show = _hide = _update_icon = _update_title = _update_menu = _nothing

    monkeypatch.setattr(pystray, "Icon", Icon)
    return Icon


def test_it_shows_the_latest_and_passes_clicks_on(pystray: Any) -> None:
    with running(PystrayBackend) as (backend, reports):
        backend.show(Shown(icon=IconState.GREEN, tooltip="x" * 300, menu=MENU))
        eventually(lambda: pystray.latest and pystray.latest.title == "x" * 127, "it is shown")
        icon = pystray.latest
        assert icon.icon.size == (64, 64)
        icon()
        eventually(lambda: reports.clicks == 1, "the click arrives")
        lines = [line for line in icon.menu.items if line.visible]
        assert [line.text for line in lines] == ["Conectado.", "- - - -", "▶ Ana"]
        assert [line.enabled for line in lines] == [False, True, True]
        lines[2](icon)
        assert reports.chosen == ["user:ana"]
        backend.notify("ONVIO", "Sem rede")
        backend.withdraw()
        assert icon.said == [("ONVIO", "Sem rede"), ()]
        assert reports.beats >= 1


def test_what_was_shown_before_it_ran_is_not_lost(pystray: Any) -> None:
    reports = Reports()
    backend = PystrayBackend(reports.callbacks())
    backend.show(shown(IconState.PLAY, "Sessão terminada."))
    backend.notify("ONVIO", "cedo demais")
    with running(lambda _: backend):
        eventually(lambda: pystray.latest and pystray.latest.title == "Sessão terminada.", "shown")


def test_without_an_icon_of_the_system_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYSTRAY_BACKEND", "dummy")
    import pystray

    def missing(*_: Any, **__: Any) -> None:
        raise NotImplementedError

    monkeypatch.setattr(pystray, "Icon", missing)
    with running(PystrayBackend) as (_, reports):
        wait_gone(reports, "pystray cannot show an icon")
