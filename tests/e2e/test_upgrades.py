"""Upgrades as a person meets them: an older data file, a newer one, and the agent started anew."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from support.office import MANAGER, Profile


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


def test_an_agent_on_an_older_data_file_keeps_users_and_links(profile: Profile) -> None:
    profile.seat("ana")
    assert profile.stop() == 0
    path = profile.paths.store_path
    with closing(sqlite3.connect(path)) as db:  # as the schema before the last one left it
        db.executescript("ALTER TABLE retries DROP COLUMN set_mono; PRAGMA user_version = 2;")
        for kind, name in db.execute(
            "SELECT type, name FROM sqlite_master WHERE name LIKE 'sync_%' AND type = 'trigger'"
        ).fetchall():
            db.execute(f"DROP {kind} {name}")
        for (name,) in db.execute(
            "SELECT name FROM sqlite_master WHERE name LIKE 'sync_%' AND type = 'table'"
            " ORDER BY name DESC"
        ).fetchall():
            db.execute(f"DROP TABLE {name}")
        db.commit()
    profile.start()
    for login in (MANAGER, "ana"):
        profile.wait_icon(login, "green")
    assert path.with_name(f"{path.name}.schema-2").is_file()


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
