"""`vault status` and `vault rotate`, on an office that is connected."""

from __future__ import annotations

from support.office import MANAGER, Profile


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
            agent.vault(rotate=True)
            assert [user.link.state for user in agent.reconnect().users] == ["valid", "valid"]
    profile.wait_icon("ana", "green")
