"""What is kept of one person: given out, or erased once the user is inactive (LGPD)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from onvio_agent.actions.desk import Actor, Desk
from onvio_agent.contract.status import Situation
from onvio_agent.errors import Refused
from onvio_agent.office import rules


async def export(
    desk: Desk, actor: Actor, login: str
) -> Mapping[str, Sequence[Mapping[str, object]]]:
    """See `Store.person`; for the Gerente."""
    desk.manager_only(actor)
    return await desk.store.person(rules.find_user(desk.hub.office, login).id)


async def erase(desk: Desk, actor: Actor, login: str) -> None:
    """Nothing is left of an inactive user but what docs/personal-data.md names."""
    desk.manager_only(actor)
    user = rules.find_user(desk.hub.office, login)
    if user.is_manager:
        raise Refused("manager.only")
    if user.situation is Situation.ACTIVE:
        raise Refused("user.still_active", login=user.login)
    done = await desk.store.erase(user.id, user.link.generation)
    await desk.reload_office()
    if not done:
        raise Refused("request.conflict", login=user.login)
    if desk.is_own(user):
        desk.hub.set_own_login("")
    desk.log.info("user.erased", user_id=user.id)
