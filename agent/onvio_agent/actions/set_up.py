"""Add the Gerente with his password in this agent, or set a new password. Needs no running agent."""

from __future__ import annotations

from onvio_agent.actions.manager import check_new_password, set_password
from onvio_agent.clock import Clock
from onvio_agent.contract.status import Role
from onvio_agent.errors import Refused
from onvio_agent.office.model import User
from onvio_agent.office.rules import check_new_user
from onvio_agent.store.base import Exec, Store


async def check_set_up(store: Store, login: str, name: str, *, reset: bool) -> None:
    """Refuse what no password would help: a second Gerente, a bad login; a reset without one."""
    office = await store.office()
    if reset and office.manager is None:
        raise Refused("manager.missing")
    if reset:
        return
    if office.manager is not None:
        raise Refused("manager.exists", login=office.manager.login)
    check_new_user(office, login, name)


async def set_up(
    store: Store, exec_: Exec, clock: Clock, login: str, name: str, password: str
) -> None:
    """The first user of this agent is its Gerente; `Refused('manager.exists')` where there is one.

    The password is saved first: a Gerente without one could not be proven to be him.
    """
    await check_set_up(store, login, name, reset=False)
    check_new_password(password)
    await set_password(store, exec_, password)
    manager = User(id=0, login=login.strip(), name=name.strip(), role=Role.MANAGER)
    await store.add_user(manager, at=clock.wall())
    await store.acknowledge_corrupt()


async def reset_password(store: Store, exec_: Exec, password: str) -> None:
    """Set the Gerente's password anew; `Refused('manager.missing')` where there is none."""
    await check_set_up(store, "", "", reset=True)
    check_new_password(password)
    await set_password(store, exec_, password)
