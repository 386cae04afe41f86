"""Units of the user's systemd, in folders of the test."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from onvio_agent.autostart.place import Login, Start
from onvio_agent.autostart.systemd import UNIT, SystemdPlace, unit_text

START = Start([sys.executable, "-m", "onvio_agent", "run"], {})


@pytest.fixture
def place(tmp_path: Path) -> SystemdPlace:
    return SystemdPlace(tmp_path / "own", [tmp_path / "etc", tmp_path / "lib"])


def test_on_and_off_are_seen_and_leave_nothing(place: SystemdPlace, tmp_path: Path) -> None:
    assert place.look() == (Login.OFF, "", False)
    place.turn_on(START, all_users=False)
    assert place.look() == (Login.ON, str(tmp_path / "own" / UNIT), False)
    place.turn_on(START, all_users=False)
    place.turn_off(all_users=False)
    assert place.look() == (Login.OFF, "", False)
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []


def test_a_unit_that_was_disabled_is_off(place: SystemdPlace, tmp_path: Path) -> None:
    place.turn_on(START, all_users=False)
    (tmp_path / "own/default.target.wants" / UNIT).unlink()
    assert place.look() == (Login.OFF, str(tmp_path / "own" / UNIT), False)


def test_a_person_masks_what_is_on_for_all_and_turns_it_on_again(
    place: SystemdPlace, tmp_path: Path
) -> None:
    place.turn_on(START, all_users=True)
    assert place.look() == (Login.ON, str(tmp_path / "etc" / UNIT), True)
    place.turn_off(all_users=False)
    assert place.look() == (Login.OFF, str(tmp_path / "own" / UNIT), False)
    assert (tmp_path / "own" / UNIT).readlink() == Path("/dev/null")
    place.turn_on(START, all_users=False)
    assert place.look().login is Login.ON


def test_a_packages_unit_that_is_enabled_for_all_is_on(place: SystemdPlace, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / UNIT).write_text(unit_text(START), encoding="utf-8")
    assert place.look() == (Login.OFF, str(tmp_path / "lib" / UNIT), True)
    wanted = tmp_path / "etc/default.target.wants" / UNIT
    wanted.parent.mkdir(parents=True)
    wanted.symlink_to(tmp_path / "lib" / UNIT)
    assert place.look() == (Login.ON, str(tmp_path / "lib" / UNIT), True)


def test_a_program_that_has_gone_is_broken(place: SystemdPlace) -> None:
    place.turn_on(Start(["/nowhere/onvio-agent", "run"], {}), all_users=False)
    assert place.look().login is Login.BROKEN


def test_words_are_quoted_as_systemd_takes_them_apart() -> None:
    text = unit_text(Start(["/opt/a b/x", "50%", "$HOME", 'q"\\'], {"A": "/x y%"}))
    assert r'ExecStart="/opt/a b/x" 50%% "$$HOME" "q\"\\"' in text
    assert 'Environment="A=/x y%%"\n' in text


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze (Debian: systemd)")
    path = tmp_path / UNIT
    text = unit_text(Start([sys.executable, "-c", "a b %"], {"A": "x y"}))
    path.write_text(text.replace("Documentation=man:onvio-agent(1)\n", ""), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    told = [line for line in done.stderr.splitlines() if UNIT in line]
    assert told == [], done.stderr
