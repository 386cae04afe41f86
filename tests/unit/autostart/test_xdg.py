"""Autostart entries, as desktops read and change them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from onvio_agent.autostart.place import Login, Start
from onvio_agent.autostart.xdg import XdgPlace, entry_text
from onvio_agent.errors import Failed

START = Start([sys.executable, "-m", "onvio_tray"], {})


@pytest.fixture
def place(tmp_path: Path) -> XdgPlace:
    return XdgPlace(tmp_path / "own", [tmp_path / "etc", tmp_path / "vendor"])


def own(tmp_path: Path) -> Path:
    return tmp_path / "own/autostart/onvio-agent.desktop"


def test_on_and_off_are_seen_and_leave_nothing(place: XdgPlace, tmp_path: Path) -> None:
    assert place.look().login is Login.OFF
    place.turn_on(START, all_users=False)
    assert place.look() == (Login.ON, str(own(tmp_path)), False)
    place.turn_on(START, all_users=False)
    place.turn_off(all_users=False)
    assert place.look() == (Login.OFF, "", False)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "line",
    ["Hidden=true", "X-GNOME-Autostart-enabled=false", "X-MATE-Autostart-enabled=false"],
)
def test_what_a_desktops_settings_switched_off_is_off(
    place: XdgPlace, tmp_path: Path, line: str
) -> None:
    place.turn_on(START, all_users=False)
    text = own(tmp_path).read_text(encoding="utf-8")
    text = text.replace("X-GNOME-Autostart-enabled=true\n", "") + line + "\n"
    own(tmp_path).write_text(text, encoding="utf-8")
    assert place.look() == (Login.OFF, str(own(tmp_path)), False)


def test_a_person_switches_off_what_is_on_for_all_and_on_again(
    place: XdgPlace, tmp_path: Path
) -> None:
    place.turn_on(START, all_users=True)
    assert place.look() == (Login.ON, str(tmp_path / "etc/autostart/onvio-agent.desktop"), True)
    place.turn_off(all_users=False)
    assert place.look() == (Login.OFF, str(own(tmp_path)), False)
    place.turn_on(START, all_users=False)
    assert place.look().login is Login.ON
    place.turn_off(all_users=True)
    place.turn_off(all_users=False)
    assert place.look() == (Login.OFF, "", False)


def test_a_program_that_has_gone_is_broken(place: XdgPlace) -> None:
    for command in (["/nowhere/onvio-tray"], []):
        place.turn_on(Start(command, {"A": "b"}), all_users=False)
        assert place.look().login is Login.BROKEN


def test_a_file_that_is_no_entry_is_broken(place: XdgPlace, tmp_path: Path) -> None:
    own(tmp_path).parent.mkdir(parents=True)
    for content in (b"", b"\xff\xfe", b"Exec=/bin/true\n", b"[Desktop Entry]\nExec='\n"):
        own(tmp_path).write_bytes(content)
        assert place.look().login is Login.BROKEN


def test_variables_are_set_and_words_are_quoted() -> None:
    text = entry_text(Start(["/opt/a b/x", "100%", 'q"$`\\'], {"HOME_DIR": "/x y"}))
    line = next(line for line in text.splitlines() if line.startswith("Exec="))
    assert line == r'Exec=env "HOME_DIR=/x y" "/opt/a b/x" 100%% "q\\"\\$\\`\\\\"'


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    place = XdgPlace(tmp_path / "file", [tmp_path / "file"])
    for all_users in (False, True):
        with pytest.raises(Failed) as caught:
            place.turn_on(START, all_users=all_users)
        assert caught.value.code == "autostart.refused"
        assert str(tmp_path / "file") in str(caught.value)
