"""Follows one account's refresh tokens over the lives of an agent that is killed again and again.

Why: "no token is spent twice, none is lost but by an answer in flight" is judged from outside: by the
fingerprints in ONVIO's journal, and by the place of the stored token after each kill.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

Entry = dict[str, Any]

_STORED = """
SELECT login, tokens.generation, serial FROM users JOIN tokens ON tokens.user_id = users.id
"""


class Place(NamedTuple):
    """Where a stored token stands: its link's generation, and its number within it."""

    generation: int
    serial: int


def stored_places(store_path: Path, scratch_dir: Path) -> dict[str, Place]:
    """By login: the token that a killed agent has left. Reads a copy, so that nothing is mended."""
    scratch_dir.mkdir(exist_ok=True)
    for suffix in ("", "-wal"):
        source = store_path.with_name(store_path.name + suffix)
        copy = scratch_dir / source.name
        copy.unlink(missing_ok=True)
        if source.exists():
            shutil.copyfile(source, copy)
    with closing(sqlite3.connect(scratch_dir / store_path.name)) as db:
        rows = db.execute(_STORED).fetchall()
    return {login: Place(generation, serial) for login, generation, serial in rows}


class Ledger:
    """One account, from before its first sign-in on. `refreshed`: answers to refreshes given.

    `spent_again`: presentations of a token whose successor was stored; there must be none.
    """

    def __init__(self) -> None:
        self._place = Place(0, 0)
        self._tokens: dict[Place, str] = {}
        self._lost: dict[str, Entry] = {}
        self._refused: dict[str, Entry] = {}
        self.refreshed = 0
        self.spent_again = 0

    @property
    def lost(self) -> int:
        """Answers that were in flight at a kill, of different tokens."""
        return len(self._lost)

    @property
    def refused(self) -> int:
        """Tokens that ONVIO refused."""
        return len(self._refused)

    def read(self, entries: Sequence[Entry], stored: Place | None) -> None:
        """One life: the account's requests in it, and what lay in the store after its kill."""
        place = self._place
        last: Entry | None = None
        for entry in entries:
            grant, issued = entry["grant_type"], entry["issued_fingerprint"]
            if grant == "password" and issued is not None:  # linked anew
                place, last = Place(place.generation + 1, 1), None
                self._tokens[place] = issued
            elif grant == "refresh_token":
                if last is not None and last["token_fingerprint"] != entry["token_fingerprint"]:
                    place = Place(place.generation, place.serial + 1)
                self._present(place, entry)
                last = entry
        self._end(place, last, entries[-1] if entries else None, stored)

    def _present(self, place: Place, entry: Entry) -> None:
        """A token is spent: it must be the one of its place, and of no earlier one."""
        token = entry["token_fingerprint"]
        former = [spent for earlier, spent in self._tokens.items() if earlier < place]
        if token in former:
            self.spent_again += 1
            return
        assert self._tokens.setdefault(place, token) == token, (place, entry)
        if entry["status"] == 200:
            self.refreshed += 1
            return
        assert entry["error"] == "invalid_grant", entry
        assert token in self._lost, f"refused though no answer to it was in flight: {entry}"
        self._refused[token] = entry

    def _end(
        self,
        place: Place,
        last: Entry | None,
        newest: Entry | None,
        stored: Place | None,
    ) -> None:
        """What the end has cost: at `place` stands the token spent last."""
        if last is not None and last["status"] == 200:
            spent = last["token_fingerprint"]
            if stored == place:  # its answer never reached the store, so nothing can have used it
                assert newest is last, (last, newest)
                self._lost[spent] = last
            else:
                assert stored == Place(place.generation, place.serial + 1), (stored, place)
                self._tokens[stored] = last["issued_fingerprint"]
        elif stored is not None:
            assert stored == place, (stored, place)
        self._place = stored or place
