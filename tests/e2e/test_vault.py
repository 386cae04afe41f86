"""`vault status` and `vault rotate`, on an office that is connected."""

from __future__ import annotations

from support.office import MANAGER, Profile
from support.sim import ANA


def test_the_key_is_changed_under_a_connected_office_and_nobody_signs_in_again(
    profile: Profile,
) -> None:
    profile.set_up()
    found = profile.cli("vault", "status", "--json")
    assert (found.code, found.json()) == (0, {"kind": None, "key_id": None, "state": "unset"})
    profile.connect_users(MANAGER, "ana")
    before = profile.cli("vault", "status", "--json").json()
    assert (before["kind"], before["state"]) == ("file", "open")

    done = profile.cli("vault", "rotate")
    assert (done.code, done.out, done.err.startswith("manager.required: ")) == (4, "", True)
    done = profile.cli("vault", "rotate", *profile.acting)
    assert done.code == 0, done
    after = profile.cli("vault", "status", "--json").json()
    assert after["key_id"] not in (None, before["key_id"])
    assert after["key_id"] in done.out

    assert profile.stop() == 0
    profile.start()
    for login in (MANAGER, "ana"):
        profile.wait_icon(login, "green")


def test_a_key_that_is_away_is_told_and_not_replaced(profile: Profile) -> None:
    profile.seat()
    assert profile.stop() == 0
    path = profile.paths.key_path
    away = path.rename(path.with_name("away"))
    profile.start()
    found = profile.cli("vault", "status", "--json")
    assert (found.code, found.json()["state"]) == (1, "locked")
    done = profile.cli("vault", "rotate", *profile.acting)
    assert (done.code, done.err.startswith("vault.locked: ")) == (5, True)
    away.rename(path)
    assert profile.cli("vault", "rotate", *profile.acting).code == 0
    profile.wait_icon(MANAGER, "green")


def test_many_new_keys_under_busy_checks_end_nobodys_link(profile: Profile) -> None:
    profile.set(LINKS__INTERVAL_S="0.2")
    profile.seat("ana")
    with profile.manager() as agent:
        for _turn in range(25):
            agent.vault("rotate")
            assert [user.link.state for user in agent.reconnect().users] == ["valid", "valid"]
    profile.wait_icon("ana", "green")


def test_the_key_of_a_running_agent_is_put_back_and_another_one_is_told(
    profile: Profile,
) -> None:
    profile.seat("ana")
    path = profile.paths.key_path
    key, other = path.read_bytes(), bytes(32)

    path.unlink()
    assert state_of(profile) == (0, "restored")
    assert (path.read_bytes(), state_of(profile)) == (key, (0, "open"))
    path.unlink()
    rungs = {rung["name"]: rung for rung in profile.cli("doctor", "--json").json()["rungs"]}
    assert (rungs["vault"]["ok"], path.read_bytes()) == (True, key)

    path.write_bytes(b"garbage")
    assert profile.link("ana", ANA).code == 0
    assert path.read_bytes() == key
    aside = path.with_name("vault.key.unusable")
    assert aside.read_bytes() == b"garbage"
    path.rename(aside.with_name("away"))
    path.symlink_to(aside)
    assert state_of(profile) == (0, "restored")
    assert (path.is_symlink(), path.read_bytes(), aside.read_bytes()) == (False, key, b"garbage")

    path.write_bytes(other)
    assert state_of(profile) == (1, "replaced")
    for done in (profile.link("ana", ANA), profile.cli("vault", "rotate", *profile.acting)):
        assert (done.code, done.err.startswith("vault.replaced: ")) == (5, True), done
    assert profile.cli("doctor", "--json").json()["broken"] == "vault.replaced"
    assert path.read_bytes() == other
    log = profile.paths.log_path.read_text()
    assert (log.count("vault.key_restored"), log.count("vault.key_replaced")) == (4, 1)

    in_use = path.with_name("vault.key.in-use")
    assert (in_use.read_bytes(), str(in_use) in log) == (key, True)
    path.unlink()
    assert state_of(profile) == (0, "restored")
    assert not in_use.exists()
    path.write_bytes(other)  # seen by nobody before the end
    assert profile.stop() == 0
    assert in_use.read_bytes() == key
    profile.start()
    profile.wait_icon("ana", "green")
    assert (state_of(profile), path.read_bytes()) == ((1, "replaced"), other)
    path.write_bytes(b"spoilt again")
    assert profile.cli("vault", "rotate", *profile.acting).code == 0
    assert profile.stop() == 0
    profile.start()
    for login in (MANAGER, "ana"):
        profile.wait_icon(login, "green")


def test_a_key_that_was_spoilt_and_comes_back_ends_what_its_loss_began(profile: Profile) -> None:
    profile.seat("ana")
    assert profile.stop() == 0
    path = profile.paths.key_path
    key = path.read_bytes()
    path.write_bytes(b"spoilt")
    profile.start(online=False)
    profile.wait_icon(MANAGER, "play", reason="vault.lost")
    assert state_of(profile) == (1, "lost")
    assert "link file" not in profile.cli("doctor").out
    done = profile.cli("vault", "rotate", *profile.acting)
    assert (done.code, done.err.startswith("vault.lost: ")) == (5, True)
    path.write_bytes(key)
    assert profile.cli("reconnect").code == 0
    for login in (MANAGER, "ana"):
        profile.wait_icon(login, "green")


def test_a_key_file_that_is_gone_for_good_is_given_up_by_the_gerente(profile: Profile) -> None:
    profile.seat()
    act = profile.acting
    done = profile.cli("vault", "renew", "--yes", *act)
    assert (done.code, done.err.startswith("vault.in_use: ")) == (4, True)
    assert profile.stop() == 0
    profile.paths.key_path.unlink()
    profile.start(online=False)
    profile.wait_icon(MANAGER, "grey", reason="vault.locked")
    assert profile.link(MANAGER).err.startswith("vault.locked: ")
    done = profile.cli("vault", "renew", *act)
    assert (done.code, done.err.startswith("vault.not_confirmed: ")) == (4, True)
    assert profile.cli("vault", "renew", "--yes").err.startswith("manager.required: ")
    profile.must("vault", "renew", "--yes", *act)
    assert state_of(profile) == (0, "open")
    assert profile.link(MANAGER).code == 0
    profile.wait_icon(MANAGER, "green")


def state_of(profile: Profile) -> tuple[int, str]:
    """Exit code and state of `vault status`."""
    done = profile.cli("vault", "status", "--json")
    return done.code, done.json()["state"]
