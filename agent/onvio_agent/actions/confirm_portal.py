"""`[x] Utiliza Portal do Cliente` (S6, S10): the second confirmation, with the same account.

No lasting token is asked for: the sign-in proves the person, the link keeps its own tokens.
"""

from __future__ import annotations

from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.desk import Actor, Desk
from onvio_agent.actions.sign_in import Proof, ask_onvio
from onvio_agent.errors import Refused
from onvio_agent.office import rules
from onvio_agent.office.model import User


async def confirm_portal(desk: Desk, actor: Actor, login: str, proof: Proof) -> User:
    """The user as confirmed and checked: only now may the icon turn green.

    Raises `SecondFactorAsked` like any refusal: nothing is changed by it.
    """
    user = allowed(desk, actor, login)
    async with desk.turn(user.id):
        _tokens, account = await ask_onvio(desk, proof, offline=False)
        now = desk.hub.user(user.id) or user
        rules.check_portal_account(now, account)
        if not await desk.store.confirm_portal(user.id, user.link.generation, at=desk.clock.wall()):
            await desk.reload_office()
            raise Refused("request.conflict", login=user.login)
        await desk.reload_office()
    desk.log.info("link.portal_confirmed", user=user.login)
    await check_link(desk, user.id)
    return desk.hub.user(user.id) or user


def allowed(desk: Desk, actor: Actor, login: str) -> User:
    """The user, whose portal `actor` may confirm now. Raises `Refused`."""
    user = rules.find_user(desk.hub.office, login)
    if not actor.is_manager and not desk.is_own(user):
        raise Refused("manager.required")
    if not desk.hub.is_connected():
        desk.refuse_on_hold()
    # The Gerente himself is unconfirmed at first and holds the others back, never himself.
    rules.check_portal(desk.hub.office, user, desk.hub.connection.state)
    return user
