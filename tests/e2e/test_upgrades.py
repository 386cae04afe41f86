"""Upgrades and moves as a person meets them: an older data file, a newer one, a backup and its restore."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

from support.office import MANAGER, Profile

FIRST = Path(__file__).parents[1] / "data" / "stores" / "schema-1.db.gz"


def test_a_data_file_of_a_newer_version_is_refused_in_one_sentence_with_the_next_step(
    profile: Profile,
) -> None:
    profile.set_up()
    assert profile.stop() == 0
    with closing(sqlite3.connect(profile.paths.store_path)) as db:
        db.execute("PRAGMA user_version = 4711")
    profile.set(UI__LANGUAGE="pt_BR")
    for command in ("start", "run"):
        done = profile.cli(command)
        assert (done.code, done.out) == (5, ""), done
        assert done.err.splitlines() == [
            "store.newer: O arquivo de dados foi gravado por uma versão mais nova do agente.",
            "→ Instale de novo a versão mais nova, ou restaure um backup.",
        ]
    found = profile.cli("doctor", "--json").json()
    assert [rung["reason"] for rung in found["rungs"] if rung["name"] == "store"] == ["store.newer"]


def test_an_agent_on_the_first_schemas_data_file_keeps_its_users(profile: Profile) -> None:
    profile.paths.ensure()
    path = profile.paths.store_path
    path.write_bytes(gzip.decompress(FIRST.read_bytes()))
    assert profile.cli("start").code == 0
    users = profile.cli("users", "list", "--json").json()
    assert [user["login"] for user in users] == ["helena", "ana", "davi", "carla"]
    assert path.with_name(f"{path.name}.schema-1").is_file()
    assert profile.cli("stop").code == 0


def test_a_backup_of_a_running_agent_is_restored_and_everybody_signs_in_again(
    profile: Profile, tmp_path: Path
) -> None:
    profile.seat("ana")
    file = tmp_path / "escritorio.backup"
    assert profile.cli("backup", str(file)).code == 0
    done = profile.cli("restore", str(file), "--yes")
    assert (done.code, done.err.startswith("agent.already_running: ")) == (5, True)
    assert profile.stop() == 0
    done = profile.cli("restore", str(file))
    assert (done.code, done.err.startswith("backup.not_confirmed: ")) == (4, True)
    assert profile.cli("restore", str(file), "--yes").code == 0
    assert list(profile.paths.data_dir.glob("agent.db.replaced-*"))
    profile.start()
    profile.wait_icon(MANAGER, "play")
    profile.connect_users(MANAGER, "ana")
    for login in (MANAGER, "ana"):
        profile.wait_icon(login, "green")


def test_what_is_no_good_backup_is_refused_and_changes_nothing(
    profile: Profile, tmp_path: Path
) -> None:
    file, bad = tmp_path / "escritorio.backup", tmp_path / "bad"
    done = profile.cli("backup", str(file))
    assert (done.code, done.err.startswith("backup.nothing: ")) == (5, True)
    profile.set_up()
    assert profile.stop() == 0
    assert profile.cli("backup", str(file)).code == 0
    done = profile.cli("backup", str(file))
    assert (done.code, done.err.startswith("backup.exists: ")) == (4, True)
    before = profile.paths.store_path.read_bytes()
    done = profile.cli("restore", str(file))
    assert (done.code, done.err.startswith("backup.not_confirmed: ")) == (4, True)
    for data, code in (
        (file.read_bytes()[:-200], "backup.damaged"),
        (b"PK\x03\x04 ../../evil", "backup.foreign"),
    ):
        bad.write_bytes(data)
        done = profile.cli("restore", str(bad), "--yes")
        assert (done.code, done.err.startswith(f"{code}: ")) == (5, True)
    assert profile.paths.store_path.read_bytes() == before
