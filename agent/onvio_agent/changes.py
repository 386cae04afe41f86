"""What has changed since it was last looked: one `Change` for each line that the log deserves.

It remembers what everybody was shown, so that what is shown again is told to nobody.
"""

from __future__ import annotations

from onvio_agent.clock import Now
from onvio_agent.office.model import User
from onvio_agent.verdict.icon import Icon
from onvio_agent.world import Change, World, icon_of, icon_of_workstation

_Subject = tuple[str, str | None]
_Shown = tuple[str, str | None]


class Changes:
    """`icons`: each user's as last noticed, by id; `was_online`: the connection, at the last time
    that any icon moved."""

    def __init__(self) -> None:
        self.icons: dict[int, Icon] = {}
        self.was_online = False
        self._seen: dict[_Subject, tuple[_Shown, float]] = {}

    def link_since(self, user: User) -> float:
        """Since which instant that user's link shows what it shows."""
        return self._seen["link", user.login][1]

    def after(
        self, world: World, own_login: str, now: Now, users: tuple[User, ...] | None
    ) -> tuple[Change, ...]:
        """What `world` shows otherwise than before. `users`: those whom it can concern; None: all."""
        if users == ():  # the same connection, seen again
            return ()
        mono = now.mono
        shown: dict[_Subject, _Shown] = {
            ("intent", None): (world.intent.state, None),
            ("connection", None): (world.connection.state, world.connection.reason),
        }
        moved = users is None
        if moved:
            self._forget_gone(world)
        for user in world.office.users if users is None else users:
            link, hold = world.links[user.id], world.hold_on(user)
            shown["link", user.login] = ("waiting", hold) if hold else (link.state, link.reason)
            warning = ("warning", user.login)
            if link.ends_soon(mono) or warning in self._seen:
                shown[warning] = ("ends_soon" if link.ends_soon(mono) else "none", None)
            icon = icon_of(world, user, mono)
            if self.icons.get(user.id) != icon:
                self.icons[user.id] = icon
                moved = True
        if moved:
            self.was_online = world.connection.is_online(mono)
            top = icon_of_workstation(world, own_login, self.icons, mono)
            shown["icon", None] = (top.state, top.reason)
        return tuple(
            self._change(subject, state, mono)
            for subject, state in shown.items()
            if subject not in self._seen or self._seen[subject][0] != state
        )

    def _forget_gone(self, world: World) -> None:
        """Users who were erased: an icon of nobody's would count as one that has moved, for ever."""
        ids = {user.id for user in world.office.users}
        logins = {None, *(user.login for user in world.office.users)}
        self.icons = {each: icon for each, icon in self.icons.items() if each in ids}
        self._seen = {each: seen for each, seen in self._seen.items() if each[1] in logins}

    def _change(self, subject: _Subject, state: _Shown, mono: float) -> Change:
        before = self._seen.get(subject)
        self._seen[subject] = (state, mono)
        return Change(
            kind=subject[0],
            login=subject[1],
            before=str(before[0][0]) if before else "none",
            after=str(state[0]),
            reason=state[1],
            duration_s=round(mono - before[1], 3) if before else None,
        )
