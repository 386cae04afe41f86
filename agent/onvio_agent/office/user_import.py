"""What importing a list of users would change in an office. Pure.

An import adds users, takes over names and notes the e-mails of those who are not linked. It never
changes a role, a situation or a link: an old list must not take anybody's access away. What the list
wishes beyond that becomes a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from onvio_agent.contract.user_import import Outcome
from onvio_agent.office.model import Link, Office, User, text_key
from onvio_agent.office.user_cells import Fault, Row


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One row's effect. `user` is who is there already; None: somebody new. `email`: to be noted."""

    row: Row
    outcome: Outcome
    user: User | None
    email: str | None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`faults`: rows that no import may take, and why; the others have a step each."""

    steps: tuple[Step, ...]
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]


def plan(office: Office, rows: Sequence[Row]) -> Plan:
    """What becomes of each row in `office`; the logins of `rows` are all different."""
    known = {text_key(user.login): user for user in office.users}
    steps: list[Step] = []
    faults: list[Fault] = []
    notes: list[Fault] = []
    for row in rows:
        user = known.get(text_key(row.login))
        if _contradicts(row, user):
            login = office.manager.login if office.manager is not None else "-"
            faults.append(Fault(row.line, "perfil", "import.manager", {"login": login}))
            continue
        email = _email_to_note(office, row, user)
        steps.append(Step(row=row, outcome=_outcome(row, user, email), user=user, email=email))
        notes += _notes(office, row, user)
    return Plan(steps=tuple(steps), faults=tuple(faults), notes=tuple(notes))


def _outcome(row: Row, user: User | None, email: str | None) -> Outcome:
    if user is None:
        return Outcome.ADDED
    if user.name != row.name:
        return Outcome.RENAMED
    return Outcome.UNCHANGED if email is None else Outcome.EMAIL_NOTED


def _email_to_note(office: Office, row: Row, user: User | None) -> str | None:
    """The row's e-mail, for somebody who is not linked, unless it is noted already or another's."""
    if row.email is None or _holder(office, row.email, user) is not None:
        return None
    link = user.link if user is not None else Link()
    return None if link.account is not None or link.expected_email == row.email else row.email


def _holder(office: Office, email: str, user: User | None) -> User | None:
    return office.holder_of_email(email, other_than=user.id if user is not None else 0)


def _contradicts(row: Row, user: User | None) -> bool:
    """Whether the list says of a Gerente that he is none, or of somebody else that he is one."""
    return row.manager is not None and row.manager is not (user is not None and user.is_manager)


def _notes(office: Office, row: Row, user: User | None) -> Iterator[Fault]:
    if user is not None and row.active is not None and row.active is not user.is_active:
        code = "import.still_inactive" if row.active else "import.still_active"
        yield Fault(row.line, "situação", code, {"login": user.login})
    if row.email is None:
        return
    account = user.link.account if user is not None else None
    if user is not None and account is not None and text_key(account.email) != text_key(row.email):
        fields = {"login": user.login, "email": account.email}
        yield Fault(row.line, "e-mail", "import.email_other", fields)
    holder = _holder(office, row.email, user)
    if holder is not None:
        yield Fault(row.line, "e-mail", "import.email_held", {"login": holder.login})
