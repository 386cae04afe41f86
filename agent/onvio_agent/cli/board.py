"""A snapshot as lines for a terminal: the icon, its sentence, the next step, and the users' table.

It shows what the snapshot says and decides nothing. Shape differs as well as colour.
"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from onvio_agent.cli.output import display_width, paint
from onvio_agent.contract.status import (
    ConnectionState,
    ConnectionStatus,
    IconState,
    IconStatus,
    IntentState,
    Newer,
    Role,
    Situation,
    Snapshot,
    SyncStatus,
    UserStatus,
)
from onvio_agent.errors import Refused, fill
from onvio_agent.i18n import N_, _, age, clock_time
from onvio_agent.office.model import text_key
from onvio_agent.plain_text import clean

_MARKS = {IconState.GREEN: "●", IconState.PLAY: "▶", IconState.GREY: "○"}
_COLOURS = {IconState.GREEN: "green", IconState.PLAY: "yellow", IconState.GREY: "bright_black"}
_CONNECTIONS = {
    ConnectionState.STARTING: N_("starting"),
    ConnectionState.CHECKING: N_("checking"),
    ConnectionState.ONLINE: N_("online"),
    ConnectionState.OFFLINE: N_("offline"),
    ConnectionState.WAITING: N_("waiting to try again"),
}
_SITUATIONS = {Situation.ACTIVE: N_("Ativo"), Situation.INACTIVE: N_("Inativo")}


def mark(icon: IconStatus) -> str:
    """The icon's shape, in its colour where there are colours."""
    return paint(_MARKS[icon.state], _COLOURS[icon.state])


def user_of(snapshot: Snapshot, login: str) -> UserStatus:
    """That user's row; refuses an unknown login."""
    for user in snapshot.users:
        if text_key(user.login) == text_key(login):
            return user
    raise Refused("user.unknown", login=login)


def chosen_icon(snapshot: Snapshot, login: str | None) -> IconStatus:
    """That user's icon, or the workstation's."""
    return snapshot.icon if login is None else user_of(snapshot, login).icon


def icon_lines(icon: IconStatus, user: UserStatus | None = None) -> list[str]:
    """The sentence and, unless all is well, the next step. `user`: whose icon it is."""
    whose = f"{clean(user.login)}: " if user else ""
    lines = [f"{mark(icon)} {whose}{clean(icon.title)}"]
    if icon.state is not IconState.GREEN:
        lines.append(f"  → {clean(icon.next_step)}")
    if icon.warning is not None:
        lines += [f"! {clean(icon.warning.title)}", f"  → {clean(icon.warning.next_step)}"]
    return lines


def office_lines(snapshot: Snapshot, now: datetime) -> list[str]:
    """The whole screen of `status`."""
    lines = [*icon_lines(snapshot.icon), "", _connection_line(snapshot.connection, now)]
    if snapshot.intent.state is IntentState.PAUSED:
        lines.append(_pause_line(snapshot.intent.until))
    if snapshot.sync.queued is not None:
        lines.append(_documents_line(snapshot.sync))
    if snapshot.users:
        lines += ["", *table_lines(snapshot.users, now)]
    if snapshot.agent.newer is not None:
        lines += ["", newer_line(snapshot.agent.newer)]
    return lines


def newer_line(newer: Newer) -> str:
    """That there is a newer version, and where to read of it."""
    told = _("Version {version} is available.").replace("{version}", clean(newer.version))
    return f"{told} {clean(newer.page)}".rstrip()


def user_lines(user: UserStatus, now: datetime) -> list[str]:
    """One user's screen."""
    situation = _(_SITUATIONS[user.situation])
    rows = [
        (_("User"), f"{user.login} ({user.name})"),
        (_("Role"), _role(user)),
        (_("Situação"), situation),
        (_("Utiliza ONVIO"), tick(user.uses_onvio)),
        (_("Usuário no ONVIO"), user.onvio_email or "-"),
        (_("Utiliza Portal do Cliente"), tick(user.uses_client_portal)),
        (_("Checked"), _age(user.link.checked_at, now)),
    ]
    width = max(display_width(label) for label, _value in rows)
    lines = [f"  {_pad(label, width)}  {clean(value)}" for label, value in rows]
    return [*icon_lines(user.icon, user), "", *lines]


def table_lines(users: tuple[UserStatus, ...], now: datetime) -> list[str]:
    """One line for each user, under headers."""
    heads = [_("User"), _("Name"), _("Role"), _("Situação"), _("Usuário no ONVIO"), _("Checked"), _("ONVIO")]  # fmt: skip
    rows = [heads, *(_cells(user, now) for user in users)]
    widths = [max(display_width(row[at]) for row in rows) for at in range(len(heads))]
    marks = [" ", *(mark(user.icon) for user in users)]
    return [
        f"{shape} {'  '.join(map(_pad, row, widths))}".rstrip()
        for shape, row in zip(marks, rows, strict=True)
    ]


def summary(snapshot: Snapshot) -> str:
    """The icon's sentence and every user's shape, on one line: what is worth a line when it changes."""
    users = " ".join(f"{clean(user.login)}{_MARKS[user.icon.state]}" for user in snapshot.users)
    line = f"{mark(snapshot.icon)} {clean(snapshot.icon.title)}"
    return f"{line} [{users}]" if users else line


def user_summary(user: UserStatus) -> str:
    """The same for one user."""
    return icon_lines(user.icon, user)[0]


def tick(on: bool) -> str:
    """A tick box as Domínio draws it."""
    return "[x]" if on else "[ ]"


def show(lines: list[str]) -> None:
    """Print them."""
    click.echo("\n".join(lines))


def _cells(user: UserStatus, now: datetime) -> list[str]:
    cells = [user.login, user.name, _role(user), _(_SITUATIONS[user.situation])]
    cells += [user.onvio_email or "-", _age(user.link.checked_at, now), user.icon.title]
    return [clean(cell) for cell in cells]


def _role(user: UserStatus) -> str:
    return _("Gerente") if user.role is Role.MANAGER else _("User")


def _documents_line(sync: SyncStatus) -> str:
    pending = (sync.queued, sync.sending, sync.accepted, sync.waiting)
    counts = {
        "pending": sum(count or 0 for count in pending),
        "delivered": (sync.stored or 0) + (sync.duplicate or 0),
        "refused": sync.refused or 0,
    }
    text = _("Documents: {pending} pending, {delivered} delivered, {refused} refused")
    return fill(text, counts)


def _connection_line(connection: ConnectionStatus, now: datetime) -> str:
    parts = [_(_CONNECTIONS[connection.state])]
    if connection.latency_ms is not None and connection.state is ConnectionState.ONLINE:
        parts.append(f"{connection.latency_ms:.0f} ms")
    if connection.checked_at is not None:
        parts.append(_("checked {age}").replace("{age}", _age(connection.checked_at, now)))
    if connection.retry_at is not None:
        at = clock_time(connection.retry_at)
        parts.append(_("next try at {time}").replace("{time}", at))
    return _("Connection: {facts}").replace("{facts}", ", ".join(parts))


def _pause_line(until: datetime | None) -> str:
    if until is None:
        return _("Paused until somebody resumes.")
    return _("Paused until {time}.").replace("{time}", until.astimezone().strftime("%d/%m %H:%M"))


def _age(moment: datetime | None, now: datetime) -> str:
    return "-" if moment is None else age((now.astimezone(UTC) - moment).total_seconds())


def _pad(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))
