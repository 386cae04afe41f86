"""`onvio-agent panel`: a link that opens it once, and a browser that is shown it without telling others."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import subprocess
import threading
from pathlib import Path

import httpx
import pytest

from support.apis import TOKEN, FakedProfile
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


def test_a_stranger_on_the_dead_agents_port_learns_nothing_and_no_browser_is_sent_there(
    profile: Profile, tmp_path: Path
) -> None:
    profile.environ["OPENED_PATH"] = str(tmp_path / "opened")
    stranger = FakedProfile(profile.home_dir)
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stranger.hold(os.getpid(), listening.getsockname()[1])
        threading.Thread(target=_answer_wrongly, args=(listening, heard), daemon=True).start()
        done = profile.cli("panel")
        stranger.lock.release()
    assert done.code == 5
    assert done.err.startswith("agent.stranger: ")
    assert TOKEN.encode() not in b"".join(heard)
    assert b"/v1/panel" not in b"".join(heard)
    assert not (tmp_path / "opened").exists()


def _answer_wrongly(listening: socket.socket, heard: list[bytes]) -> None:
    body = b'{"api_version":1,"version":"0","boot_id":"boot","pid":1,"proof":"00"}'
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body)
    with contextlib.suppress(OSError):
        while True:
            connection, _address = listening.accept()
            with connection:
                heard.append(connection.recv(65536))
                connection.sendall(head + body)


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user of the machine")
def test_another_user_of_the_machine_can_read_neither_token_nor_link(
    profile: Profile, tmp_path: Path
) -> None:
    profile.start()
    profile.environ["OPENED_PATH"] = str(tmp_path / "opened")
    profile.must("panel")
    for folder in (profile.home_dir, *profile.home_dir.parents):
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(0o755)
    for path in (profile.paths.runtime_path, profile.paths.panel_path):
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--clear-groups", "cat", path],
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (1, b"")
        path.chmod(0o644)
    refused = profile.cli("panel", "--print-url")
    assert (refused.code, refused.out) == (5, "")
    assert refused.err.startswith("agent.exposed: ")
