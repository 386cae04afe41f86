"""Who may be linked, by whom, in which order: rules S1-S11, as functions that raise or return.

Each `check_*` raises `Refused` with the catalogue's reason, or returns nothing. They see facts only;
whoever calls them asks ONVIO, saves, and repeats the check inside the saving transaction.
"""

from __future__ import annotations

import re

from onvio_agent.contract.status import ConnectionState, LinkState, Role, Situation
from onvio_agent.errors import Refused, WrongUsage
from onvio_agent.office.emails import freed_for
from onvio_agent.office.model import Account, Office, OnvioRole, User, text_key
from onvio_agent.plain_text import clean, cut

LOGIN_MAX = NAME_MAX = 200
"""Characters: more than any person's; a page and a line of a table still show them."""

EMAIL_MAX = 320
"""Of the standard: 64 and 255 around an @."""

_SHOWN = 80  # characters of a wrong value that a refusal repeats
_DEFINITIVE_END = (LinkState.NOT_LINKED, LinkState.UNCONFIRMED, LinkState.NEEDS_PERSON)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_OF_THE_ROLE = "manager.not_admin"  # ends the Gerente's link; says nothing of anybody else's


def standing(user: User) -> LinkState:
    """What the link is by itself, whatever the network does.

    `valid` here means: linked, confirmed and never definitively refused, hence worth checking.
    """
    if user.situation is Situation.INACTIVE:
        return LinkState.INACTIVE
    if user.link.account is None:
        return LinkState.NOT_LINKED
    if user.link.ended is not None and (user.link.ended != _OF_THE_ROLE or user.is_manager):
        return LinkState.NEEDS_PERSON
    return LinkState.VALID if user.link.confirmed else LinkState.UNCONFIRMED


def hold_of(office: Office) -> str | None:
    """Why nobody but the Gerente may be connected (S2), or None.

    Only a definitive end of his link holds the others back; his being offline never does.
    """
    manager = office.manager
    if manager is None:
        return "manager.missing"
    return "manager.waiting" if standing(manager) in _DEFINITIVE_END else None


def is_held(user: User, hold: str | None) -> bool:
    """Whether `user` has a link that must wait for the Gerente, `hold` being `hold_of` the office."""
    has_link = user.situation is Situation.ACTIVE and user.link.account is not None
    return hold is not None and has_link and not user.is_manager


def portal_option(user: User, connection: ConnectionState, *, held: bool) -> bool:
    """Whether `[x] Utiliza Portal do Cliente` is enabled (S10)."""
    open_link = standing(user) in (LinkState.UNCONFIRMED, LinkState.VALID)
    return connection is ConnectionState.ONLINE and open_link and not held


def find_user(office: Office, login: str) -> User:
    """The user of that login, or a refusal."""
    user = office.find(login)
    if user is None:
        raise Refused("user.unknown", login=login)
    return user


def is_login(text: str) -> bool:
    """One word without invisible characters, which no command takes for an option.

    A letter or digit is in it: signs alone may mean something else where a login is part of an address.
    """
    visible = all(c.isprintable() and not c.isspace() for c in text)
    named = any(c.isalnum() for c in text)
    return named and visible and not text.startswith("-") and len(text) <= LOGIN_MAX


def is_name(text: str) -> bool:
    """Not empty, not endless, without invisible characters."""
    return 0 < len(text) <= NAME_MAX and text.isprintable()


def is_email(text: str) -> bool:
    """Something at some server; whether it exists, ONVIO knows."""
    return len(text) <= EMAIL_MAX and text.isprintable() and _EMAIL.fullmatch(text) is not None


def check_new_user(office: Office, login: str, name: str) -> None:
    """A login is one word that nobody has yet; a name is not empty."""
    if not is_login(login.strip()):
        raise WrongUsage("user.bad_login", login=_shown(login), most=LOGIN_MAX)
    check_name(name)
    if office.find(login) is not None:
        raise Refused("user.exists", login=login.strip())


def check_name(name: str) -> None:
    """A name is not empty, and fits a list."""
    if not is_name(name.strip()):
        raise WrongUsage("user.bad_name", name=_shown(name), most=NAME_MAX)


def _shown(text: str) -> str:
    return cut(clean(text), _SHOWN)


def check_link(office: Office, user: User, *, online: bool) -> None:
    """S1, S2 and S9, before ONVIO is asked anything.

    Who has a link may always sign in again to it (S9), though they stay held while the Gerente is
    away; `check_account` sees to it that it is the same person.
    """
    if not online:
        raise Refused("link.not_online")
    if user.situation is Situation.INACTIVE:
        raise Refused("user.not_active", login=user.login)
    if office.manager is None:
        raise Refused("manager.required")
    if user.link.account is None:
        _check_order(office, user)


def _check_order(office: Office, user: User) -> None:
    """S2: the Gerente is linked and confirmed before anybody else."""
    manager = office.manager
    if manager is not None and not user.is_manager and hold_of(office) is not None:
        raise _after(manager)


