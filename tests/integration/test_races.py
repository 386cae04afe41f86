"""Two things at once, on real processes: what one action learns, another has already overtaken.

Latency faults keep a request in flight for as long as the race needs; what each race leaves behind
is read from the published status, the store and ONVIO's journal.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from onvio_agent.client import Agent
from onvio_agent.contract.status import Role
from onvio_agent.errors import Refused
from support.campaign import Tell, running_office
from support.ledger import stored_places
from support.office import EMAILS, MANAGER, MANAGER_PASSWORD, Profile
from support.sim import ANA, BRUNO, CARLA, Simulator, office_seed, password_of
from support.witness import CLIENT_INFO_PATH, PROBE_PATH, USERINFO_PATH, Witness

TOKEN_PATH = "/oauth/token"
REVOKE_PATH = "/oauth/revoke"
GREEN = ("green", None)
CLICKS = 20
PASSING = "de.passagem@escritorio.example"


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Call them all at the same moment, each in a thread; their results in order."""
    barrier = Barrier(len(calls))

    def call(each: Callable[[], Any]) -> Any:
        barrier.wait(10)
        return each()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def requests(simulator: Simulator, since: int, path: str, **fields: Any) -> list[dict[str, Any]]:
    """The journal's entries above `since` for `path` with these values."""
    return [
        entry
        for entry in simulator.journal(since)
        if entry["path"] == path and all(entry[key] == value for key, value in fields.items())
    ]


def last(simulator: Simulator) -> int:
    """The number of the newest entry."""
    entries = simulator.journal()
    return int(entries[-1]["n"]) if entries else 0


@pytest.mark.parametrize("email", [ANA, CARLA], ids=["same_account", "another_account"])
def test_linking_anew_while_a_check_is_in_flight(email: str, tmp_path: Path) -> None:
    with running_office(tmp_path, "ana", LINKS__INTERVAL_S=0.2, LINKS__VALID_S=60) as (
        simulator,
        profile,
    ):
        before = stored_places(profile.paths.store_path, tmp_path / "before")["ana"]
        simulator.fault("latency", "auth", value=0.8, path=USERINFO_PATH)
        time.sleep(0.7)  # a check takes 0.8 s of every second: one is in flight
        witness = Witness(profile)
        with witness.watching():
            with profile.manager() as agent:
                agent.link("ana", email, password_of(email))
            linked_at = time.time()
            simulator.clear()
            time.sleep(1.5)
        after = stored_places(profile.paths.store_path, tmp_path / "after")["ana"]
        assert after.generation == before.generation + 1
        shown = {sample.icon("ana") for sample in witness.since(linked_at)}
        assert shown == ({GREEN} if email == ANA else {("play", "portal.unconfirmed")})
        assert profile.user("ana")["onvio_email"] == email
        assert len(requests(simulator, 0, REVOKE_PATH, account=ANA, status=200)) == 1


@pytest.mark.parametrize("slow_paths", [(TOKEN_PATH, REVOKE_PATH), (TOKEN_PATH,)])
def test_inactivating_while_a_refresh_is_in_flight(
    slow_paths: tuple[str, ...], tmp_path: Path
) -> None:
    """The renewal ends after the link: its token is revoked too, or was revoked before it came."""
    settings = {"LINKS__INTERVAL_S": 0.3, "LINKS__REFRESH_AFTER_S": 1, "LINKS__VALID_S": 60}
    with running_office(tmp_path, "ana", **settings) as (simulator, profile):
        profile.add("carla")
        for path in slow_paths:
            simulator.fault("latency", "auth", value=2.5, path=path)
        time.sleep(1.6)  # by now her token is older than a second, and its renewal is on its way
        issued = [e["issued_fingerprint"] for e in simulator.journal() if e["account"] == ANA]
        token = [fingerprint for fingerprint in issued if fingerprint][-1]
        with profile.manager() as agent:
            agent.inactivate("ana", confirmed=True)
            since = last(simulator)
            assert profile.user("ana")["icon"]["reason"] == "user.inactive"
            agent.link("carla", ANA, password_of(ANA))  # the e-mail is free at once
        spent = {"token_fingerprint": token, "grant_type": "refresh_token"}
        profile.wait(lambda _: bool(requests(simulator, since, TOKEN_PATH, **spent)), "renewal")
        answer = requests(simulator, since, TOKEN_PATH, **spent)[0]
        assert answer["status"] == (200 if REVOKE_PATH in slow_paths else 403)
        dead = {token, answer["issued_fingerprint"] or token}
        profile.wait(lambda _: dead <= _revoked(simulator), "everything revoked")
        assert sorted(stored_places(profile.paths.store_path, tmp_path / "scratch")) == [
            "carla",
            MANAGER,
        ]
        assert profile.user("ana")["icon"]["reason"] == "user.inactive"
        profile.wait_icon("carla", "play", reason="portal.unconfirmed")


def _revoked(simulator: Simulator) -> set[str]:
    return {e["token_fingerprint"] for e in requests(simulator, 0, REVOKE_PATH, status=200)}


