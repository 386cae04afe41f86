"""A monitoring system reads a real agent, with a token of its own."""

from __future__ import annotations

import http.client
import json

from support.office import Profile

TOKEN = "segredo-do-prometheus"


def read(profile: Profile, token: str) -> tuple[int, str]:
    """The metrics as a scraper asks for them; status and page."""
    port = json.loads(profile.paths.runtime_path.read_bytes())["port"]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_a_scraper_sees_who_is_connected_and_never_the_logins(profile: Profile) -> None:
    path = profile.home_dir / "metrics.token"
    path.write_text(TOKEN + "\n")
    # Also set: an address for new versions, which nobody asks while the agent starts.
    profile.set(METRICS__TOKEN_FILE=path, UPDATE__URL="https://127.0.0.1:9/newest.json")
    profile.seat("ana")
    status, page = read(profile, TOKEN)
    assert status == 200
    assert 'onvio_agent_connection_state{state="online"} 1' in page
    assert page.count("onvio_agent_user_connected{") == 2
    assert "helena" not in page
    assert '"ana"' not in page
    assert read(profile, TOKEN + "x")[0] == 403
    assert TOKEN.encode() not in profile.everything_written().replace(path.read_bytes(), b"")
