"""One agent per profile: the lock, seen from other processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from onvio_agent.errors import Failed, StoreFailed
from onvio_agent.lock import ProfileLock, holder_pid, is_held

_HOLD = (
    "import sys; from pathlib import Path; from onvio_agent.lock import ProfileLock\n"
    "lock = ProfileLock(Path(sys.argv[1])); lock.acquire(); print('held', flush=True)\n"
    "sys.stdin.read(); lock.release(); print('free', flush=True); sys.stdin.close()"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "agent.lock"


@contextmanager
def held_elsewhere(path: Path) -> Iterator[subprocess.Popen[str]]:
    """The lock in another process, until its stdin ends or it is killed."""
    command = [sys.executable, "-c", _HOLD, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield other


def test_a_lock_that_nobody_made_is_free_and_looking_makes_no_file(path: Path) -> None:
    assert not is_held(path)
    assert holder_pid(path) is None
    assert not path.exists()


def test_the_holder_is_named_and_keeps_a_second_one_out(path: Path) -> None:
    with held_elsewhere(path) as other:
        assert holder_pid(path) == other.pid
        with pytest.raises(Failed, match=r"agent\.already_running") as refused:
            ProfileLock(path).acquire()
        assert refused.value.fields == {"pid": other.pid}


def test_looking_does_no_harm_to_whoever_wants_it(path: Path) -> None:
    path.touch()
    for _ in range(200):
        assert not is_held(path)
        lock = ProfileLock(path)
        lock.acquire(timeout_s=0)
        lock.release()


def test_the_end_of_its_holder_frees_it_however_it_ends(path: Path) -> None:
    with held_elsewhere(path) as other:
        other.send_signal(signal.SIGKILL)
        other.wait(10)
        assert not is_held(path)
        assert holder_pid(path) is None  # though the file still names the dead one
    lock = ProfileLock(path)
    lock.acquire()
    assert holder_pid(path) == os.getpid()
    lock.release()
    assert holder_pid(path) is None


def test_patience_waits_for_it_to_be_free(path: Path) -> None:
    with held_elsewhere(path) as other:
        assert other.stdin is not None
        other.stdin.close()
        lock = ProfileLock(path)
        lock.acquire(timeout_s=5)
        lock.release()


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match=r"store\.unwritable"):
        ProfileLock(tmp_path / "missing" / "agent.lock").acquire()


def test_a_damaged_number_is_not_believed(path: Path) -> None:
    with held_elsewhere(path):
        path.write_bytes(b" -1\n")
        with pytest.raises(Failed, match=r"agent\.not_answering"):
            holder_pid(path, patience_s=0.1)
