"""What goes wrong outside: a sentence, a next step and the right exit code, one test each."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from support.office import MANAGER, Completed, Profile
from support.sim import ANA, GERENTE


def explained(done: Completed, code: int, reason: str) -> bool:
    """That exit code, the reason first on stderr, a next step, nothing on stdout, no traceback."""
    lines = done.err.splitlines()
    assert (done.code, done.out) == (code, ""), done
    assert lines[0].startswith(f"{reason}: "), done
    assert any(line.startswith("→ ") for line in lines), done
    assert "Traceback" not in done.err
    return True


@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "ninguem"),
        ("reconnect", "ninguem"),
        ("users", "show", "ninguem"),
        ("activate", "ninguem"),
        ("link", "ninguem", "--email", ANA, "--password-stdin"),
    ],
    ids=" ".join,
)
def test_an_unknown_login_is_named(profile: Profile, arguments: tuple[str, ...]) -> None:
    profile.set_up()
    acting = profile.acting if arguments[0] in ("activate", "link") else ()
    done = profile.cli(*arguments, *acting, input="senha\n")
    assert explained(done, 4, "user.unknown")
    assert "ninguem" in done.err
    assert "users list" in done.err


def test_an_e_mail_in_use_names_who_has_it(profile: Profile) -> None:
    profile.seat("ana")
    profile.add("bruno")
    done = profile.link("bruno", ANA)
    assert explained(done, 4, "link.email_taken")
    assert "ana" in done.err


def test_a_wrong_password_is_final_at_once(profile: Profile) -> None:
    profile.set_up()
    arguments = ("link", MANAGER, "--email", GERENTE, "--password-stdin", *profile.acting)
    assert explained(profile.cli(*arguments, input="errada\n"), 4, "auth.wrong_password")


@pytest.mark.parametrize("command", ["run", "start", "setup"])
def test_corrupt_settings_are_named_with_file_and_line(lonely: Profile, command: str) -> None:
    lonely.paths.ensure()
    lonely.paths.settings_path.write_text("[probe]\ninterval_s = = 3\n")
    more = ("--login", "h", "--name", "H", "--password-stdin") if command == "setup" else ()
    done = lonely.cli(command, *more, input="senha-bem-longa\n")
    assert explained(done, 5, "settings.invalid")
    assert "settings.toml" in done.err
    assert "2" in done.err
    assert "config check" in done.err


def test_an_unknown_key_is_named_with_the_nearest_known_one(lonely: Profile) -> None:
    lonely.paths.ensure()
    lonely.paths.settings_path.write_text("[probe]\nintervall_s = 3\n")
    done = lonely.cli("run")
    assert explained(done, 5, "settings.invalid")
    assert "probe.intervall_s" in done.err
    assert "interval_s" in done.err


def test_an_unknown_key_on_the_command_line_is_wrong_usage(lonely: Profile) -> None:
    done = lonely.cli("--set", "probe.intervall_s=3", "run")
    assert explained(done, 2, "settings.invalid")


def test_a_corrupt_store_is_kept_aside_shown_as_a_reason_and_cleared_by_setup(
    profile: Profile,
) -> None:
    profile.set_up(start=False)
    damaged = b"not a database " * 1000
    profile.paths.store_path.write_bytes(damaged)
    profile.start()
    done = profile.cli("status")
    assert done.code == 1
    assert profile.status().icon.reason == "store.corrupt"
    assert "set aside" in done.out
    aside = [path for path in profile.paths.data_dir.iterdir() if path.read_bytes() == damaged]
    assert len(aside) == 1
    profile.stop()
    profile.set_up()
    assert profile.status().icon.reason != "store.corrupt"


@pytest.mark.parametrize("command", ["run", "start", "setup"])
def test_an_unwritable_folder_is_named(lonely: Profile, command: str) -> None:
    (lonely.home_dir / "data").write_text("a file where a folder should be")
    more = ("--login", "h", "--name", "H", "--password-stdin") if command == "setup" else ()
    done = lonely.cli(command, *more, input="senha-bem-longa\n")
    assert explained(done, 5, "store.unwritable")
    assert str(lonely.home_dir / "data") in done.err


@pytest.mark.parametrize("command", ["run", "start"])
def test_a_taken_port_is_named(lonely: Profile, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        lonely.set(CONTROL__PORT=port)
        done = lonely.cli(command)
    assert explained(done, 5, "agent.port_taken")
    assert str(port) in done.err
    assert lonely.cli("status").code == 3


class Stranger:
    """A program of somebody else on the agent's old port, and what it was told."""

    def __init__(self, port: int) -> None:
        self._listening = socket.create_server(("127.0.0.1", port))
        self.heard = b""
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listening.getsockname()[1])

    def _serve(self) -> None:
        body = b'{"api_version":1,"version":"0.1.0","boot_id":"00","pid":1,"proof":"00"}'
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        while True:
            try:
                peer, _address = self._listening.accept()
            except OSError:
                return
            with peer:
                peer.settimeout(1)
                self.heard += peer.recv(65536)
                peer.sendall(head.encode() + body)

    def close(self) -> None:
        """End it."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


@contextmanager
def a_stranger(port: int) -> Iterator[Stranger]:
    stranger = Stranger(port)
    yield stranger
    stranger.close()


def test_a_stranger_on_a_dead_agents_port_is_not_even_spoken_to(profile: Profile) -> None:
    profile.set_up()
    left = msgspec.json.decode(profile.paths.runtime_path.read_bytes())
    profile.kill()
    assert profile.paths.runtime_path.exists()
    with a_stranger(left["port"]) as stranger:
        assert explained(profile.cli("status"), 3, "agent.not_running")
    assert stranger.heard == b""


def test_a_stranger_in_a_live_agents_place_learns_no_secret(profile: Profile) -> None:
    profile.set_up()
    path = profile.paths.runtime_path
    right = path.read_bytes()
    token = msgspec.json.decode(right)["token"]
    with a_stranger(0) as stranger:
        path.write_bytes(msgspec.json.encode(msgspec.json.decode(right) | {"port": stranger.port}))
        for arguments in (("status",), ("link", MANAGER, "--email", GERENTE, "--password-stdin")):
            done = profile.cli(*arguments, input="senha-secreta\n")
            assert explained(done, 5, "agent.stranger")
            assert "stop --force" in done.err
    assert stranger.heard
    assert token.encode() not in stranger.heard
    assert b"senha-secreta" not in stranger.heard


def test_a_runtime_file_that_others_can_read_is_not_believed(profile: Profile) -> None:
    profile.set_up()
    Path(profile.paths.runtime_path).chmod(0o644)
    assert profile.cli("status").code in (4, 5)
