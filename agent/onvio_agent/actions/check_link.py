"""One check of one link: an authenticated round trip for that user, whose answer names the person.

It ends in one fact for the hub, or in a definitive end that is committed first. The answer's name
and e-mail are taken over (S13); the Gerente's answer must also say that he is an administrator.
"""

from __future__ import annotations

import msgspec

from onvio_agent.actions import refresh
from onvio_agent.actions.desk import Desk
from onvio_agent.actions.refresh import LinkMoved
from onvio_agent.actions.revoke import discard
from onvio_agent.contract.status import LinkState
from onvio_agent.errors import StoreFailed, VaultFailed
from onvio_agent.office import rules
from onvio_agent.office.model import Account, Office, OnvioRole, User
from onvio_agent.onvio.errors import CloudError, Denied, TokenRefused
from onvio_agent.verdict.facts import LinkSucceeded, LinkTroubled, ProbeSucceeded

_MAY_BE_LIFTED = ("manager.not_admin", "link.account_disabled", "vault.lost")
"""Ends that can be taken back without a new sign-in, by ONVIO or by whoever brings the key back; a
person's click tries them again."""

_SESSION_LIVES = (*_MAY_BE_LIFTED, "link.second_factor")
"""Ends after which ONVIO still knows the session: its tokens are kept, and revoked with the next link."""

_PATIENCE_S = {
    "auth.client_refused": 3600.0,  # IT support has to act; a new start or a click asks at once
    "auth.grant_refused": 3600.0,
    "auth.blocked": 300.0,  # a block against guessing lasts minutes, and asking prolongs it
}
"""Refusals that say nothing of this person's session: they end nobody's link. How long to wait."""


def is_checkable(user: User, *, by_person: bool) -> bool:
    """Whether a check of that link makes sense at all."""
    state = rules.standing(user)
    if state in (LinkState.VALID, LinkState.UNCONFIRMED):
        return True
    return by_person and state is LinkState.NEEDS_PERSON and user.link.ended in _MAY_BE_LIFTED


async def check_link(
    desk: Desk, user_id: int, *, by_person: bool = False, here: bool = False
) -> None:
    """Check that user's link now, once: a check under way is waited for. `here`: see `Desk.once`."""
    await desk.once(f"check_link:{user_id}", lambda: _check(desk, user_id, by_person), here=here)


async def _check(desk: Desk, user_id: int, by_person: bool) -> None:
    async with desk.turn(user_id):
        user = desk.hub.user(user_id)
        if user is None or not is_checkable(user, by_person=by_person):
            return
        if rules.is_held(user, desk.hub.world.hold):
            return
        started = desk.clock.mono()
        try:
            account, sent_at = await _ask(desk, user)
            await _judge(desk, user, account, sent_at)
        except LinkMoved:
            await _look_again(desk, user)
        except Denied as denied:
            await refused(desk, user, denied.reason, started)
        except CloudError as error:
            trouble(desk, user, error.reason, started, error.retry_after_s)
        except VaultFailed as error:
            await _vault_failed(desk, user, error.code, started)
        except StoreFailed as error:
            trouble(desk, user, error.code, started)
        except Exception as error:  # a bug: told, and tried again like any other trouble
            desk.crashed(f"check_link:{user_id}", error)
            trouble(desk, user, "internal.error", started)
        else:
            desk.mended(f"check_link:{user_id}")


async def _ask(desk: Desk, user: User) -> tuple[Account, float]:
    """Who ONVIO says this is, and when that was asked; a refused token is renewed once."""
    token = await refresh.access_token(desk, user)
    try:
        return await _round_trip(desk, user, token)
    except TokenRefused:
        token = await refresh.access_token(desk, user, renew=True)
        return await _round_trip(desk, user, token)


async def _round_trip(desk: Desk, user: User, token: str) -> tuple[Account, float]:
    sent_at = desk.clock.mono()
    identity = await desk.oauth.userinfo(token)
    known = user.link.account
    account = Account(
        issuer=identity.issuer,
        sub=identity.sub,
        email=identity.email or (known.email if known else ""),
        name=identity.name,
        role=known.role if known else OnvioRole.UNKNOWN,
        office_cnpj=known.office_cnpj if known else None,
    )
    if user.is_manager:
        asked_at = desk.clock.mono()
        facts = await desk.user_api.client_info(token)
        account = msgspec.structs.replace(
            account, role=facts.role, office_cnpj=facts.office_cnpj or account.office_cnpj
        )
        desk.hub.hear(ProbeSucceeded(asked_at))
    return account, sent_at