def test_twenty_clicks_at_once_are_one_probe_and_one_check_each(tmp_path: Path, tell: Tell) -> None:
    calm = {"PROBE__INTERVAL_S": 600, "PROBE__DEADLINE_S": 10, "LINKS__INTERVAL_S": 600}
    with running_office(tmp_path, "ana", LINKS__VALID_S=6000, **calm) as (simulator, profile):
        since = last(simulator)
        simulator.fault("latency", "api", value=2, path=PROBE_PATH)

        def click() -> Any:
            return Agent.connect(profile.paths).reconnect()

        snapshots = at_once(*[click] * CLICKS)
        assert {snapshot.icon.state for snapshot in snapshots} == {"green"}
        probes = requests(simulator, since, PROBE_PATH)
        checks = requests(simulator, since, USERINFO_PATH)
        tell("clicks at once", clicks=CLICKS, probes=len(probes), link_checks=len(checks))
        assert len(probes) == 1
        assert sorted(entry["account"] for entry in checks) == [ANA, EMAILS[MANAGER]]


@pytest.mark.parametrize("target", ["api", "auth"])
def test_no_number_of_clicks_breaks_a_wait_that_onvio_named(target: str, tmp_path: Path) -> None:
    with running_office(tmp_path, "ana", LINKS__VALID_S=1) as (simulator, profile):
        simulator.fault("limited", target, value=4)
        profile.wait_icon("ana", "grey", reason="onvio.limited")
        since = last(simulator)
        held = [e for e in simulator.journal() if (e["target"], e["status"]) == (target, 429)]
        at_once(*[lambda: Agent.connect(profile.paths).reconnect()] * 5)
        assert not [e for e in simulator.journal(since) if e["target"] == target]
        assert held
        simulator.clear()
        profile.wait_icon("ana", "green")


MANY = 24


def test_a_limit_also_stops_what_is_waiting_to_be_sent(tmp_path: Path) -> None:
    """One click checks everybody, few at a time: the first 429 keeps the rest at home."""
    logins = [f"user{number}" for number in range(MANY)]
    seed = office_seed()
    staff = seed["accounts"][1]
    for login in logins:
        email = f"{login}@escritorio.example"
        seed["accounts"].append({**staff, "email": email, "password": password_of(email)})
    simulator = Simulator(tmp_path / "simulator", seed)
    calm = {"LINKS__INTERVAL_S": 600, "LINKS__VALID_S": 6000}
    profile = Profile(tmp_path / "home", simulator, **calm)
    try:
        profile.seat()
        with profile.manager() as agent:
            for login in logins:
                email = f"{login}@escritorio.example"
                agent.add_user(login, login)
                agent.link(login, email, password_of(email))
        since = last(simulator)
        simulator.fault("latency", "auth", value=0.3)
        simulator.fault("limited", "auth", value=30)
        Agent.connect(profile.paths).reconnect()
        sent = [e for e in simulator.journal(since) if e["target"] == "auth"]
        assert 0 < len(sent) <= 8, f"{len(sent)} requests were sent, the last ones against a limit"
    finally:
        profile.kill()
        simulator.stop()


def test_the_gerentes_role_goes_over_and_back_and_stays_with_one(tmp_path: Path) -> None:
    with running_office(tmp_path, "ana", "bruno", LINKS__INTERVAL_S=0.3) as (simulator, profile):
        simulator.patch(ANA, role="administrator")
        simulator.patch(BRUNO, role="administrator")
        witness = Witness(profile)
        with witness.watching():
            holder = MANAGER
            for heir in ("ana", MANAGER, "bruno", MANAGER):
                former, holder = _signed_in(profile, holder), heir
                former.promote(heir)
                with pytest.raises(Refused, match=r"manager\.required"):
                    former.promote(MANAGER)  # his session has ended with the role
            first, second = _signed_in(profile, MANAGER), _signed_in(profile, MANAGER)
            at_once(*[_tried(first, "ana"), _tried(second, "bruno")])
        for sample in witness.samples:
            roles = [user.role for user in sample.snapshot.users]
            assert roles.count(Role.MANAGER) == 1
            assert {sample.icon(login) for login in (MANAGER, "ana", "bruno")} == {GREEN}
        final = {user.login: user.role for user in profile.status().users}
        assert [login for login, role in final.items() if role is Role.MANAGER] in (
            ["ana"],
            ["bruno"],
        )


def _signed_in(profile: Profile, manager: str) -> Agent:
    agent = Agent.connect(profile.paths)
    agent.session = agent.sign_in(manager, MANAGER_PASSWORD)
    return agent


def _tried(agent: Agent, heir: str) -> Callable[[], bool]:
    def promote() -> bool:
        try:
            agent.promote(heir)
        except Refused:
            return False
        return True

    return promote


def test_two_users_whose_accounts_swap_their_e_mails_stay_who_they_are(tmp_path: Path) -> None:
    with running_office(tmp_path, "ana", "bruno", LINKS__INTERVAL_S=0.3) as (simulator, profile):
        witness = Witness(profile)
        with witness.watching():
            since = last(simulator)
            for old, new in ((ANA, PASSING), (BRUNO, ANA), (PASSING, BRUNO)):
                simulator.control("PATCH", f"accounts/{old}", {"email": new})
            profile.wait(lambda s: _emails(s)["ana"] == BRUNO, "ana's new e-mail")
            profile.wait(lambda s: _emails(s)["bruno"] == ANA, "bruno's new e-mail")
            time.sleep(1)
        for sample in witness.samples:
            assert {sample.icon(login) for login in (MANAGER, "ana", "bruno")} == {GREEN}
            taken = [email for email in _emails(sample.snapshot).values() if email]
            assert len(taken) == len(set(taken))
        assert not requests(simulator, since, CLIENT_INFO_PATH, status=401)


def _emails(snapshot: Any) -> dict[str, str | None]:
    return {user.login: user.onvio_email for user in snapshot.users}
