"""Users and their links, as the rules see them. Frozen records; the store fills them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from onvio_agent.contract.status import Role, Situation


class OnvioRole(StrEnum):
    """What ONVIO says of an account. `unknown` where no documented answer gives it."""

    ADMINISTRATOR = "administrator"
    STAFF = "staff"
    UNKNOWN = "unknown"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An ONVIO account as ONVIO itself describes it: who answered a sign-in or a check.

    `issuer` and `sub` name the person for good; e-mail and name may change at ONVIO.
    `office_cnpj` is None where ONVIO does not say.
    """

    issuer: str
    sub: str
    email: str
    name: str | None = None
    role: OnvioRole = OnvioRole.UNKNOWN
    office_cnpj: str | None = None


class Vouched(msgspec.Struct, frozen=True):
    """A person's word where ONVIO gives none: the login that gave it, and when."""

    by: str
    at: datetime


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A user's link. `generation` grows with link, inactivate and activate.

    `ended` is the reason code of a definitive refusal by ONVIO; `confirmed` is S6's second
    confirmation; `administrator_confirmed_by` the login of the person who vouched for a role that
    ONVIO did not give, `office_vouched` likewise for its office; `reported_email` an e-mail that ONVIO now reports and that could not be
    taken over yet because another user holds it; `expected_email` what an imported list says of
    somebody who is not linked.
    """

    generation: int = 0
    account: Account | None = None
    confirmed: bool = False
    ended: str | None = None
    administrator_confirmed_by: str | None = None
    office_vouched: Vouched | None = None
    reported_email: str | None = None
    expected_email: str | None = None
    linked_at: datetime | None = None


class User(msgspec.Struct, frozen=True, kw_only=True):
    """One Domínio user. `uses_onvio` and `uses_client_portal` are the two ticks of S4 and S6."""

    id: int
    login: str
    name: str
    role: Role = Role.STANDARD
    situation: Situation = Situation.ACTIVE
    uses_onvio: bool = False
    uses_client_portal: bool = False
    link: Link = Link()

    @property
    def is_active(self) -> bool:
        """*Ativo*."""
        return self.situation is Situation.ACTIVE

    @property
    def is_manager(self) -> bool:
        """Whether this is the active Gerente."""
        return self.role is Role.MANAGER and self.situation is Situation.ACTIVE


class Office(msgspec.Struct, frozen=True):
    """All users of this agent, in the order in which they were added."""

    users: tuple[User, ...] = ()

    @property
    def manager(self) -> User | None:
        """The active Gerente."""
        return next((user for user in self.users if user.is_manager), None)

    def find(self, login: str) -> User | None:
        """The user of that login, compared without case."""
        key = text_key(login)
        return next((user for user in self.users if text_key(user.login) == key), None)

    def by_id(self, user_id: int) -> User | None:
        """The user of that id."""
        return next((user for user in self.users if user.id == user_id), None)

    def holder_of_email(self, email: str, *, other_than: int) -> User | None:
        """The other user whose link holds that e-mail."""
        key = text_key(email)
        return _first_linked(self.users, other_than, lambda account: text_key(account.email) == key)

    def holder_of_sub(self, account: Account, *, other_than: int) -> User | None:
        """The other user whose link is that very ONVIO person."""
        wanted = (account.issuer, account.sub)
        return _first_linked(self.users, other_than, lambda a: (a.issuer, a.sub) == wanted)


def _first_linked(
    users: Iterable[User], other_than: int, fits: Callable[[Account], bool]
) -> User | None:
    for user in users:
        account = user.link.account
        if user.id != other_than and account is not None and fits(account):
            return user
    return None


def text_key(text: str) -> str:
    """The form in which logins and e-mails are compared: trimmed, NFC, without case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).casefold())
