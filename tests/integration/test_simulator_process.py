"""The simulator as a process: ready file, ports, ends, restarts, refusals."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from support.sim import ANA, CLIENT_ID, Simulator, office_seed

RUN = "from onvio_agent.cli.simulator import command; command()"


def run(*options: str) -> subprocess.CompletedProcess[str]:
    """The command to its end, with what it said."""
    line = [sys.executable, "-c", RUN, *options]
    return subprocess.run(line, capture_output=True, text=True, timeout=20, check=False)


def test_the_ready_file_has_the_keys_of_the_contract_and_is_private(simulator: Simulator) -> None:
    assert simulator.ready.keys() == {"api_url", "auth_url", "ca_file", "control_url", "pid"}
    assert stat.S_IMODE(simulator.ready_path.stat().st_mode) == 0o600
    api, auth = httpx.URL(simulator.api_url), httpx.URL(simulator.auth_url)
    assert (api.scheme, auth.scheme) == ("https", "https")
    assert auth.port == (api.port or 0) + 1
    control = httpx.URL(simulator.ready["control_url"])
    assert (control.scheme, control.host) == ("http", "127.0.0.1")
    assert len(control.path) > 16


def test_the_private_files_can_be_read_by_their_owner_alone(simulator: Simulator) -> None:
    state_dir = Path(simulator.ca_file).parent
    assert stat.S_IMODE(state_dir.stat().st_mode) == 0o700
    files = sorted(state_dir.iterdir())
    assert [path.name for path in files] == ["ca-key.pem", "ca.pem", "cloud.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_the_control_side_needs_its_path(simulator: Simulator) -> None:
    control = httpx.URL(simulator.ready["control_url"])
    with httpx.Client(trust_env=False) as client:
        for path in ("/_sim/journal", "/x/_sim/journal"):
            assert client.get(control.copy_with(path=path)).status_code == 404


def test_the_levers_are_not_on_the_side_of_the_client(simulator: Simulator) -> None:
    path = httpx.URL(simulator.ready["control_url"]).path
    with simulator.client() as client:
        assert client.get(f"{simulator.api_url}{path}/_sim/journal").status_code == 404
        assert client.get(f"{simulator.auth_url}{path}/_sim/journal").status_code == 404


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_restarted_simulator_keeps_ports_authority_accounts_and_tokens(
    simulator: Simulator, how: str
) -> None:
    tokens = simulator.sign_in(ANA).json()
    simulator.patch(ANA, name="Ana Nova")
    before = (simulator.api_url, simulator.auth_url, Path(simulator.ca_file).read_bytes())
    getattr(simulator, how)()
    with simulator.client() as client, pytest.raises(httpx.ConnectError):
        client.get(f"{simulator.api_url}/health")
    simulator.restart()
    after = (simulator.api_url, simulator.auth_url, Path(simulator.ca_file).read_bytes())
    assert before == after
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    form = {
        "grant_type": "refresh_token",
        "client_id": CLIENT_ID,
        "refresh_token": tokens["refresh_token"],
    }
    with simulator.client() as client:
        answer = client.get(f"{simulator.auth_url}/userinfo", headers=bearer)
        assert answer.json()["name"] == "Ana Nova"
        assert client.post(f"{simulator.auth_url}/oauth/token", data=form).status_code == 200


def test_another_seed_or_fresh_begins_anew(tmp_path: Path) -> None:
    first = Simulator(tmp_path)
    first.patch(ANA, password="outra")
    first.stop()
    fresh = Simulator(tmp_path, office_seed(), "--fresh")
    assert fresh.sign_in(ANA).status_code == 200
    fresh.patch(ANA, password="outra")
    fresh.stop()
    other = Simulator(tmp_path, office_seed(client_secret="segredo"))
    assert other.sign_in(ANA).status_code == 200
    other.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_within_a_second_even_while_requests_wait(
    simulator: Simulator, number: int
) -> None:
    simulator.fault("latency", value=60)
    with simulator.client(timeout=0.1) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.get(f"{simulator.api_url}/health")
        began = time.monotonic()
        assert simulator._end(signal.Signals(number)) == 0
        assert time.monotonic() - began < 1.0
    assert not simulator.ready_path.exists()
    said = (simulator.folder / "simulator.log").read_text()
    assert "Traceback" not in said


def test_it_ends_with_the_process_it_was_tied_to(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    line = [sys.executable, "-c", RUN, "--ready-file", str(ready), "--exit-with", str(parent.pid)]
    child = subprocess.Popen(line, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert ready.exists()
    parent.kill()
    parent.communicate()
    assert child.wait(5) == 0


def test_an_address_that_others_can_reach_is_refused_unless_allowed(tmp_path: Path) -> None:
    refused = run("--host", "0.0.0.0")
    assert refused.returncode == 2
    assert "--allow-remote" in refused.stderr
    assert refused.stdout == ""
    allowed = Simulator(tmp_path, None, "--host", "0.0.0.0", "--allow-remote")
    port = httpx.URL(allowed.api_url).port
    with allowed.client() as client:
        assert client.get(f"https://127.0.0.1:{port}/health").status_code == 200
    allowed.stop()


def bind_below_the_ephemeral(taken: socket.socket) -> int:
    """A port whose neighbours no connection of another test can be given by chance."""
    for port in random.sample(range(20_000, 30_000), 50):
        with contextlib.suppress(OSError):
            taken.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no free port")


@pytest.mark.parametrize("offset", [0, 1])
def test_a_taken_port_is_said_in_one_sentence(offset: int) -> None:
    # The pair's first port, then its second.
    with socket.socket() as taken:
        port = bind_below_the_ephemeral(taken)
        taken.listen()
        ended = run("--port", str(port - offset))
    assert ended.returncode == 5
    assert str(port) in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert ended.stdout == ""


def test_a_wrong_seed_is_said_with_its_place(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text('{"accounts": [{"email": "a@b", "password": 1}]}')
    for path, named in ((seed, "$.accounts[0].password"), (tmp_path / "none.json", "none.json")):
        ended = run("--seed", str(path))
        assert ended.returncode == 2
        assert named in ended.stderr
        assert "Traceback" not in ended.stderr


def test_a_ready_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = run("--ready-file", str(tmp_path / "file" / "ready.json"))
    assert ended.returncode == 5
    assert str(tmp_path / "file") in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_tls_it_speaks_plain_http(tmp_path: Path) -> None:
    plain = Simulator(tmp_path, None, "--no-tls")
    assert plain.ready["ca_file"] is None
    with httpx.Client(trust_env=False) as client:
        assert client.get(f"{plain.api_url}/health").json() == {"status": "UP"}
    plain.stop()


def test_without_a_seed_it_shows_an_office_that_one_can_sign_in_to(tmp_path: Path) -> None:
    ready, said = tmp_path / "ready.json", tmp_path / "out"
    line = [sys.executable, "-c", RUN, "--ready-file", str(ready), "--exit-with", str(os.getpid())]
    with said.open("wb") as out:
        process = subprocess.Popen(line, stdout=out)
    deadline = time.monotonic() + 10
    while "davi@" not in said.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    shown = [line.split() for line in said.read_text().splitlines() if "@" in line]
    email, password, role = shown[0]
    auth_url = json.loads(ready.read_text())["auth_url"]
    form = {
        "grant_type": "password",
        "client_id": "onvio-agent",
        "username": email,
        "password": password,
    }
    with httpx.Client(verify=False, trust_env=False) as client:  # noqa: S501 - a trial office
        assert client.post(f"{auth_url}/oauth/token", data=form).status_code == 200
    assert role == "administrator"
    process.terminate()
    assert process.wait(5) == 0


def test_the_state_folder_can_be_chosen(tmp_path: Path) -> None:
    kept_dir = tmp_path / "kept"
    simulator = Simulator(tmp_path / "a", None, "--state", str(kept_dir))
    assert Path(simulator.ca_file).parent == kept_dir
    simulator.stop()
    assert (kept_dir / "cloud.json").exists()
