"""One user as the API shows it: the row of the snapshot, and on request all that is known."""

from __future__ import annotations

from datetime import datetime

import msgspec

from onvio_agent.actions.desk import Desk
from onvio_agent.contract import reasons
from onvio_agent.contract.status import Finding, LinkState, Situation, UserStatus
from onvio_agent.errors import Refused, fill
from onvio_agent.i18n import _
from onvio_agent.office import rules
from onvio_agent.office.model import OnvioRole, User
from onvio_agent.store.base import Transition

HISTORY_MAX = 50
"""Transitions that are shown: weeks of an ordinary link."""


class PortalOption(msgspec.Struct, frozen=True, kw_only=True):
    """`[x] Utiliza Portal do Cliente` (S10): whether it can be ticked, and if not, why and what to do."""

    enabled: bool
    reason: str | None
    hint: str | None


class PastChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the user's state, newest first. `duration_s`: how long `before` had lasted."""

    at: datetime
    before: str
    after: str
    reason: str | None
    duration_s: float | None


class UserDetail(UserStatus, frozen=True, kw_only=True):
    """The snapshot's row and more. What ONVIO says of the account is None where not linked;
    `expected_email` is what an imported list says of somebody who is not linked."""

    onvio_name: str | None
    onvio_role: OnvioRole | None
    onvio_issuer: str | None
    onvio_sub: str | None
    office_cnpj: str | None
    reported_email: str | None
    expected_email: str | None
    administrator_confirmed_by: str | None
    office_confirmed_by: str | None
    office_confirmed_at: datetime | None
    link_generation: int
    linked_at: datetime | None
    portal_option: PortalOption
    findings: tuple[Finding, ...]
    history: tuple[PastChange, ...]


def status_of_user(desk: Desk, user: User) -> UserStatus:
    """The user's row as of now; `Refused('user.unknown')` where there is none any more."""
    now = desk.hub.user(user.id)
    login = now.login if now is not None else user.login
    for row in desk.hub.snapshot().users:
        if row.login == login:
            return row
    raise Refused("user.unknown", login=login)


async def detail_of(desk: Desk, user: User) -> UserDetail:
    """All that is known of `user`."""
    history = await desk.store.history(subject=user.login, since=None, limit=HISTORY_MAX)
    user = desk.hub.user(user.id) or user
    link, account = user.link, user.link.account
    row = msgspec.structs.asdict(status_of_user(desk, user))
    return UserDetail(
        **row,
        onvio_name=account.name if account else None,
        onvio_role=account.role if account else None,
        onvio_issuer=account.issuer if account else None,
        onvio_sub=account.sub if account else None,
        office_cnpj=account.office_cnpj if account else None,
        reported_email=link.reported_email,
        expected_email=link.expected_email,
        administrator_confirmed_by=link.administrator_confirmed_by,
        office_confirmed_by=link.office_vouched.by if link.office_vouched else None,
        office_confirmed_at=link.office_vouched.at if link.office_vouched else None,
        link_generation=link.generation,
        linked_at=link.linked_at,
        portal_option=_portal_option(desk, user),
        findings=_findings(user),
        history=tuple(_past(transition) for transition in history),
    )


def _portal_option(desk: Desk, user: User) -> PortalOption:
    hub = desk.hub
    held = rules.is_held(user, hub.world.hold)
    if rules.portal_option(user, hub.connection.state, held=held):
        return PortalOption(enabled=True, reason=None, hint=None)
    reason = reasons.get(_why_not(user, hub.world.hold if held else None, hub.connection.reason))
    step = fill(_(reason.next_step), {"login": user.login})
    return PortalOption(enabled=False, reason=reason.code, hint=f"{_(reason.title)} {step}")


def _why_not(user: User, hold: str | None, trouble: str | None) -> str:
    """What is in the way of the portal's option, the farthest first: a click on the icon mends the last
    alone."""
    if user.situation is Situation.INACTIVE:
        return "user.inactive"
    if user.link.account is None:
        return "link.not_linked"
    if rules.standing(user) is LinkState.NEEDS_PERSON:
        return user.link.ended or "portal.disabled"
    if trouble == "onvio.limited":  # which no click mends
        return trouble
    return hold or "portal.disabled"


def _findings(user: User) -> tuple[Finding, ...]:
    """S13: an e-mail that ONVIO reports and another user holds is told, never merged."""
    if user.link.reported_email is None:
        return ()
    reason = reasons.get("link.email_collides")
    title = fill(_(reason.title), {"after": user.link.reported_email})
    return (Finding(code=reason.code, title=title, next_step=_(reason.next_step)),)


def _past(transition: Transition) -> PastChange:
    return PastChange(
        at=transition.at,
        before=transition.before,
        after=transition.after,
        reason=transition.reason,
        duration_s=transition.duration_s,
    )
