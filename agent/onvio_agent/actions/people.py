"""Add, rename, inactivate, activate and promote users (S2, S8, S9, S11)."""

from __future__ import annotations

from onvio_agent.actions import refresh
from onvio_agent.actions.check_link import refused
from onvio_agent.actions.desk import Actor, Desk
from onvio_agent.actions.dialogue import cancel_all
from onvio_agent.actions.sign_in import told
from onvio_agent.contract.revocations import EndedSessions
from onvio_agent.contract.status import Situation
from onvio_agent.errors import Refused
from onvio_agent.office import rules
from onvio_agent.office.model import OnvioRole, User
from onvio_agent.onvio.errors import CloudError, Denied, TokenRefused


async def add_user(desk: Desk, actor: Actor, login: str, name: str) -> User:
    """A new standard user, active and not linked."""
    desk.manager_only(actor)
    rules.check_new_user(desk.hub.office, login, name)
    user = await desk.store.add_user(
        User(id=0, login=login.strip(), name=name.strip()), at=desk.clock.wall()
    )
    await desk.reload_office()
    desk.log.info("user.added", user=user.login)
    return user


async def rename(desk: Desk, actor: Actor, login: str, name: str) -> User:
    """Another name in this agent; the one at ONVIO is changed there (S13)."""
    desk.manager_only(actor)
    user = rules.find_user(desk.hub.office, login)
    rules.check_name(name)
    if name.strip() != user.name:
        done = await desk.store.rename(user.id, name.strip(), at=desk.clock.wall())
        await desk.reload_office()
        if not done:
            raise Refused("user.unknown", login=user.login)
        desk.log.info("user.renamed", user=user.login)
    return desk.hub.user(user.id) or user


async def inactivate(
    desk: Desk, actor: Actor, login: str, *, confirmed: bool, successor: str | None = None
) -> User:
    """*Inativo* (S8): the link ends, its tokens go to the revocation queue, the e-mail is free.

    The Gerente only together with his `successor`, who takes the role over in the same step.
    """
    desk.manager_only(actor)
    office = desk.hub.office
    user = rules.find_user(office, login)
    heir = rules.find_user(office, successor) if successor else None
    rules.check_inactivate(office, user, heir, confirmed=confirmed)
    if heir is not None:
        await _prove_administrator(desk, heir, administrator_confirmed=False)
        _still_his(desk, office.manager)
    done = await desk.store.inactivate(
        user.id, user.link.generation, heir.id if heir else None, at=desk.clock.wall()
    )
    if done:
        await refresh.forget(desk, user.id)
    await _settled(desk, user, done=done)
    desk.kick_revocations()
    desk.log.info("user.inactivated", user=user.login)
    if heir is not None:
        _handed_over(desk, heir)
    return desk.hub.user(user.id) or user


async def end_sessions(desk: Desk, actor: Actor) -> EndedSessions:
    """Every user's ONVIO session ends here, as before an uninstall; users, accounts and e-mails stay.

    Its tokens go to the revocation queue; whoever signs in again goes on as before.
    """
    desk.manager_only(actor)
    confirmed_before = desk.confirmed
    cancel_all(desk)  # a sign-in under way must not bring a session back
    ended = await desk.store.end_sessions(at=desk.clock.wall())
    for user in ended:
        await refresh.forget(desk, user.id)
        desk.log.info("user.signed_out", user=user.login)
    await desk.reload_office()
    queued = await desk.store.revocations_waiting()
    desk.kick_revocations()
    return EndedSessions(users=len(ended), queued=queued, confirmed_before=confirmed_before)


async def activate(desk: Desk, actor: Actor, login: str) -> User:
    """*Ativo* again, not linked."""
    desk.manager_only(actor)
    user = rules.find_user(desk.hub.office, login)
    if user.situation is Situation.ACTIVE:
        return user
    done = await desk.store.activate(user.id, at=desk.clock.wall())
    await _settled(desk, user, done=done)
    desk.log.info("user.activated", user=user.login)
    return desk.hub.user(user.id) or user


async def promote(
    desk: Desk, actor: Actor, login: str, *, administrator_confirmed: bool = False
) -> User:
    """The role of Gerente moves to `login` in one step; ONVIO is asked for the account's role."""
    desk.manager_only(actor)
    user = rules.find_user(desk.hub.office, login)
    manager = desk.hub.office.manager
    rules.check_promote(desk.hub.office, user)
    role = await _prove_administrator(desk, user, administrator_confirmed=administrator_confirmed)
    _still_his(desk, manager)
    rules.check_promote(desk.hub.office, rules.find_user(desk.hub.office, login))
    vouched = role is OnvioRole.UNKNOWN and administrator_confirmed
    confirmed_by = manager.login if vouched and manager is not None else None
    done = await desk.store.promote(user.id, confirmed_by, at=desk.clock.wall())
    await _settled(desk, user, done=done)
    _handed_over(desk, user)
    return desk.hub.user(user.id) or user


def _still_his(desk: Desk, manager: User | None) -> None:
    """Whoever was the Gerente when he asked must be so still, now that ONVIO has answered."""
    now = desk.hub.office.manager
    if manager is None or now is None or now.id != manager.id:
        raise Refused("manager.required")


async def _prove_administrator(
    desk: Desk, user: User, *, administrator_confirmed: bool
) -> OnvioRole:
    """What ONVIO says of the account's role, where that or a person's word is enough."""
    async with desk.turn(user.id):
        user = rules.find_user(
            desk.hub.office, user.login
        )  # whoever had the turn may have ended it
        rules.check_promote(desk.hub.office, user)
        started = desk.clock.mono()
        try:
            token = await refresh.access_token(desk, user)
            facts = await desk.user_api.client_info(token)
        except CloudError as error:
            # The link itself, which the next check would only ask again: an access token alone may
            # merely be old.
            if isinstance(error, Denied) and not isinstance(error, TokenRefused):
                await refused(desk, user, error.reason, started)
            raise told(desk, error) from None
        except refresh.LinkMoved:
            raise Refused("request.conflict", login=user.login) from None
    rules.check_office(desk.hub.office, facts.office_cnpj, confirmed=True)
    role = facts.role
    if role is not OnvioRole.STAFF and user.link.administrator_confirmed_by is not None:
        administrator_confirmed = True
    rules.check_administrator(role, confirmed=administrator_confirmed)
    return role


def _handed_over(desk: Desk, user: User) -> None:
    desk.sessions.close_all()
    cancel_all(desk)  # begun in the name of who was the Gerente
    desk.log.info("user.promoted", user=user.login)


async def _settled(desk: Desk, user: User, *, done: bool) -> None:
    await desk.reload_office()
    if not done:
        raise Refused("request.conflict", login=user.login)
