"""One tray in each session of a user, by the session's own name."""

from __future__ import annotations

from pathlib import Path

import pytest

from onvio_agent.errors import Failed
from onvio_tray.session import claim, others, session_of


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"DISPLAY": ":0"}, "_0"),
        ({"DISPLAY": "unix:0"}, "_0"),
        ({"DISPLAY": ":0.0", "WAYLAND_DISPLAY": "wayland-0"}, "_0"),
        ({"DISPLAY": "", "WAYLAND_DISPLAY": "wayland-1"}, "wayland-1"),
        ({"SESSIONNAME": "RDP-Tcp#3"}, "RDP-Tcp_3"),
        ({"DISPLAY": "../../etc/passwd"}, "_.._etc_passwd"),
        ({}, "session"),
    ],
)
def test_a_session_has_a_name_that_fits_a_file(environ: dict[str, str], name: str) -> None:
    assert session_of(environ) == name


def test_a_session_is_claimed_once_and_given_back(tmp_path: Path) -> None:
    first = claim(tmp_path, {"DISPLAY": ":1"})
    other = claim(tmp_path, {"DISPLAY": ":2"})
    with pytest.raises(Failed, match="already"):
        claim(tmp_path, {"DISPLAY": ":1"})
    first.release()
    claim(tmp_path, {"DISPLAY": ":1"}).release()
    other.release()


def test_another_session_of_the_profile_is_seen_for_as_long_as_it_shows_the_icon(
    tmp_path: Path,
) -> None:
    mine, theirs = {"DISPLAY": ":1"}, {"DISPLAY": ":2"}
    first = claim(tmp_path, mine)
    assert not others(tmp_path, mine)
    assert others(tmp_path, theirs)
    first.release()
    assert not others(tmp_path, theirs)
