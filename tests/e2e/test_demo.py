"""The demonstration: complete, truthful, and gone without a trace afterwards."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from onvio_agent.contract.status import Snapshot, decode_snapshot
from support.office import PROGRAM, Profile
from support.programs import FROZEN
from support.trays import PIPES_DIR

_PATIENCE_S = 60.0


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Profile]:
    """A profile that the demonstration must not touch, and a folder for its temporary files."""
    made = Profile(tmp_path / "home")
    (tmp_path / "tmp").mkdir()
    made.environ["TMPDIR"] = str(tmp_path / "tmp")
    return made


def temporary_dir(profile: Profile) -> Path:
    return Path(profile.environ["TMPDIR"])


def children_of_demo(profile: Profile) -> list[int]:
    """Processes that work in the demonstration's folder."""
    mark = temporary_dir(profile).as_posix().encode()
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit() and int(path.name) != os.getpid():
            try:
                environ = (path / "environ").read_bytes()
                arguments = (path / "cmdline").read_bytes()
            except OSError:
                continue
            if b"ONVIO_AGENT_HOME=" + mark in environ or (arguments and mark in arguments):
                found.append(int(path.name))
    return found


def wait_until_gone(profile: Profile) -> None:
    deadline = time.monotonic() + 10
    while children_of_demo(profile):
        assert time.monotonic() < deadline, children_of_demo(profile)
        time.sleep(0.05)


@pytest.mark.skipif(bool(FROZEN), reason="a frozen tray takes no desktop of pipes")
def test_where_there_is_a_display_the_icon_is_there_and_ends_too(bare: Profile) -> None:
    """The display is one of pipes: what is shown comes out among the demonstration's files."""
    bare.environ |= {"DISPLAY": ":0", "PYTHONPATH": str(PIPES_DIR)}
    demo = subprocess.Popen(
        [*PROGRAM, "demo", "--json"], env=bare.environ, stdout=subprocess.PIPE, text=True
    )
    deadline, said = time.monotonic() + _PATIENCE_S, ""
    while '"icon":"green"' not in said:
        assert time.monotonic() < deadline
        time.sleep(0.05)
        said = "".join(path.read_text() for path in temporary_dir(bare).glob("*/tray.out"))
    demo.send_signal(signal.SIGINT)
    out, _err = demo.communicate(timeout=_PATIENCE_S)
    assert demo.returncode == 0
    assert decode_snapshot(out.encode()).icon.state == "green"
    wait_until_gone(bare)


def test_it_ends_by_itself_with_one_document_of_a_seeded_office(bare: Profile) -> None:
    started = time.monotonic()
    done = bare.cli("demo", "--for", "1", "--no-tray", "--json", timeout_s=_PATIENCE_S)
    assert done.code == 0, done
    snapshot = decode_snapshot(done.out.encode())
    icons = {user.login: (user.icon.state, user.icon.reason) for user in snapshot.users}
    assert icons == {
        "helena": ("green", None),
        "ana": ("green", None),
        "bruno": ("green", None),
        "carla": ("grey", "link.none"),
        "davi": ("grey", "user.inactive"),
    }
    assert time.monotonic() - started < 15
    assert list(temporary_dir(bare).iterdir()) == []
    assert children_of_demo(bare) == []
    assert [path.name for path in bare.home_dir.iterdir()] == [bare.password_path.name]


def begin(profile: Profile) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, "demo"],
        env=profile.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def read_until(running: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    assert running.stdout is not None
    for line in running.stdout:
        found = re.search(pattern, line)
        if found:
            return found
    raise AssertionError(f"never said: {pattern}")


def test_what_it_proposes_to_try_works_and_shows(bare: Profile) -> None:
    with begin(bare) as running:
        found = read_until(running, r"cd (\S+); export ONVIO_AGENT_HOME=\$PWD/(\S+)")
        folder, home = Path(found[1]), Path(found[1]) / found[2]
        revoke = read_until(running, r"curl -X POST (\S+/revoke)")[1]
        link = read_until(running, r"(onvio-agent link carla .*)")[1]
        other = Profile(home)
        snapshot: Snapshot = other.wait_icon("helena", "green")
        httpx.post(revoke, trust_env=False).raise_for_status()
        read_until(running, "ana▶")
        program = " ".join(PROGRAM)
        done = subprocess.run(  # noqa: S602 - as a reader would paste it
            link.replace("onvio-agent", program, 1), shell=True, check=True, env=other.environ,
            cwd=folder, capture_output=True, text=True,
        )  # fmt: skip
        assert done.stdout.startswith("▶ carla")
        assert snapshot.users
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=15)
    assert running.returncode == 0
    wait_until_gone(bare)
    assert list(temporary_dir(bare).iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
def test_its_processes_never_outlive_it(bare: Profile, number: signal.Signals) -> None:
    with begin(bare) as running:
        read_until(running, "export ONVIO_AGENT_HOME=")
        assert len(children_of_demo(bare)) >= 2
        running.send_signal(number)
        running.wait(15)
        wait_until_gone(bare)


def test_on_a_terminal_the_table_is_drawn_over_itself_below_the_hints(bare: Profile) -> None:
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))
    running = subprocess.Popen(
        [*PROGRAM, "demo", "--for", "4", "--no-tray"],
        env=bare.environ, stdin=follower, stdout=follower, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(follower)
    seen = b""
    with contextlib.suppress(OSError):  # Linux says so when the last writer has gone
        while chunk := os.read(leader, 65536):
            seen += chunk
    os.close(leader)
    assert running.wait(15) == 0
    text = seen.decode()
    assert text.count("export ONVIO_AGENT_HOME=") == 1
    rows = len(text.rsplit("\x1b[J", 1)[1].splitlines())
    assert f"\x1b[{rows}F\x1b[J" in text
