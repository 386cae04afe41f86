"""Random sequences of what people and the clock do, on a real store, against a model of a few lines.

The model is a dictionary and knows no SQL; after every step both must tell the same.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from onvio_agent.contract.status import Role, Situation
from onvio_agent.errors import Refused
from onvio_agent.office.emails import freed_for
from onvio_agent.office.model import text_key
from onvio_agent.office.user_cells import Row
from onvio_agent.store.exec import ThreadExec
from onvio_agent.store.sqlite import SqliteStore, open_store
from support.store_parts import START, account, new_user, with_link

T = TypeVar("T")

LOGINS = ("dora", "Ana", "ana ")
people = st.sampled_from([1, 2, 3, 1, 2, 3, 4])
ages = st.sampled_from(
    [0, 0, 0, 0, 0, 0, 1]
)  # how many generations or serials too old a request is
names = st.sampled_from(["p", "q", "P", "r"])
subs = st.sampled_from(["auth0|1", "auth0|2", "auth0|3"])


@dataclass
class Person:
    login: str
    role: Role
    active: bool = True
    generation: int = 0
    linked: tuple[str, str] | None = None  # e-mail, sub
    confirmed: bool = False
    ended: str | None = None
    reported: str | None = None
    serial: int | None = None
    ticks: tuple[bool, bool] = field(default=(False, False))

    @property
    def stands(self) -> bool:
        return self.active and self.linked is not None and self.confirmed and self.ended is None

    @property
    def is_manager(self) -> bool:
        return self.active and self.role is Role.MANAGER

    def unlink(self) -> None:
        self.generation += 1
        self.linked, self.confirmed, self.ended, self.reported = None, False, None, None
        self.serial, self.ticks = None, (False, False)


class Sequences(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "agent.db"
        self.runner = asyncio.Runner()
        self.people: dict[int, Person] = {}
        self.queued = 0
        self.store: SqliteStore

    def run(self, work: Awaitable[T]) -> T:
        async def wait() -> T:
            return await work

        return self.runner.run(wait())

    def answer(self, work: Awaitable[T]) -> T | str:
        """What the store answers; of a refusal its code."""
        try:
            return self.run(work)
        except Refused as refused:
            return refused.code

    @initialize()
    def begin_with_an_office(self) -> None:
        self.open()
        for login, role in (
            ("chefe", Role.MANAGER),
            ("ana", Role.STANDARD),
            ("bia", Role.STANDARD),
        ):
            self.add_user(login, role)
        self.save_link(1, 0, "p", "auth0|1")
        self.confirm_portal(1, 0)
        self.save_link(2, 0, "q", "auth0|2")

    def open(self) -> None:
        self.exec_ = ThreadExec()
        self.store = self.run(open_store(self.path, self.exec_, clock_wall=lambda: START))

    @rule()
    def restart(self) -> None:
        self.close()
        self.open()

    def close(self) -> None:
        self.run(self.store.close())
        self.run(self.exec_.close())

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.close()
        self.runner.close()
        self.folder.cleanup()

    @rule(login=st.sampled_from(LOGINS), role=st.sampled_from(Role))
    def add_user(self, login: str, role: Role) -> None:
        taken = any(text_key(p.login) == text_key(login) for p in self.people.values())
        second = role is Role.MANAGER and any(p.is_manager for p in self.people.values())
        saved = self.answer(self.store.add_user(new_user(login, role=role), at=START))
        if isinstance(saved, str):
            assert saved == ("user.exists" if taken else "manager.exists")
            assert taken or second
            return
        assert not taken
        assert not second
        self.people[saved.id] = Person(login, role)

    @rule(
        logins=st.lists(st.sampled_from(["dora", "ANA", "chefe", "zeca"]), unique=True),
        manager=st.none() | st.booleans(),
        active=st.none() | st.booleans(),
        skip=st.booleans(),
    )
    def import_users(
        self, logins: list[str], manager: bool | None, active: bool | None, skip: bool
    ) -> None:
        rows = [
            Row(line=line, login=login, name="Nome", manager=manager, active=active)
            for line, login in enumerate(logins, 2)
        ]
        known = {text_key(person.login): person for person in self.people.values()}
        at = [(row, known.get(text_key(row.login))) for row in rows]
        bad = [
            row.line
            for row, person in at
            if manager is not None and manager is not (person is not None and person.is_manager)
        ]
        made = self.run(self.store.import_users(rows, skip_bad=skip, at=START))
        assert [fault.line for fault in made.faults] == bad
        if bad and not skip:
            return
        new = [row.login for row, person in at if person is None and row.line not in bad]
        users = self.run(self.store.office()).users[len(self.people) :]
        assert [user.login for user in users] == new
        for user in users:
            self.people[user.id] = Person(user.login, Role.STANDARD, active is not False)

    @rule(who=people, age=ages, name=names, sub=subs)
    def save_link(self, who: int, age: int, name: str, sub: str) -> None:
        person = self.people.get(who)
        if person is None:
            return
        linked = account(name, sub=sub)
        user = with_link(new_user(person.login), linked)
        freed = freed_for(self.run(self.store.office()), who, linked.email)
        holder = any(
            other.linked
            and (
                (text_key(other.linked[0]) == text_key(linked.email) and user_id not in freed)
                or other.linked[1] == sub
            )
            for user_id, other in self.people.items()
            if user_id != who
        )
        work = self.store.save_link(who, person.generation - age, user, b"sealed", at=START)
        if age or not person.active:
            assert not self.run(work)
            return
        done = self.answer(work)
        assert done == ("link.email_taken" if holder else True)
        if holder:
            return
        for user_id, new in freed.items():
            moved = self.people[user_id]
            assert moved.linked is not None
            moved.linked, moved.reported = (new, moved.linked[1]), None
        self.queued += person.serial is not None
        confirmed = person.confirmed and person.linked is not None and person.linked[1] == sub
        person.unlink()
        person.linked, person.confirmed, person.serial = (linked.email, sub), confirmed, 1
        person.ticks = (True, confirmed)

    @rule(who=people, age=ages)
    def confirm_portal(self, who: int, age: int) -> None:
        person = self.people.get(who, Person("-", Role.STANDARD))
        done = self.run(self.store.confirm_portal(who, person.generation - age, at=START))
        assert done == (age == 0 and person.linked is not None)
        if done:
            person.confirmed, person.ticks = True, (True, True)

    @rule(who=people, age=ages, keep=st.booleans())
    def end_link(self, who: int, age: int, keep: bool) -> None:
        person = self.people.get(who, Person("-", Role.STANDARD))
        work = self.store.end_link(
            who, person.generation - age, "link.session_ended", keep_tokens=keep
        )
        done = self.run(work)
        assert done == (age == 0 and person.linked is not None)
        if done:
            person.ended = "link.session_ended"
            person.serial = person.serial if keep else None

    @rule(who=people, age=ages)
    def reopen_link(self, who: int, age: int) -> None:
        person = self.people.get(who, Person("-", Role.STANDARD))
        done = self.run(self.store.reopen_link(who, person.generation - age))
        assert done == (age == 0 and person.linked is not None)
        if done:
            person.ended = None

    @rule(who=people, age=ages, successor=st.none() | people)
    def inactivate(self, who: int, age: int, successor: int | None) -> None:
        person = self.people.get(who)
        if person is None:
            return
        current = age == 0 and person.active
        heir = self.people.get(successor or 0)
        fits = heir is not None and heir is not person and person.is_manager and heir.stands
        work = self.store.inactivate(who, person.generation - age, successor, at=START)
        done = self.answer(work)
        if current and person.is_manager and successor is None:
            assert done == "manager.only"
            return
        assert done == (current and (fits if successor else not person.is_manager))
        if done:
            self.queued += person.serial is not None
            person.unlink()
            person.active, person.role = False, Role.STANDARD
            if heir is not None:
                heir.role = Role.MANAGER

    @rule(who=people)
    def activate(self, who: int) -> None:
        person = self.people.get(who)
        done = self.run(self.store.activate(who, at=START))
        assert done == (person is not None and not person.active)
        if person is not None and done:
            person.active = True
            person.generation += 1

    @rule(who=people)
    def promote(self, who: int) -> None:
        person = self.people.get(who)
        done = self.run(self.store.promote(who, at=START))
        assert done == (person is not None and person.stands and not person.is_manager)
        if person is not None and done:
            for other in self.people.values():
                other.role = Role.STANDARD
            person.role = Role.MANAGER

    @rule(who=people, age=ages, age_of_serial=ages, with_orphan=st.booleans())
    def store_refreshed(self, who: int, age: int, age_of_serial: int, with_orphan: bool) -> None:
        person = self.people.get(who, Person("-", Role.STANDARD))
        serial = (person.serial or 1) - age_of_serial
        orphan = b"orphan" if with_orphan else None
        generation = person.generation - age
        started = self.run(self.store.start_refresh(who, generation, serial, at=START))
        work = self.store.store_refreshed(who, generation, serial, b"next", orphan, at=START)
        done = self.run(work)
        assert done == started == (age == age_of_serial == 0 and person.serial is not None)
        if done:
            person.serial = serial + 1
        else:
            self.queued += with_orphan

    @rule(who=people, age=ages, name=names | st.none())
    def report_email(self, who: int, age: int, name: str | None) -> None:
        person = self.people.get(who, Person("-", Role.STANDARD))
        email = None if name is None else account(name).email
        taken = self.run(self.store.report_email(who, person.generation - age, email, at=START))
        if age or person.linked is None:
            assert taken == {}
            return
        person.reported = None if email == person.linked[0] else email
        for user_id, new in taken.items():
            moved = self.people[user_id]
            assert moved.reported == new
            assert moved.linked is not None
            moved.linked, moved.reported = (new, moved.linked[1]), None
        held = [text_key(p.linked[0]) for p in self.people.values() if p.linked]
        for other in self.people.values():
            assert other.reported is None or text_key(other.reported) in held

    @rule()
    def revoke_one(self) -> None:
        for waiting in self.run(self.store.revocations(1)):
            self.run(self.store.revocation_done(waiting.id))
            self.queued -= 1

    @invariant()
    def both_tell_the_same(self) -> None:
        if not hasattr(self, "store"):
            return
        office = self.run(self.store.office())
        assert [user.id for user in office.users] == list(self.people)
        for user in office.users:
            person = self.people[user.id]
            link = user.link
            linked = (link.account.email, link.account.sub) if link.account else None
            assert (user.login, user.role) == (person.login, person.role)
            assert (user.situation is Situation.ACTIVE) == person.active
            assert (link.generation, linked) == (person.generation, person.linked)
            assert (link.confirmed, link.ended) == (person.confirmed, person.ended)
            assert link.reported_email == person.reported
            assert (user.uses_onvio, user.uses_client_portal) == person.ticks
            tokens = self.run(self.store.tokens(user.id, link.generation))
            assert (tokens.serial if tokens else None) == person.serial
        assert len(self.run(self.store.revocations(10_000))) == self.queued
        emails = [text_key(p.linked[0]) for p in self.people.values() if p.linked]
        assert len(emails) == len(set(emails))
        assert sum(person.is_manager for person in self.people.values()) <= 1


TestSequences = Sequences.TestCase
TestSequences.settings = settings(
    max_examples=100,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
