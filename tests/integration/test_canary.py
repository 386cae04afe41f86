"""Planted secrets are nowhere but where they belong.

One whole life of an agent, at log level debug: set up, linked with wrong and right passwords, ill
answers while tokens are on their way, killed and started again, a user inactivated, stopped. Then
everything that was written, said or shown by a process is searched.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.canary import files_below, forms, leaks, process_bytes
from support.office import MANAGER, PROGRAM, Profile
from support.sim import ANA, CARLA, GERENTE, Simulator, office_seed

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc")

PASSWORDS = {
    GERENTE: 'canário Gerente%+&"=ção-7Qx2',
    ANA: "canário-Ana 50% \\n{x}ß'é-8Rk3",
    CARLA: "canario.Carla=eyJhbGciOi.J9-4Zt",
}
WRONG = "canário errado: senha-do-Domínio=9Lm"
MANAGER_PASSWORD = "canário do Gerente aqui-5Vb"
WRONG_MANAGER_PASSWORD = "canário errado aqui-6Np"


class Witness:
    """A profile whose every command is watched: what it said, and what its process showed."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self.folder = folder
        self.simulator = simulator
        self.profile = Profile(folder / "home", simulator, LOG__LEVEL="debug")
        self.profile.password_path.unlink()
        self.temporary_dir = folder / "tmp"
        self.temporary_dir.mkdir()
        self.profile.environ["TMPDIR"] = str(self.temporary_dir)
        self.manager_path = self._file("manager", MANAGER_PASSWORD)
        self.wrong_manager_path = self._file("wrong", WRONG_MANAGER_PASSWORD)
        self.said: list[tuple[str, bytes]] = []
        self.shown: dict[bytes, str] = {}
        self.tokens: dict[str, str] = {}
        self.agent_pid = 0

    def _file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text + "\n", encoding="utf-8")
        return path

    def run(self, *arguments: str, given: str = "", codes: tuple[int, ...] = (0,)) -> bytes:
        """One command, watched while it runs; what it wrote to stdout."""
        process = subprocess.Popen(
            [*PROGRAM, *arguments],
            env=self.profile.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(given.encode() + b"\n")
        process.stdin.flush()
        while process.poll() is None:
            for pid in (process.pid, self.agent_pid):
                self.shown.setdefault(process_bytes(pid), f"process of {arguments[0]}")
            time.sleep(0.01)
        out, err = process.communicate()
        self.said += [(f"stdout of {arguments}", out), (f"stderr of {arguments}", err)]
        self._note_tokens()
        assert process.returncode in codes, (arguments, process.returncode, out, err)
        return out

    def act(self, *arguments: str, given: str = "", codes: tuple[int, ...] = (0,)) -> bytes:
        """The same in the Gerente's name."""
        acting = ("--as", MANAGER, "--as-password-file", str(self.manager_path))
        return self.run(*arguments, *acting, given=given, codes=codes)

    def sign_in(self, command: str, login: str, email: str, password: str, *codes: int) -> None:
        """`link` or `portal`."""
        arguments = (command, login, "--email", email, "--password-stdin")
        self.act(*arguments, given=password, codes=codes or (0,))

    def start(self) -> None:
        """Start it as users do: in the background, its output in a file."""
        self.run("start")
        self.agent_pid = json.loads(self.run("status", "--json", codes=(0, 1)))["agent"]["pid"]

    def _note_tokens(self) -> None:
        """Every token that ONVIO has issued and still knows."""
        for path in self.simulator.folder.rglob("cloud.json"):
            tokens = json.loads(path.read_text())["world"]["tokens"]
            for token in tokens["access"]:
                self.tokens.setdefault(token, f"access token {len(self.tokens)}")
            for family in tokens["families"].values():
                for token in (family["current"], *family["retired"]):
                    self.tokens.setdefault(token, f"refresh token {len(self.tokens)}")


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    seed = office_seed()
    for account in seed["accounts"]:
        account["password"] = PASSWORDS.get(account["email"], "sem importância")
    simulator = Simulator(tmp_path / "onvio", seed)
    made = Witness(tmp_path / "agent", simulator)
    yield made
    made.profile.cli("stop", "--force")
    simulator.stop()


def live(witness: Witness) -> dict[str, str | bytes]:
    """The life; returns the secrets of the agent's own making, by name."""
    profile = witness.profile
    witness.run(
        "setup", "--login", MANAGER, "--name", "Helena", "--password-stdin", given=MANAGER_PASSWORD
    )
    witness.start()
    profile.wait(lambda snapshot: snapshot.connection.state == "online", "online")
    own: dict[str, str | bytes] = {
        "vault key": profile.paths.key_path.read_bytes()
        if profile.paths.key_path.exists()
        else b"",
        "API token": json.loads(profile.paths.runtime_path.read_text())["token"],
    }
    login = ("login", "--login", MANAGER, "--password-stdin")
    witness.run(*login, given=WRONG_MANAGER_PASSWORD, codes=(4,))
    witness.run(*login, given=MANAGER_PASSWORD)
    own["session token"] = json.loads(profile.paths.session_path.read_text())["session"]
    witness.run("users", "add", "ana", "--name", "Ana")
    wrong = ("--as", MANAGER, "--as-password-file", str(witness.wrong_manager_path))
    witness.run("users", "add", "eva", "--name", "Eva", *wrong, codes=(4,))
    _link(witness)
    own["vault key"] = profile.paths.key_path.read_bytes()
    _fall_ill(witness)
    profile.wait_icon(MANAGER, "green")
    profile.wait_icon("ana", "green")
    witness.run("stop", "--force", codes=(0,))
    witness.start()
    profile.wait_icon("ana", "green")
    own["second API token"] = json.loads(profile.paths.runtime_path.read_text())["token"]
    witness.act("inactivate", "ana", "--yes")
    profile.wait_icon(MANAGER, "green")
    for reading in (
        ("status",), ("status", "--json"), ("users", "show", "ana"),
        ("users", "show", MANAGER, "--json"), ("logs",), ("logs", "--json"),
        ("config", "show", "--origin"),
    ):  # fmt: skip
        witness.run(*reading, codes=(0, 1))
    return own


def _link(witness: Witness) -> None:
    witness.sign_in("link", MANAGER, GERENTE, WRONG, 4)
    witness.simulator.fault("latency", "auth", times=1, value=0.3)
    witness.sign_in("link", MANAGER, GERENTE, PASSWORDS[GERENTE])
    witness.sign_in("portal", MANAGER, GERENTE, WRONG, 4)
    witness.sign_in("portal", MANAGER, GERENTE, PASSWORDS[GERENTE])
    for kind in ("truncated", "content_type", "html", "http_500", "reset"):
        value = {"reset": "after"}.get(kind)
        witness.simulator.fault(kind, "auth", times=1, value=value, path="/oauth/token")
        witness.sign_in("link", "ana", ANA, PASSWORDS[ANA], 0, 4, 5)
    witness.simulator.clear()
    witness.sign_in("link", "ana", ANA, PASSWORDS[ANA])
    witness.sign_in("portal", "ana", CARLA, PASSWORDS[CARLA], 4)
    witness.sign_in("portal", "ana", ANA, PASSWORDS[ANA])


def _fall_ill(witness: Witness) -> None:
    """Refreshes whose answers, full of tokens, go wrong in every way; then one that goes well."""
    simulator = witness.simulator
    simulator.rotation(60)
    for kind in ("truncated", "content_type", "reset", "html"):
        value = {"reset": "after"}.get(kind)
        simulator.fault(kind, "auth", times=2, value=value, path="/oauth/token")
        simulator.revoke(ANA, "access")
        simulator.revoke(GERENTE, "access")
        witness.run("reconnect", codes=(0, 1))
        simulator.fault(kind, "api", times=2, value=value)
        witness.run("reconnect", "ana", codes=(0, 1))
        simulator.clear()
        witness.run("reconnect", codes=(0, 1))


@linux_only
@pytest.mark.slow
def test_planted_secrets_are_nowhere_but_where_they_belong(witness: Witness) -> None:
    own = live(witness)
    profile = witness.profile
    passwords: dict[str, str | bytes] = {
        f"ONVIO password of {email}": password for email, password in PASSWORDS.items()
    }
    passwords |= {
        "wrong ONVIO password": WRONG,
        "Gerente's password": MANAGER_PASSWORD,
        "wrong Gerente's password": WRONG_MANAGER_PASSWORD,
    }
    planted = passwords | own | {name: token for token, name in witness.tokens.items()}
    assert len(witness.tokens) >= 10
    assert all(len(secret) >= 16 for secret in planted.values())

    files = files_below(profile.home_dir, witness.temporary_dir)
    expected = [
        "API token in run/runtime.json",
        "session token in run/session.json",
        "vault key in data/vault.key",
    ]
    running = {**own, "API token": own["second API token"]}
    del running["second API token"]
    found_home = leaks(
        running, [file for file in files if file[0].startswith(("run/", "data/vault"))]
    )
    assert sorted(found_home) == expected, "the search itself is blind"

    at_home = ("run/runtime.json", "run/session.json", "data/vault.key")
    elsewhere = [file for file in files if file[0] not in at_home]
    shown = [(place, content) for content, place in witness.shown.items()]
    names = [name for name, _content in elsewhere]
    assert any("agent.db" in name for name in names)
    assert any(name.startswith("logs/") for name in names)
    assert len(shown) >= 5
    assert leaks(planted, [*elsewhere, *witness.said, *shown]) == []
    strangers = passwords | {name: token for token, name in witness.tokens.items()}
    assert leaks(strangers, [file for file in files if file[0] in at_home]) == []

    witness.run("logout", codes=(0,))
    witness.run("stop")
    left = files_below(profile.home_dir, witness.temporary_dir)
    assert leaks(planted, [file for file in left if file[0] != "data/vault.key"]) == []
    print(f"canary: {len(planted)} secrets, {len(left)} files, {len(witness.said)} outputs")


@linux_only
def test_a_proxys_password_is_not_repeated(tmp_path: Path) -> None:
    """It lies in the environment, where a person put it, and must not come out of there."""
    secret = "canario-proxy-3Wd7"
    nowhere = "https://onvio.invalid"
    profile = Profile(
        tmp_path / "home", ONVIO__API_URL=nowhere, ONVIO__AUTH_URL=nowhere, LOG__LEVEL="debug"
    )
    profile.environ["HTTPS_PROXY"] = f"http://pessoa:{secret}@127.0.0.1:9"
    profile.start(online=False)
    profile.wait(lambda snapshot: snapshot.connection.reason is not None, "a reason")
    said = [profile.cli(*words) for words in (("status",), ("config", "show"), ("logs", "--json"))]
    profile.stop()
    places = [*files_below(profile.home_dir), ("outputs", repr(said).encode())]
    assert leaks({"proxy password": secret}, places) == []


def test_the_search_finds_a_secret_in_any_of_its_forms() -> None:
    secret = 'uma senha "ção" & 50%'
    assert leaks({"it": secret}, [(str(number), form) for number, form in enumerate(forms(secret))])
    for text in (f"x{secret}y".encode(), json.dumps({"k": secret}).encode()):
        assert leaks({"it": secret}, [("here", text)]) == ["it in here"]
    for skipped in range(3):
        inside = base64.b64encode(b"#" * skipped + secret.encode() + b"##")
        assert leaks({"it": secret}, [("here", inside)]) == ["it in here"]
    assert leaks({"it": secret}, [("here", b"uma senha")]) == []