async def _judge(desk: Desk, user: User, account: Account, sent_at: float) -> None:
    known = user.link.account
    if known is None:
        raise LinkMoved
    if (account.issuer, account.sub) != (known.issuer, known.sub):
        cached = desk.cached.get(user.id)
        if cached is not None:  # good tokens of a stranger: ONVIO must forget them
            await discard(desk, user.id, cached.tokens)
        await end(desk, user, "link.other_person", keep_tokens=False)
        return
    now = desk.hub.office.by_id(user.id)
    # The role may have been handed over meanwhile; who has just taken it was not asked for here.
    must_administer = user.is_manager and now is not None and now.is_manager
    if must_administer and account.role is OnvioRole.STAFF:
        await _take_over(desk, user, account)
        await end(desk, user, "manager.not_admin", keep_tokens=True)
        return
    if user.link.ended is not None and not await desk.store.reopen_link(
        user.id, user.link.generation
    ):
        raise LinkMoved
    changed = await _take_over(desk, user, account)
    if changed or user.link.ended is not None:
        await desk.reload_office()
    cached = desk.cached.get(user.id)
    ends_at = cached.session_ends_at if cached is not None else None
    desk.hub.hear(LinkSucceeded(user.id, user.link.generation, sent_at, ends_at))


async def _take_over(desk: Desk, user: User, account: Account) -> bool:
    """Record what ONVIO now says of the account; commits nothing where nothing changed."""
    known = user.link.account
    if known is None:
        raise LinkMoved
    changed = False
    renamed = msgspec.structs.replace(account, email=known.email, name=account.name or known.name)
    if renamed != known:
        changed = await desk.store.update_account(
            user.id, user.link.generation, renamed, at=desk.clock.wall()
        )
        desk.log.info("account.changed", user=user.login)
    reported = account.email if account.email != known.email else None
    news = reported != user.link.reported_email
    if news or reported is not None:  # a holder may have been freed since: ask again, it is cheap
        settled = await desk.store.report_email(
            user.id, user.link.generation, reported, at=desk.clock.wall()
        )
        changed = changed or news or bool(settled)
        _log_emails(desk, user, reported if news else None, settled)
    return changed


def _log_emails(desk: Desk, user: User, reported: str | None, settled: dict[int, str]) -> None:
    for user_id in settled:
        moved = desk.hub.user(user_id)
        desk.log.info("account.email_changed", user=moved.login if moved else None)
    if reported is not None and user.id not in settled:
        desk.log.warning("account.email_collides", user=user.login)


async def end(desk: Desk, user: User, reason: str, *, keep_tokens: bool) -> None:
    """Record a definitive end, then show it."""
    try:
        await desk.store.end_link(user.id, user.link.generation, reason, keep_tokens=keep_tokens)
        if not keep_tokens:
            desk.cached.pop(user.id, None)
        await desk.reload_office()
    except StoreFailed as error:  # not saved, so asked again later; but shown at once
        desk.log.warning("link.end_not_saved", user=user.login, reason=error.code)
        desk.hub.set_office(_with_end(desk.hub.office, user, reason))


def _with_end(office: Office, user: User, reason: str) -> Office:
    ended = msgspec.structs.replace(user, link=msgspec.structs.replace(user.link, ended=reason))
    return Office(
        tuple(
            ended if (each.id, each.link.generation) == (user.id, user.link.generation) else each
            for each in office.users
        )
    )


async def refused(desk: Desk, user: User, reason: str, started: float) -> None:
    """ONVIO has denied the link itself, in answer to whatever was asked with it since `started`."""
    if reason in _PATIENCE_S:
        trouble(desk, user, reason, started, _PATIENCE_S[reason])
    else:
        await end(desk, user, reason, keep_tokens=reason in _SESSION_LIVES)


async def _vault_failed(desk: Desk, user: User, code: str, started: float) -> None:
    if code == "vault.lost":
        await end(desk, user, code, keep_tokens=True)
    else:
        trouble(desk, user, code, started)


async def _look_again(desk: Desk, user: User) -> None:
    """The store knows another link than the hub: normally the hub has been told by now."""
    now = desk.hub.office.by_id(user.id)
    if now is not None and now.link.generation == user.link.generation:
        try:
            await desk.reload_office()
        except StoreFailed as error:
            trouble(desk, user, error.code, desk.clock.mono())


def trouble(
    desk: Desk, user: User, reason: str, sent_at: float, retry_after_s: float | None = None
) -> None:
    """Nothing was learnt about the link itself."""
    fact = LinkTroubled(user.id, user.link.generation, sent_at, reason, retry_after_s)
    desk.hub.hear(fact)
