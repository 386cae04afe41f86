"""Small offices for tests of rules and verdicts."""

from __future__ import annotations

import msgspec

from onvio_agent.contract.status import Role, Situation
from onvio_agent.office.model import Account, Link, Office, OnvioRole, User

ISSUER = "https://auth.example/"
CNPJ = "11222333000181"


def account(name: str, **changes: object) -> Account:
    """`name`'s own ONVIO account."""
    base = Account(
        issuer=ISSUER,
        sub=f"auth0|{name}",
        email=f"{name}@escritorio.example",
        name=name.title(),
        role=OnvioRole.STAFF,
        office_cnpj=CNPJ,
    )
    return msgspec.structs.replace(base, **changes)


def user(
    number: int,
    name: str,
    *,
    manager: bool = False,
    active: bool = True,
    linked: bool = True,
    confirmed: bool = True,
    ended: str | None = None,
    generation: int = 1,
    reported_email: str | None = None,
) -> User:
    """A user; by default linked and confirmed."""
    role = OnvioRole.ADMINISTRATOR if manager else OnvioRole.STAFF
    link = Link(generation=generation)
    if linked:
        link = Link(
            generation=generation,
            account=account(name, role=role),
            confirmed=confirmed,
            ended=ended,
            reported_email=reported_email,
        )
    return User(
        id=number,
        login=name,
        name=name.title(),
        role=Role.MANAGER if manager else Role.STANDARD,
        situation=Situation.ACTIVE if active else Situation.INACTIVE,
        uses_onvio=linked,
        uses_client_portal=linked and confirmed,
        link=link,
    )


def office(*users: User) -> Office:
    """An office of these users."""
    return Office(users)
