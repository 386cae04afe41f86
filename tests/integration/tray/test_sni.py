"""The StatusNotifierItem as a desktop sees it, over a real bus."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator

import pytest
from dbus_fast import DBusError

from onvio_agent.contract.status import IconState
from onvio_tray import icons
from onvio_tray.backends.base import SEPARATOR, Backend, Callbacks, MenuItem
from onvio_tray.backends.sni import SniBackend
from onvio_tray.backends.sni_probe import has_host
from support.backends import ICONS, Reports, running, shown, wait_gone
from support.buses import Bus, Desktop, eventually, private_bus
from support.campaign import Tell

PATIENCE_S = 0.3
MENU = (
    MenuItem(id="", label="Conectado ao ONVIO.", enabled=False),
    SEPARATOR,
    MenuItem(id="reconnect", label="Conectar novamente"),
    MenuItem(id="user:ana", label="ana_moreira", icon=IconState.GREEN),
    MenuItem(id="pause", label="Pausar por 1 hora", enabled=False),
)


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    with private_bus() as bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        yield bus


@pytest.fixture
def desktop(bus: Bus) -> Iterator[Desktop]:
    desktop = Desktop(bus.address)
    yield desktop
    desktop.close()


def item(callbacks: Callbacks) -> SniBackend:
    return SniBackend(callbacks, patience_s=PATIENCE_S)


def patient(callbacks: Callbacks) -> SniBackend:
    return SniBackend(callbacks, patience_s=60)


@pytest.fixture
def tray(desktop: Desktop) -> Iterator[tuple[Backend, Reports]]:
    with running(patient) as (backend, reports):
        desktop.wait_item()
        yield backend, reports


def shows(desktop: Desktop, icon: IconState) -> Callable[[], bool]:
    """The drawing in every size: alpha, red, green, blue."""

    def holds() -> bool:
        for size in (16, 22, 24, 32, 48):
            data, drawn = desktop.pixmap(size), icons.pixels(icon, size).rgba
            if (data[0::4], data[1::4]) != (drawn[3::4], drawn[0::4]):
                return False
        return True

    return holds


@pytest.mark.parametrize("icon", ICONS)
def test_each_icon_is_handed_over_in_every_size(
    icon: IconState, desktop: Desktop, tray: tuple[Backend, Reports]
) -> None:
    tray[0].show(shown(icon, "Uma frase."))
    eventually(shows(desktop, icon), f"{icon} is shown")
    eventually(lambda: desktop.property_of("ToolTip")[2] == "Uma frase.", "the tooltip is shown")
    assert desktop.property_of("Status") == "Active"
    assert desktop.property_of("Menu") == "/MenuBar"


def test_what_was_shown_before_the_panel_came_is_there_at_once(bus: Bus) -> None:
    late = Desktop(bus.address, host=False)
    try:
        with running(patient) as (backend, _):
            backend.show(shown(IconState.GREEN))
            late.wait_item()
            late.say_host(True)
            eventually(shows(late, IconState.GREEN), "green is shown")
    finally:
        late.close()


@pytest.mark.parametrize("member", ["Activate", "SecondaryActivate"])
def test_a_click_arrives(member: str, desktop: Desktop, tray: tuple[Backend, Reports]) -> None:
    desktop.click(member)
    eventually(lambda: tray[1].clicks == 1, "the click arrives")


def test_only_changes_are_told(desktop: Desktop, tray: tuple[Backend, Reports]) -> None:
    backend, _ = tray
    backend.show(shown(IconState.GREEN, "a", *MENU))
    eventually(lambda: "LayoutUpdated" in desktop.signals, "the first change is told")
    eventually(lambda: "NewToolTip" in desktop.signals, "the first change is told")
    desktop.signals.clear()
    for _ in range(5):
        backend.show(shown(IconState.GREEN, "a", *MENU))
    backend.show(shown(IconState.GREEN, "b", *MENU))
    eventually(lambda: desktop.signals, "the tooltip's change is told")
    backend.show(shown(IconState.GREEN, "b", *MENU, attention=True))
    eventually(lambda: len(desktop.signals) > 1, "the attention is told")
    assert desktop.signals == ["NewToolTip", "NewStatus"]
    assert desktop.property_of("Status") == "NeedsAttention"


def test_the_menu_is_shown_and_a_choice_arrives(
    desktop: Desktop, tray: tuple[Backend, Reports]
) -> None:
    backend, reports = tray
    backend.show(shown(IconState.GREEN, "a", *MENU))
    eventually(lambda: len(desktop.menu()) == len(MENU), "the menu is shown")
    lines = desktop.menu()
    assert [line.get("label", line.get("type")) for _, line in lines] == [
        "Conectado ao ONVIO.",
        "separator",
        "Conectar novamente",
        "ana__moreira",
        "Pausar por 1 hora",
    ]
    assert [line.get("enabled") for _, line in lines] == [False, None, True, True, False]
    assert bytes(lines[3][1]["icon-data"]).startswith(b"\x89PNG")
    for number, _ in lines:
        desktop.choose(number)
    eventually(lambda: len(reports.chosen) == 2, "the choices arrive")
    assert reports.chosen == ["reconnect", "user:ana"]


def test_a_choice_from_a_menu_that_has_changed_never_does_something_else(
    desktop: Desktop, tray: tuple[Backend, Reports]
) -> None:
    backend, reports = tray
    backend.show(shown(IconState.GREEN, "a", MenuItem(id="pause", label="Pausar por 1 hora")))
    eventually(lambda: len(desktop.menu()) == 1, "the menu is shown")
    ((number, _),) = desktop.menu()
    backend.show(shown(IconState.GREEN, "a", MenuItem(id="quit", label="Sair")))
    eventually(lambda: desktop.menu()[0][1]["label"] == "Sair", "the menu has changed")
    desktop.choose(number)
    desktop.choose(desktop.menu()[0][0])
    eventually(lambda: reports.chosen, "the choice arrives")
    assert reports.chosen == ["quit"]


def test_a_changed_line_is_told_alone_and_other_questions_are_answered(
    desktop: Desktop, tray: tuple[Backend, Reports]
) -> None:
    backend, reports = tray
    backend.show(shown(IconState.GREEN, "a", *MENU))
    eventually(lambda: len(desktop.menu()) == len(MENU), "the menu is shown")
    desktop.signals.clear()
    ana = MenuItem(id="user:ana", label="ana_moreira")
    backend.show(shown(IconState.GREEN, "a", *MENU[:3], ana, MENU[4]))
    eventually(lambda: desktop.signals, "the change is told")
    assert desktop.signals == ["ItemsPropertiesUpdated"]
    number = desktop.menu()[3][0]
    ((pair,),) = [desktop.menu_call("GetGroupProperties", "aias", [number], ["label"])[0]]
    assert (pair[0], pair[1]["label"].value) == (number, "ana__moreira")
    assert desktop.menu_call("GetProperty", "is", number, "label")[0].value == "ana__moreira"
    assert desktop.menu_call("AboutToShow", "i", 0) == [False]
    assert desktop.menu_call("EventGroup", "a(isvu)", []) == [[]]
    with pytest.raises(DBusError):
        desktop.menu_call("NoSuchQuestion", "")
    (document,) = desktop.call(
        "Introspect", "", interface="org.freedesktop.DBus.Introspectable", path="/MenuBar"
    )
    assert 'method name="GetLayout"' in document
    assert not reports.chosen


def test_five_hundred_changes_at_any_pace_leave_the_last_one(
    desktop: Desktop, tray: tuple[Backend, Reports]
) -> None:
    draw = random.Random(4)
    icon = IconState.GREY
    for number in range(500):
        icon = draw.choice(ICONS)
        tray[0].show(shown(icon, f"{number}", *draw.sample(MENU, 3)))
        if draw.random() < 0.1:
            time.sleep(0.002)
    eventually(shows(desktop, icon), f"{icon} is shown at rest")
    eventually(lambda: desktop.property_of("ToolTip")[2] == "499", "the last tooltip is shown")


def test_how_long_a_change_takes_to_be_told(
    desktop: Desktop, tray: tuple[Backend, Reports], tell: Tell
) -> None:
    took = []
    for number in range(50):
        icon = ICONS[number % 2]
        started = time.perf_counter()
        tray[0].show(shown(icon))
        eventually(shows(desktop, icon), f"{icon} is shown")
        took.append((time.perf_counter() - started) * 1000)
    tell("change to pixmap, own item", ms_median=statistics.median(took))


def test_a_panel_that_crashes_and_returns_shows_the_icon_again(
    desktop: Desktop, tray: tuple[Backend, Reports]
) -> None:
    backend, reports = tray
    for icon in ICONS:
        desktop.leave()
        backend.show(shown(icon))
        desktop.enter()
        desktop.wait_item()
        eventually(shows(desktop, icon), f"{icon} is shown again")
    assert not reports.ended


def test_a_panel_that_stays_away_is_given_up(desktop: Desktop) -> None:
    with running(item) as (_, reports):
        desktop.wait_item()
        desktop.leave()
        wait_gone(reports, "no panel shows items")


def test_a_watcher_without_a_host_is_given_up(bus: Bus) -> None:
    bare = Desktop(bus.address, host=False)
    try:
        with running(item) as (_, reports):
            wait_gone(reports, "no panel shows items")
    finally:
        bare.close()


def test_whether_somebody_shows_items_is_found_without_a_library(bus: Bus) -> None:
    assert not has_host()
    desktop = Desktop(bus.address, host=False)
    assert not has_host()
    desktop.host = True
    assert has_host()
    desktop.close()
    assert not has_host()
    bus.stop()
    assert not has_host()


def test_without_a_bus_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    with running(item) as (_, reports):
        wait_gone(reports, "no session bus")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    with running(item) as (_, reports):
        wait_gone(reports, "no session bus")


def test_a_bus_that_dies_is_noticed(bus: Bus, desktop: Desktop) -> None:
    with running(patient) as (_, reports):
        desktop.wait_item()
        bus.stop()
        wait_gone(reports, "the session bus has gone")


def test_a_notification_takes_the_place_of_the_one_before_and_is_withdrawn(
    desktop: Desktop, tray: tuple[Backend, Reports]
) -> None:
    def said() -> list[tuple[str, object]]:
        return [(name, body) for name, body in desktop.notices if name != "GetCapabilities"]

    tray[0].notify("ONVIO", "Sem rede <agora> & depois")
    eventually(lambda: len(said()) == 1, "the notification is shown")
    tray[0].notify("ONVIO", "Reconectado")
    eventually(lambda: len(said()) == 2, "the next one is shown")
    tray[0].withdraw()
    eventually(lambda: len(said()) == 3, "it is withdrawn")
    (first, body), (_, second), (closed, number) = said()
    assert (first, body[1], body[3:5]) == (
        "Notify",
        0,
        ["ONVIO", "Sem rede &lt;agora&gt; &amp; depois"],
    )
    assert second[1] == 7
    assert (closed, number) == ("CloseNotification", [7])


def test_a_desktop_without_notifications_shows_the_icon_all_the_same(bus: Bus) -> None:
    quiet = Desktop(bus.address, notifications=False)
    try:
        with running(patient) as (backend, reports):
            quiet.wait_item()
            backend.notify("ONVIO", "Sem rede")
            backend.withdraw()
            backend.show(shown(IconState.PLAY))
            eventually(shows(quiet, IconState.PLAY), "play is shown")
            assert not reports.ended
    finally:
        quiet.close()


def test_a_sign_of_life_comes_with_each_change(
    desktop: Desktop, tray: tuple[Backend, Reports]
) -> None:
    backend, reports = tray
    before = reports.beats
    assert before >= 1
    backend.show(shown(IconState.PLAY))
    eventually(lambda: reports.beats > before, "a sign of life")
