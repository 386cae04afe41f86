"""What is written to and read from the registry of Windows, in a registry of the test."""

from __future__ import annotations

import sys

import pytest

from onvio_agent.autostart.place import Login, Start
from onvio_agent.autostart.run_key import APPROVED, RUN, RunKeyPlace

START = Start([sys.executable, "--with-agent", "a b"], {})


class Values:
    """A registry: the values by key and whose they are."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, bool], str | bytes] = {}

    def get(self, key: str, *, all_users: bool) -> str | bytes | None:
        return self.values.get((key, all_users))

    def put(self, key: str, value: str, *, all_users: bool) -> None:
        self.values[key, all_users] = value

    def drop(self, key: str, *, all_users: bool) -> None:
        self.values.pop((key, all_users), None)


@pytest.mark.parametrize("all_users", [False, True])
def test_on_and_off_are_seen_and_leave_nothing(all_users: bool) -> None:
    registry = Values()
    place = RunKeyPlace(registry)
    assert place.look() == (Login.OFF, "", False)
    place.turn_on(START, all_users=all_users)
    assert registry.values == {(RUN, all_users): f'{sys.executable} --with-agent "a b"'}
    found = place.look()
    assert (found.login, found.all_users) == (Login.ON, all_users)
    assert found.where.startswith("HKLM" if all_users else "HKCU")
    place.turn_off(all_users=all_users)
    assert registry.values == {}


@pytest.mark.parametrize(
    ("mark", "login"), [(b"\x03\0\0\0", Login.OFF), (b"\x02\0\0\0", Login.ON), (b"", Login.ON)]
)
def test_what_the_task_manager_switched_off_is_off(mark: bytes, login: Login) -> None:
    registry = Values()
    place = RunKeyPlace(registry)
    place.turn_on(START, all_users=False)
    registry.values[APPROVED, False] = mark
    assert place.look().login is login
    place.turn_on(START, all_users=False)
    assert place.look().login is Login.ON


@pytest.mark.parametrize("line", ['"/no where/onvio-tray.exe" --x', "/nowhere/onvio-tray.exe", ""])
def test_a_program_that_has_gone_is_broken(line: str) -> None:
    registry = Values()
    registry.put(RUN, line, all_users=False)
    assert RunKeyPlace(registry).look().login is Login.BROKEN
