"""kill -9 in the middle of refreshes: what is stored is never spent twice, nothing else is lost.

Each life of the agent is ended at a random but seeded instant: while it starts, while refreshes are
on their way, or just after ONVIO has answered one. `KILLS` in the environment makes it longer,
`KILLS_SEED` makes it another one.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from support.campaign import Tell, running_office
from support.ledger import Ledger, Place, stored_places
from support.office import EMAILS, MANAGER, Profile
from support.sim import Simulator, password_of

KILLS = int(os.environ.get("KILLS", "50"))
LOGINS = (MANAGER, "ana", "bruno")
SEED = int(os.environ.get("KILLS_SEED", "20261124"))
LATENCY_S = 0.15
"""Between the sending of a refresh and ONVIO's acting on it; shorter than an agent's start, so that
what one life has sent is acted upon before the next one asks."""
SETTINGS = {
    "LINKS__INTERVAL_S": 0.3,
    "LINKS__REFRESH_AFTER_S": 1,  # the least there is: some refresh is nearly always under way
    "LINKS__VALID_S": 30,
    "PROBE__VALID_MIN_S": 30,
}
_ANSWER_LIMIT_S = 30.0
_JUST_AFTER_S = 0.012  # sealing and storing a token take milliseconds


@pytest.mark.slow
@pytest.mark.timeout(60 + 12 * KILLS)
@pytest.mark.parametrize("leeway_s", [60, 0], ids=["leeway_60", "leeway_0"])
def test_kills_cost_only_what_was_in_flight(leeway_s: int, tmp_path: Path, tell: Tell) -> None:
    with running_office(tmp_path, *LOGINS[1:], **SETTINGS) as (simulator, profile):
        simulator.rotation(leeway_s)
        simulator.fault("latency", "auth", value=LATENCY_S, path="/oauth/token")
        torture = Torture(simulator, profile, tmp_path / "scratch")
        torture.kill()
        for _ in range(KILLS - 1):
            torture.one_life()
        torture.last_life()
        figures = torture.figures()
        campaign = f"kills, leeway {leeway_s} s"
        tell(campaign, kills=KILLS, **figures)
        assert figures["spent_again_after_their_successor_was_stored"] == 0
        assert figures["answers_in_flight"] > 0, (
            "no kill met a refresh: the campaign proves nothing"
        )
        if leeway_s:
            assert figures["links_ended"] == 0
        else:
            assert figures["links_ended"] == figures["answers_in_flight"]


class Torture:
    """One office whose agent is killed again and again."""

    def __init__(self, simulator: Simulator, profile: Profile, scratch_dir: Path) -> None:
        self.simulator = simulator
        self.profile = profile
        self.rng = random.Random(SEED)
        self._scratch_dir = scratch_dir
        self._read = 0
        self._ledgers = {login: Ledger() for login in LOGINS}
        self._ended = 0

    def kill(self) -> None:
        """SIGKILL, and the books of that life."""
        self.profile.kill()
        time.sleep(LATENCY_S + 0.1)  # what it has sent is acted upon even now
        self._close_the_books()

    def _close_the_books(self) -> None:
        entries = self.simulator.journal(self._read)
        self._read = entries[-1]["n"] if entries else self._read
        stored = stored_places(self.profile.paths.store_path, self._scratch_dir)
        for login, ledger in self._ledgers.items():
            own = [entry for entry in entries if entry["account"] == EMAILS[login]]
            ledger.read(own, stored.get(login))

    def one_life(self) -> None:
        """Start, and kill at some instant."""
        self.profile.launch()
        how = self.rng.choice(("starting", "running", "answered"))
        if how == "starting":
            time.sleep(self.rng.uniform(0.2, 0.8))
        elif how == "running":
            self._settle()
            time.sleep(self.rng.uniform(0.0, 1.2))
        else:
            self._await_answer()
            time.sleep(self.rng.uniform(0.0, _JUST_AFTER_S))
        self.kill()

    def last_life(self) -> None:
        """In the end everybody is green, and SIGTERM loses nothing at all."""
        self.profile.launch()
        self._settle()
        self._await_answer()
        lost = self._count_lost()
        assert self.profile.stop() == 0
        self._close_the_books()
        assert self._count_lost() == lost

    def figures(self) -> dict[str, int]:
        """What happened, counted."""
        books = list(self._ledgers.values())
        assert sum(book.refused for book in books) == self._ended
        return {
            "refreshes": sum(book.refreshed for book in books),
            "answers_in_flight": self._count_lost(),
            "links_ended": self._ended,
            "spent_again_after_their_successor_was_stored": sum(b.spent_again for b in books),
        }

    def _count_lost(self) -> int:
        return sum(book.lost for book in self._ledgers.values())

    def _await_answer(self) -> None:
        """Until ONVIO has acted on a refresh of this life."""
        deadline = time.monotonic() + _ANSWER_LIMIT_S
        while time.monotonic() < deadline:
            entries = self.simulator.journal(self._read)
            if any(entry["grant_type"] == "refresh_token" for entry in entries):
                return

    def _settle(self) -> None:
        """Wait until each link is green or ended; who has ended signs in again."""
        self.profile.await_answer()
        while ended := self._ended_now():
            for login in ended:
                with self.profile.manager() as agent:
                    agent.link(login, EMAILS[login], password_of(EMAILS[login]))
            self._ended += len(ended)
        for login in LOGINS:
            self.profile.wait_icon(login, "green")

    def _ended_now(self) -> list[str]:
        """Whose session has ended, once each has been judged; the Gerente alone holds all others."""

        def icons() -> dict[str, tuple[str, str | None]]:
            users = self.profile.status().users
            return {user.login: (str(user.icon.state), user.icon.reason) for user in users}

        final = (("green", None), ("play", "link.session_ended"), ("grey", "manager.waiting"))
        self.profile.wait(
            lambda snapshot: all(
                (str(user.icon.state), user.icon.reason) in final for user in snapshot.users
            ),
            "judged",
        )
        shown = icons()
        return [login for login in LOGINS if shown[login] == ("play", "link.session_ended")]


def entry(token: str, issued: str | None, grant: str = "refresh_token") -> dict[str, object]:
    status, error = (200, None) if issued else (403, "invalid_grant")
    return {
        "grant_type": grant,
        "token_fingerprint": token,
        "issued_fingerprint": issued,
        "status": status,
        "error": error,
    }


def test_the_books_show_a_token_that_was_spent_after_its_successor_was_stored() -> None:
    ledger = Ledger()
    ledger.read([entry("", "a", "password"), entry("a", "b")], Place(1, 2))
    ledger.read([entry("a", "c")], Place(1, 2))
    assert ledger.spent_again == 1


def test_the_books_show_a_link_that_was_lost_without_an_answer_in_flight() -> None:
    ledger = Ledger()
    ledger.read([entry("", "a", "password"), entry("a", "b")], Place(1, 2))
    with pytest.raises(AssertionError):
        ledger.read([entry("b", None)], None)


def test_the_books_forgive_an_answer_that_a_kill_kept_from_being_stored() -> None:
    ledger = Ledger()
    ledger.read([entry("", "a", "password"), entry("a", "b")], Place(1, 1))
    ledger.read([entry("a", None)], None)
    assert (ledger.lost, ledger.refused) == (1, 1)
