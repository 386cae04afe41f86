"""From what is heard to what is shown and said, instant by instant, on clocks that a test moves."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import msgspec
import pytest

from onvio_tray.backends.base import Shown
from onvio_tray.log import TrayLog
from onvio_tray.notices import Rules
from onvio_tray.present import HANG_S, Presenter
from onvio_tray.screen import Screen
from onvio_tray.sight import Heard, Unheard
from onvio_tray.view import Own
from support.instants import HandClock
from support.snapshots import snapshot_of, user_with


class Desktop:
    """A backend that remembers."""

    name = "memory"

    def __init__(self) -> None:
        self.shown: list[Shown] = []
        self.said: list[str] = []
        self.stopped = 0

    def run(self) -> None:
        raise NotImplementedError

    def show(self, shown: Shown) -> None:
        self.shown.append(shown)

    def notify(self, title: str, body: str) -> bool:
        self.said.append(title)
        return True

    def withdraw(self) -> None:
        self.said.append("-")

    def stop(self) -> None:
        self.stopped += 1


class Bench:
    """A presenter with its parts. `sleep`: the machine is suspended, and wakes."""

    def __init__(self, folder: Path) -> None:
        self.clock = HandClock()
        self.asleep_s = 0.0
        self.hangs = 0
        self.folder = folder
        self.log = TrayLog(folder, self.clock.wall)
        self.screen = Screen(self.awake)
        self.desktop = Desktop()
        self.screen.attach(self.desktop)
        self.presenter = Presenter(
            self.screen, self.clock, self.awake, Own(), Rules(), self._hung, self.log
        )

    def awake(self) -> float:
        return self.clock.mono() - self.asleep_s

    def hear(self, *users: object, **more: object) -> None:
        snapshot = snapshot_of(*users, checked_at=self.clock.wall(), **more)  # type: ignore[arg-type]
        self.presenter.hear(Heard(snapshot, self.clock.mono()))

    def live(self, seconds: float, *, beats: bool = True) -> None:
        """Turn by turn, as the thread would."""
        end = self.clock.mono() + seconds
        while True:
            wait_s = self.presenter.turn()
            left_s = end - self.clock.mono()
            self.clock.advance(min(left_s, 1.0 if wait_s is None else min(wait_s, 1.0)))
            if beats:
                self.presenter.beat()
            if self.clock.mono() >= end:
                self.presenter.turn()
                return

    @property
    def icon(self) -> str:
        return self.desktop.shown[-1].icon.value

    def events(self) -> list[str]:
        lines = (self.folder / "tray.log").read_text().splitlines()
        return [json.loads(line)["event"] for line in lines]

    def _hung(self) -> None:
        self.hangs += 1


@pytest.fixture
def at(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_nothing_is_shown_before_something_was_heard(at: Bench) -> None:
    at.presenter.turn()
    assert at.desktop.shown == []
    assert at.presenter.view is None


def test_what_is_the_same_is_not_shown_again(at: Bench) -> None:
    for _ in range(5):
        at.hear(user_with("ana"))
        at.live(10)
    assert len(at.desktop.shown) == 1
    assert at.events() == ["icon.shown"]


def test_it_turns_in_time_when_green_ends(at: Bench) -> None:
    at.hear(user_with("ana"), ttl_s=90.0)
    wait_s = at.presenter.turn()
    assert wait_s is not None
    at.live(89.5)
    assert at.icon == "green"
    at.live(0.6)
    assert at.icon == "grey"


def test_the_newest_snapshot_wins_also_over_a_late_one(at: Bench) -> None:
    old = snapshot_of(user_with("ana"), reason="paused")
    newer = msgspec.structs.replace(
        snapshot_of(user_with("ana")), agent=msgspec.structs.replace(old.agent, revision=7)
    )
    at.presenter.hear(Heard(newer, at.clock.mono()))
    at.presenter.hear(Heard(old, at.clock.mono()))
    at.presenter.turn()
    assert at.icon == "green"
    another_boot = msgspec.structs.replace(
        old, agent=msgspec.structs.replace(old.agent, boot_id="b2")
    )
    at.presenter.hear(Heard(another_boot, at.clock.mono()))
    at.presenter.turn()
    assert at.icon == "play"


def test_an_outage_is_told_and_its_end(at: Bench) -> None:
    at.hear(user_with("ana"))
    at.live(5)
    at.presenter.hear(Unheard("agent.stopped"))
    at.live(9)
    assert at.desktop.said == []
    at.live(2)
    at.hear(user_with("ana"))
    at.live(1)
    assert at.desktop.said == ["O agente não está em execução neste computador.", "Reconectado"]


def test_without_an_icon_nothing_is_told_and_later_it_is(at: Bench) -> None:
    at.screen.detach()
    at.presenter.hear(Unheard("agent.stopped"))
    at.live(600)
    assert at.desktop.said == []
    at.screen.attach(at.desktop)
    at.live(11)
    assert at.desktop.said == ["O agente não está em execução neste computador."]


def test_a_backend_without_signs_of_life_is_reported(at: Bench) -> None:
    at.hear(user_with("ana"), ttl_s=None)
    at.live(HANG_S - 1, beats=False)
    assert at.hangs == 0
    at.live(2, beats=False)
    assert at.hangs == 1
    assert "backend.hung" in at.events()


def test_a_living_backend_is_left_alone(at: Bench) -> None:
    at.live(10 * HANG_S)
    assert at.hangs == 0


@pytest.mark.parametrize("clock_stands_still", [True, False])
def test_a_machine_that_slept_is_no_outage_and_no_hang(at: Bench, clock_stands_still: bool) -> None:
    at.hear(user_with("ana"))
    at.live(10)
    at.clock.advance(8 * 3600)
    at.asleep_s = 8 * 3600 if clock_stands_still else 0
    at.live(20, beats=False)
    assert (at.icon, at.hangs, at.desktop.said) == ("grey", 0, [])
    at.live(HANG_S, beats=False)
    assert at.hangs == 1


def test_after_a_sleep_the_first_sign_of_life_ends_a_long_wait(at: Bench) -> None:
    """Where a wait stands still during sleep, a green that has ended would be shown until its end."""
    thread = threading.Thread(target=at.presenter.wait, args=(30.0,))
    thread.start()
    at.presenter.beat()
    thread.join(0.2)
    assert thread.is_alive()
    at.clock.advance(3600)
    at.asleep_s = 3600
    at.presenter.beat()
    thread.join(10)
    assert not thread.is_alive()


def test_no_backend_cannot_hang(at: Bench) -> None:
    at.screen.detach()
    at.live(10 * HANG_S, beats=False)
    assert at.hangs == 0


def test_what_is_attached_later_shows_what_is_known(at: Bench) -> None:
    at.screen.detach()
    at.hear(user_with("ana"))
    at.presenter.turn()
    another = Desktop()
    assert at.screen.attach(another)
    assert another.shown[-1].icon.value == "green"


def test_after_the_end_nothing_is_attached(at: Bench) -> None:
    at.screen.stop()
    assert at.desktop.stopped == 1
    assert not at.screen.attach(Desktop())


def test_whose_workstation_it_is_changes_what_counts(at: Bench) -> None:
    at.hear(user_with("ana", ttl_s=10.0), user_with("bruno", ttl_s=60.0))
    at.live(11)
    assert at.icon == "grey"
    at.presenter.set_own("bruno")
    at.live(1)
    assert at.icon == "green"