def _after(manager: User) -> Refused:
    """Nobody else is connected before him: what he lacks."""
    if manager.link.ended == "link.account_disabled":
        return Refused("manager.account_disabled", login=manager.login)
    step = "portal" if standing(manager) is LinkState.UNCONFIRMED else "link"
    command = f"onvio-agent {step} {manager.login} --email E-MAIL --password-stdin"
    return Refused("manager.first", login=manager.login, step=step, command=command)


def check_account(
    office: Office,
    user: User,
    account: Account,
    *,
    administrator_confirmed: bool,
    office_confirmed: bool,
) -> None:
    """S3, S9 and the office, once ONVIO has said whose account it is."""
    if not is_same_person(user, account):
        _check_order(office, user)
    holder = office.holder_of_email(account.email, other_than=user.id)
    if holder is not None and freed_for(office, user.id, account.email):
        holder = None  # ONVIO has told that it is that user's no more
    taken = holder or office.holder_of_sub(account, other_than=user.id)
    if taken is not None:
        raise email_taken(taken.login, is_manager=taken.is_manager)
    if user.is_manager:
        check_administrator(account.role, confirmed=administrator_confirmed)
        return
    check_office(office, account.office_cnpj, confirmed=office_confirmed)


def email_taken(login: str, *, is_manager: bool) -> Refused:
    """Whoever holds the account gives it up by *Inativo*; the Gerente only with a successor."""
    heir = " --successor LOGIN" if is_manager else ""
    return Refused("link.email_taken", login=login, heir=heir)


def check_office(office: Office, cnpj: str | None, *, confirmed: bool) -> None:
    """An account of `cnpj` is of this agent's office: by ONVIO's word or, where it gives none, a person's."""
    home = home_of(office)
    if home and cnpj and home != cnpj:
        raise Refused("office.other")
    if not (home and cnpj) and not confirmed:
        raise Refused("office.unproven")


def home_of(office: Office) -> str | None:
    """The CNPJ of this agent's office, which is that of the Gerente's account; None: unknown."""
    account = office.manager.link.account if office.manager else None
    return account.office_cnpj if account else None


def is_same_person(user: User, account: Account) -> bool:
    """Whether `account` is the very ONVIO person that `user` is linked to."""
    linked = user.link.account
    return linked is not None and (linked.issuer, linked.sub) == (account.issuer, account.sub)


def check_administrator(role: OnvioRole, *, confirmed: bool) -> None:
    """S3: the Gerente's account is ONVIO's administrator, by ONVIO's word or a person's."""
    if role is OnvioRole.STAFF:
        raise Refused("manager.not_admin")
    if role is OnvioRole.UNKNOWN and not confirmed:
        raise Refused("manager.unproven")


def check_expected(user: User, account: Account, email: str) -> None:
    """On ONVIO's own page anybody may sign in: another person than was named is not linked unasked."""
    if not is_same_person(user, account) and text_key(account.email) != text_key(email):
        raise Refused("signin.other_account", email=email, found=account.email)


def check_sign_in_again(user: User, account: Account) -> None:
    """Without the Gerente, a person may renew only the very link they have (S9)."""
    if not is_same_person(user, account):
        linked = user.link.account
        raise Refused("link.other_account", email=linked.email if linked else "-")


def check_portal(office: Office, user: User, connection: ConnectionState) -> None:
    """S6 and S10, before ONVIO is asked anything. A click on the icon helps only who is not connected."""
    if user.situation is Situation.INACTIVE:
        raise Refused("user.not_active", login=user.login)
    if user.link.account is None:
        raise Refused("link.not_linked", login=user.login)
    if connection is ConnectionState.ONLINE:
        if standing(user) is LinkState.NEEDS_PERSON:
            raise Refused(user.link.ended or "portal.disabled", login=user.login)
        _check_order(office, user)
    if not portal_option(user, connection, held=is_held(user, hold_of(office))):
        raise Refused("portal.disabled")


def check_portal_account(user: User, account: Account) -> None:
    """S6: the second confirmation is made with the same ONVIO account."""
    if not is_same_person(user, account):
        linked = user.link.account
        raise Refused("portal.other_account", email=linked.email if linked else "-")


def check_inactivate(
    office: Office, user: User, successor: User | None, *, confirmed: bool
) -> None:
    """S8; the Gerente only by handing the role over in the same step."""
    if user.situation is Situation.INACTIVE:
        raise Refused("user.inactive_already", login=user.login)
    if user.is_manager:
        if successor is None:
            raise Refused("manager.only")
        check_promote(office, successor)
    elif successor is not None:
        raise WrongUsage("user.successor_needless", login=user.login)
    if not confirmed:
        raise Refused("user.not_confirmed", login=user.login)


def check_promote(office: Office, user: User) -> None:
    """The next Gerente is active, linked, confirmed, and not known to be no administrator."""
    manager = office.manager
    if manager is not None and manager.id == user.id:
        raise Refused("user.manager_already", login=user.login)
    if user.situation is Situation.INACTIVE:
        raise Refused("user.not_active", login=user.login)
    if standing(user) is not LinkState.VALID:
        raise Refused("user.not_ready", login=user.login)


def role_after_promotion(user: User, promoted: User) -> Role:
    """The role each user has once `promoted` is the Gerente: exactly one is."""
    if user.id == promoted.id:
        return Role.MANAGER
    return Role.STANDARD if user.role is Role.MANAGER else user.role
