"""Link a user to an ONVIO account (S1-S5, S9), or sign in again to the same one."""

from __future__ import annotations

import msgspec

from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.desk import Actor, Desk
from onvio_agent.actions.refresh import forget, seal_tokens
from onvio_agent.actions.revoke import discard
from onvio_agent.actions.sign_in import BrowserCode, Proof, ask_onvio
from onvio_agent.errors import Refused, VaultFailed
from onvio_agent.office import rules
from onvio_agent.office.model import Account, Link, User, Vouched
from onvio_agent.onvio.token_set import TokenSet


async def link(
    desk: Desk,
    actor: Actor,
    login: str,
    proof: Proof,
    *,
    administrator_confirmed: bool = False,
    office_confirmed: bool = False,
) -> User:
    """The user as linked. Nothing is changed by a refusal, `SecondFactorAsked` among them."""
    user = allowed(desk, actor, login)
    async with desk.turn(user.id):
        await _expect_vault(desk)
        tokens, account = await ask_onvio(desk, proof, offline=True)
        try:
            if isinstance(proof, BrowserCode) and proof.email:
                rules.check_expected(user, account, proof.email)
            saved = await _save(
                desk, actor, user.id, tokens, account, administrator_confirmed, office_confirmed
            )
        except Exception:
            await discard(desk, user.id, tokens)
            raise
        await forget(desk, user.id)
        await desk.reload_office()
    desk.log.info("link.linked", user=saved.login, generation=saved.link.generation)
    desk.kick_revocations()
    await check_link(desk, saved.id)
    return desk.hub.user(saved.id) or saved


def allowed(desk: Desk, actor: Actor, login: str) -> User:
    """The user, whom `actor` may link now. Raises `Refused`."""
    user = rules.find_user(desk.hub.office, login)
    _allow(desk, actor, user)
    online = desk.hub.is_connected()
    if not online:
        desk.refuse_on_hold()
    rules.check_link(desk.hub.office, user, online=online)
    return user


async def _expect_vault(desk: Desk) -> None:
    """A key that cannot be had, or that no later start would find, refuses before ONVIO is asked; a
    lost one waits for a sign-in that succeeds."""
    state = (await desk.vault.status()).state
    if state == "unset":
        await desk.vault.seal(b"", row="ready")
    elif state in ("locked", "replaced"):
        raise VaultFailed(f"vault.{state}")


def _allow(desk: Desk, actor: Actor, user: User) -> None:
    """The Gerente may; a person may sign in again to their own link (S9)."""
    if not actor.is_manager and not (desk.is_own(user) and user.link.account is not None):
        raise Refused("manager.required")


async def _save(
    desk: Desk,
    actor: Actor,
    user_id: int,
    tokens: TokenSet,
    account: Account,
    administrator_confirmed: bool,
    office_confirmed: bool,
) -> User:
    """Judge by what is committed now, not by what was when ONVIO was asked; then save."""
    office = desk.hub.office
    user = office.by_id(user_id)
    if user is None:
        raise Refused("user.unknown", login="?")
    _allow(desk, actor, user)
    rules.check_link(office, user, online=True)
    if not actor.is_manager:
        rules.check_sign_in_again(user, account)
    link = _judged(desk, actor, user, account, administrator_confirmed, office_confirmed)
    linked = msgspec.structs.replace(
        user, uses_onvio=True, uses_client_portal=link.confirmed, link=link
    )
    async with desk.vault.hold():
        sealed = await seal_tokens(desk, user.id, linked.link.generation, tokens, may_renew=True)
        saved = await desk.store.save_link(
            user.id, user.link.generation, linked, sealed, at=desk.clock.wall()
        )
    if not saved:
        await desk.reload_office()
        raise Refused("request.conflict", login=user.login)
    return linked


def _judged(
    desk: Desk,
    actor: Actor,
    user: User,
    account: Account,
    administrator_confirmed: bool,
    office_confirmed: bool,
) -> Link:
    """The link to `account`. A word that was once given for the same person is not asked for again."""
    office = desk.hub.office
    former = user.link if rules.is_same_person(user, account) else Link()
    if former.account is not None and account.office_cnpj is None:  # ONVIO has said it before
        account = msgspec.structs.replace(account, office_cnpj=former.account.office_cnpj)
    confirmed = administrator_confirmed or former.administrator_confirmed_by is not None
    vouched = former.office_vouched
    if vouched is None and office_confirmed:
        by = office.manager if actor.is_manager else None
        vouched = Vouched((by or user).login, desk.clock.wall())
    rules.check_account(
        office,
        user,
        account,
        administrator_confirmed=confirmed,
        office_confirmed=vouched is not None,
    )
    is_told = user.is_manager or (account.office_cnpj and rules.home_of(office))
    return Link(
        generation=user.link.generation + 1,
        account=account,
        confirmed=former.confirmed,
        administrator_confirmed_by=user.login if user.is_manager and confirmed else None,
        office_vouched=None if is_told else vouched,
        linked_at=desk.clock.wall(),
    )
