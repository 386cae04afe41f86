"""From verdicts to the snapshot that faces show: names, sentences and times, no decision.

The only place where instants of the unsettable clock become wall times, and where the catalogue's
sentences are put into the user's language.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import ceil

import msgspec

from onvio_agent.clock import Now
from onvio_agent.contract import reasons
from onvio_agent.contract.status import (
    Action,
    AgentInfo,
    ConnectionStatus,
    Finding,
    IconState,
    IconStatus,
    LinkState,
    LinkStatus,
    Snapshot,
    SyncStatus,
    UserStatus,
)
from onvio_agent.errors import fill
from onvio_agent.i18n import N_, _, clock_time
from onvio_agent.office.model import User
from onvio_agent.verdict.connection import ConnectionVerdict
from onvio_agent.verdict.icon import Icon
from onvio_agent.verdict.link import LinkVerdict
from onvio_agent.world import World

_CONNECTED = N_("Connected to ONVIO.")
_NOTHING_TO_DO = N_("Nothing to do.")
_ON_HOLD = N_("The agent tries again by itself at {time}; until then nothing can connect it.")
_LIMITED = "onvio.limited"
_PERSONAL = ("link.", "portal.", "user.", "vault.lost")


def render(
    world: World,
    *,
    agent: AgentInfo,
    top: Icon,
    user_icons: dict[int, Icon],
    held_since: dict[int, datetime | None],
    sync: SyncStatus,
    now: Now,
) -> Snapshot:
    """The snapshot at `now`. `held_since`: since when those who are held wait for the Gerente."""
    return Snapshot(
        agent=agent,
        intent=world.intent,
        connection=_connection(world.connection, now),
        icon=_top(top, world, user_icons, now),
        users=tuple(
            _user(
                user,
                _shown(world, user, held_since),
                user_icons[user.id],
                world.connection,
                now,
            )
            for user in world.office.users
        ),
        sync=sync,
    )


def icon_status(icon: Icon, login: str = "LOGIN", held_until: datetime | None = None) -> IconStatus:
    """The icon with its sentence and next step, in the language that is set. `login`: whose it is;
    `held_until`: the end of the wait that ONVIO has named."""
    if icon.reason is None:
        return IconStatus(
            state=IconState.GREEN,
            reason=None,
            title=_(_CONNECTED),
            next_step=_(_NOTHING_TO_DO),
            action=Action.OPEN_PANEL,
        )
    reason = reasons.get(icon.reason)
    next_step = fill(_(reason.next_step), {"login": login})
    if held_until is not None and icon.reason == _LIMITED:
        next_step = fill(_(_ON_HOLD), {"time": clock_time(held_until)})
    return IconStatus(
        state=icon.state,
        reason=reason.code,
        title=fill(_(reason.title), {"path": _("the data folder")}),
        next_step=next_step,
        action=reason.action,
    )


def _top(top: Icon, world: World, user_icons: dict[int, Icon], now: Now) -> IconStatus:
    """The office's icon; a reason or warning that lies with one person, or some, names them."""
    told = top.reason or top.warning
    if told is None or not told.startswith(_PERSONAL):
        return icon_status(
            top, held_until=_held_until((world.connection, *world.links.values()), now)
        )
    whose = [user for user in world.office.users if user_icons[user.id] == top]
    if not whose:
        return icon_status(top)
    first = min(whose, key=lambda user: world.links[user.id].session_ends_at or 0.0)
    status = icon_status(top, first.login)
    names = first.name if len(whose) == 1 else f"{first.name} (+{len(whose) - 1})"
    warning = _warning(top, first.login, world.links[first.id], now)
    if warning is None:
        return msgspec.structs.replace(status, title=f"{names}: {status.title}")
    named = msgspec.structs.replace(warning, title=f"{names}: {warning.title}")
    return msgspec.structs.replace(status, warning=named)


def _held_until(verdicts: Iterable[ConnectionVerdict | LinkVerdict], now: Now) -> datetime | None:
    """When the longest wait ends that ONVIO has named."""
    ends = [each.retry_at for each in verdicts if each.reason == _LIMITED and each.retry_at]
    return now.wall_at(max(ends)) if ends else None


def _warning(icon: Icon, login: str, verdict: LinkVerdict, now: Now) -> Finding | None:
    """What stands beside green, with the workstation's own time of day."""
    ends_at = now.wall_at(verdict.session_ends_at)
    if icon.warning is None or ends_at is None:
        return None
    reason = reasons.get(icon.warning)
    told = {"login": login, "time": ends_at.astimezone().strftime("%H:%M")}
    return Finding(
        code=reason.code,
        title=fill(_(reason.title), told),
        next_step=fill(_(reason.next_step), told),
    )


def _connection(verdict: ConnectionVerdict, now: Now) -> ConnectionStatus:
    return ConnectionStatus(
        state=verdict.state,
        reason=verdict.reason,
        since=verdict.since,
        checked_at=verdict.checked_at,
        valid_until=_whole(now.wall_at(verdict.valid_until)),
        retry_at=_whole(now.wall_at(verdict.retry_at)),
        latency_ms=verdict.latency_ms,
        ttl_s=_ttl_s(verdict.valid_until, now),
    )


def _shown(world: World, user: User, held_since: dict[int, datetime | None]) -> LinkVerdict:
    """The verdict on a link, or the wait for the Gerente that stands above it."""
    verdict, hold = world.links[user.id], world.hold_on(user)
    if hold is None:
        return verdict
    return msgspec.structs.replace(
        verdict, state=LinkState.WAITING, reason=hold, since=held_since.get(user.id)
    )


def _user(
    user: User, verdict: LinkVerdict, icon: Icon, connection: ConnectionVerdict, now: Now
) -> UserStatus:
    account = user.link.account
    return UserStatus(
        login=user.login,
        name=user.name,
        role=user.role,
        situation=user.situation,
        onvio_email=account.email if account else None,
        uses_onvio=user.uses_onvio,
        uses_client_portal=user.uses_client_portal,
        icon=msgspec.structs.replace(
            icon_status(icon, user.login, _held_until((connection, verdict), now)),
            warning=_warning(icon, user.login, verdict, now),
        ),
        link=LinkStatus(
            state=verdict.state,
            reason=verdict.reason,
            since=verdict.since,
            checked_at=verdict.checked_at,
            valid_until=_whole(now.wall_at(verdict.valid_until)),
            retry_at=_whole(now.wall_at(verdict.retry_at)),
            ttl_s=_ttl_s(verdict.valid_until, now),
            session_ends_at=_whole(now.wall_at(verdict.session_ends_at)),
        ),
    )


def _ttl_s(valid_until: float | None, now: Now) -> float | None:
    """Rounded up: what still holds is not shown as over."""
    return None if valid_until is None else ceil(max(0.0, valid_until - now.mono) * 1000) / 1000


def _whole(moment: datetime | None) -> datetime | None:
    """To the millisecond: more would only pretend."""
    if moment is None:
        return None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
