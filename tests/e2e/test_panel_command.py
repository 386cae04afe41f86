"""`onvio-agent panel`: a link that opens it once, and a browser that is shown it without telling others."""

from __future__ import annotations

import stat
from pathlib import Path

import httpx

from support.office import Profile


def test_a_printed_link_opens_the_panel_once(profile: Profile) -> None:
    profile.start()
    url = profile.must("panel", "--print-url").out.strip()
    assert "Open the panel" in httpx.get(url).text
    assert httpx.get(url).status_code == 403


def test_the_browser_is_pointed_at_a_file_of_this_user_alone(
    profile: Profile, tmp_path: Path
) -> None:
    profile.start()
    profile.environ["OPENED_PATH"] = str(tmp_path / "opened")
    assert profile.must("panel").out == ""
    path = profile.paths.panel_path
    assert (tmp_path / "opened").read_text().strip() == path.as_uri()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "/enter?ticket=" in path.read_text()


def test_no_browser_is_said_with_the_way_out(profile: Profile) -> None:
    profile.start()
    done = profile.cli("panel")
    assert (done.code, done.out) == (5, "")
    assert "--print-url" in done.err


def test_without_an_agent_there_is_no_panel(profile: Profile) -> None:
    done = profile.cli("panel", "--print-url")
    assert (done.code, done.out) == (3, "")
