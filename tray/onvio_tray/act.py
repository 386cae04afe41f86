"""What a click and a line of the menu do: one thing at a time, away from the thread that draws.

Clicks coalesce: while one is carried out, further ones are dropped. Whatever fails is said to the
person who clicked; nothing here decides a state, and ONVIO's requests to wait are the agent's to obey.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from onvio_agent.client import Agent
from onvio_agent.clock import Clock
from onvio_agent.contract.status import Action, IconState, IconStatus, Snapshot
from onvio_agent.errors import AgentError, NotRunning, fill
from onvio_agent.i18n import N_, _
from onvio_agent.plain_text import clean
from onvio_config.edit import set_value
from onvio_config.paths import Paths
from onvio_config.text import SettingsError
from onvio_tray import menu
from onvio_tray.log import TrayLog
from onvio_tray.present import Presenter
from onvio_tray.programs import CommandFailed, open_folder, run_agent_command
from onvio_tray.screen import Screen
from onvio_tray.sight import Heard, Unheard, is_login
from onvio_tray.view import Click

PAUSE_S = 3600.0
"""*Pausar por 1 hora*."""

_CONNECT_S = 2.0  # an agent that runs answers in milliseconds
_FAILED = N_("This did not work.")


class Actor:
    """`look`: have the watcher look for the agent at once. `quit_tray`: end the tray."""

    def __init__(
        self,
        paths: Paths,
        clock: Clock,
        presenter: Presenter,
        screen: Screen,
        look: Callable[[], None],
        quit_tray: Callable[[], None],
        log: TrayLog,
    ) -> None:
        self._paths = paths
        self._clock = clock
        self._presenter = presenter
        self._screen = screen
        self._look = look
        self._quit = quit_tray
        self._log = log
        self._busy = threading.Lock()

    def on_click(self) -> None:
        """One click on the icon. Returns at once."""
        self._begin("click", self._click)

    def on_menu(self, chosen: str) -> None:
        """One line of the menu, by its name. Returns at once."""
        fixed = {
            menu.RECONNECT: self._connect_again,
            menu.PANEL: lambda: run_agent_command("panel"),
            menu.PAUSE: lambda: self._intend("paused", PAUSE_S),
            menu.RESUME: lambda: self._intend("run", None),
            menu.LOGS: lambda: open_folder(self._paths.log_dir),
        }
        if chosen == menu.QUIT:
            self._quit()
        elif chosen in fixed:
            self._begin(chosen, fixed[chosen])
        elif chosen.startswith(menu.USER):
            login = chosen.removeprefix(menu.USER)
            self._begin("user", lambda: self._reconnect(login))
        elif chosen.startswith(menu.OWN):
            login = chosen.removeprefix(menu.OWN)
            self._begin("own", lambda: self._choose(login))

    # -- one at a time

    def _begin(self, what: str, work: Callable[[], object]) -> None:
        if self._busy.acquire(blocking=False):
            threading.Thread(
                target=self._carry_out, args=(what, work), name=what, daemon=True
            ).start()

    def _carry_out(self, what: str, work: Callable[[], object]) -> None:
        try:
            self._log.info("action.started", action=what)
            work()
        except AgentError as error:
            self._fail(what, error.code, _(error.reason.title), _(error.reason.next_step), error)
        except SettingsError as error:
            self._fail(what, "settings.invalid", _(_FAILED), error.text.render(_))
        except CommandFailed as error:
            self._fail(what, str(error), _(_FAILED), error.said)
        except Exception as error:  # a bug: whoever clicked must not wait for ever
            self._fail(what, repr(error), _(_FAILED), _("See the log folder."))
        finally:
            self._busy.release()

    def _fail(
        self, what: str, reason: str, title: str, step: str, error: AgentError | None = None
    ) -> None:
        self._log.warning("action.failed", action=what, reason=reason)
        fields = error.fields if error else {}
        if reason == "agent.not_answering":  # seen sooner than the stream's silence
            self._presenter.hear(Unheard(reason, fields))
        self._screen.notify(clean(fill(title, fields)), clean(fill(step, fields)))
        self._look()

    # -- what is done

    def _click(self) -> None:
        found = self._presenter.view
        if found is None:
            return
        if found.click is Click.SAY:
            self._screen.notify(found.title, found.next_step)
        else:
            self._help(found.click)

    def _connect_again(self) -> None:
        """The menu's line: what a click does, and a check where a click would only show something."""
        found = self._presenter.view
        if found is not None:
            shows = found.click in (Click.SAY, Click.PANEL)
            self._help(Click.RECONNECT if shows else found.click)

    def _help(self, click: Click) -> None:
        if click is Click.RECONNECT:
            self._reconnect(None)
            return
        if click is Click.PANEL:
            run_agent_command("panel")
            return
        if click is Click.RESTART:
            _end_agent()
        run_agent_command("start")
        self._look()

    def _reconnect(self, login: str | None) -> None:
        """Try it, and say the next step where that was not enough."""
        snapshot = self._agent().reconnect(login)
        self._hear(snapshot)
        icon = _icon_of(snapshot, login)
        if icon.state is not IconState.GREEN and not self._opens_sign_in(snapshot, icon):
            self._screen.notify(clean(icon.title), clean(icon.next_step))

    def _opens_sign_in(self, snapshot: Snapshot, icon: IconStatus) -> bool:
        """Whether the panel was opened, where a sign-in is what it takes."""
        if icon.action is not Action.SIGN_IN or not snapshot.agent.panel:
            return False
        try:
            run_agent_command("panel")
        except CommandFailed:  # no browser: then the next step is said
            return False
        return True

    def _intend(self, state: str, for_s: float | None) -> None:
        self._hear(self._agent().set_intent(state, for_s))

    def _choose(self, login: str) -> None:
        """Whose workstation it is: kept in the user's settings, and said to the agent of now."""
        set_value(self._paths.settings_path, "workstation", "user", login)
        self._presenter.set_own(login)
        self._hear(self._agent().set_workstation(login))

    def _agent(self) -> Agent:
        return Agent.connect(self._paths, _CONNECT_S)

    def _hear(self, snapshot: Snapshot) -> None:
        self._presenter.hear(Heard(snapshot, self._clock.mono()))


def _end_agent() -> None:
    """By the pid that holds its lock, however it hangs; an agent that is gone is fine."""
    try:
        run_agent_command("stop", "--force")
    except CommandFailed as error:
        if error.code != NotRunning.exit_code:
            raise


def _icon_of(snapshot: Snapshot, login: str | None) -> IconStatus:
    users = [user for user in snapshot.users if login is not None and is_login(user.login, login)]
    return users[0].icon if users else snapshot.icon
