"""`users export` and `users erase`: one person's data given out, and gone from the data folder."""

from __future__ import annotations

import json
from pathlib import Path

from onvio_agent.client import Agent
from support.office import MANAGER, NAMES, Profile
from support.sim import ANA


def test_all_that_is_kept_of_one_person_is_given_out_and_erased(
    profile: Profile, tmp_path: Path
) -> None:
    profile.seat("ana")
    done = profile.cli("users", "export", "ana")
    assert (done.code, done.err.startswith("manager.required: ")) == (4, True)
    found = profile.must("users", "export", "ana", *profile.acting).json()
    assert found["users"][0]["name"] == NAMES["ana"]
    assert found["links"][0]["email"] == ANA
    assert found["history"]
    assert "sealed" not in json.dumps(found)
    file = tmp_path / "ana.json"
    profile.must("users", "export", "ana", str(file), *profile.acting)
    assert json.loads(file.read_text("utf-8"))["users"] == found["users"]
    assert file.stat().st_mode & 0o777 == 0o600
    done = profile.cli("users", "export", "ana", str(file), *profile.acting)
    assert (done.code, done.err.startswith("backup.exists: ")) == (4, True)

    erase = ("users", "erase", "ana", *profile.acting)
    assert profile.cli(*erase).code == 2
    done = profile.cli(*erase, "--yes")
    assert (done.code, done.err.startswith("user.still_active: ")) == (4, True)
    done = profile.cli("users", "erase", MANAGER, "--yes", *profile.acting)
    assert (done.code, done.err.startswith("manager.only: ")) == (4, True)
    profile.must("inactivate", "ana", "--yes", *profile.acting)
    told = Agent.connect(profile.paths).stream()
    next(told)
    profile.must(*erase, "--yes")
    assert any(news and len(news.users) == 1 for news in told)
    before = profile.status().agent.revision
    assert profile.status().agent.revision < before + 5  # nobody is told again and again
    done = profile.cli("users", "export", "ana", *profile.acting)
    assert (done.code, done.err.startswith("user.unknown: ")) == (4, True)
    assert profile.stop() == 0

    kept = b"".join(path.read_bytes() for path in profile.paths.data_dir.glob("agent.db*"))
    for trace in (NAMES["ana"], ANA, "Ana Moreira"):
        assert trace.encode() not in kept
    profile.start()
    profile.wait_icon(MANAGER, "green")
    assert [user.login for user in profile.status().users] == [MANAGER]
    profile.add("ana")
    found = profile.must("users", "export", "ana", *profile.acting).json()
    assert {row["before_state"] for row in found["history"]} <= {"none"}  # of the new user
