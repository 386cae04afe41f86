"""`onvio-tray`: the icon in this session, from now until *Sair* or a signal.

Composition and the one loop of the main thread: find a way to show the icon, show it, and look again
when the desktop has lost it. Everything else happens in two threads beside it, one that follows the
agent and one that decides what to show.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import time as time_of_day

from onvio_agent import __version__
from onvio_agent.clock import SystemClock
from onvio_agent.errors import AgentError
from onvio_agent.i18n import _, set_language
from onvio_config.hint import language_hint
from onvio_config.load import Loaded, load
from onvio_config.model import Settings
from onvio_config.paths import Paths, paths_from_env
from onvio_config.sources import Origin, OriginKind
from onvio_config.text import FolderError, SettingsError
from onvio_tray.act import Actor
from onvio_tray.backends.base import BackendGone, Callbacks, Choose
from onvio_tray.backends.choose import choose
from onvio_tray.backends.desktop import is_there
from onvio_tray.log import TrayLog
from onvio_tray.login import LoginAgent
from onvio_tray.notices import Rules
from onvio_tray.options import USAGE, Options, read_options
from onvio_tray.present import Presenter
from onvio_tray.programs import start_anew
from onvio_tray.screen import Screen
from onvio_tray.session import claim, others
from onvio_tray.view import Own
from onvio_tray.watch import Watcher

LOOK_S = 5.0
"""Between two looks for a desktop that shows icons: it may come up after the tray."""

CRASH_PAUSE_S = 10.0
"""Before the tray begins anew after a crash: one that crashes at once must not take the processor."""

_DONE, _WRONG_USAGE, _FAILED = 0, 2, 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 ended by a person or a signal, 2 wrong usage, 5 it cannot run here."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        print(f"onvio-tray {__version__}")
        return _DONE
    options = read_options(words)
    if options is None:
        _tell(USAGE)
        return _WRONG_USAGE
    set_language(language_hint(os.environ))
    try:
        paths = paths_from_env(os.environ)
        paths.ensure()
        claimed = claim(paths.runtime_dir, os.environ)
    except FolderError as error:
        _tell(error.text.render(_))
        return _FAILED
    except AgentError as error:
        told = _("The icon is already shown in this session (pid {pid}).")
        _tell(told.replace("{pid}", str(error.fields.get("pid", "?"))))
        return _FAILED
    Tray(paths, os.environ, choose, options).run()
    claimed.release()
    return _DONE


class Tray:
    """The parts, joined."""

    def __init__(
        self, paths: Paths, environ: Mapping[str, str], choose: Choose, options: Options
    ) -> None:
        clock = SystemClock()
        log = TrayLog(paths.log_dir, clock.wall)
        loaded = _settings(paths, environ, log)
        settings = loaded.settings
        set_language(settings.ui.language)
        self._log, self._choose, self._backend_name = log, choose, settings.tray.backend
        self._options = options
        self._environ = environ
        self._had_desktop = is_there(environ)
        self._ended = threading.Event()
        self._screen = Screen(time.monotonic)
        self._presenter = Presenter(
            self._screen,
            clock,
            time.monotonic,
            _own(loaded),
            _rules(settings),
            self._start_anew,
            log,
        )
        self._watcher = Watcher(paths, clock, self._presenter.hear, self._on_other_version, log)
        self._actor = Actor(
            paths, clock, self._presenter, self._screen, self._watcher.look, self._quit, log
        )
        self._agent = LoginAgent(
            lambda: others(paths.runtime_dir, environ), log, started=options.ends_agent
        )

    def run(self) -> None:
        """Until *Sair* or a signal."""
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: _in_thread("end", self.end))
        if self._options.end_with_stdin:
            _in_thread("stdin", self._end_with_stdin)
        self._log.info("tray.started", version=__version__, pid=os.getpid())
        if self._options.with_agent:
            _in_thread("login", self._agent.start)
        _in_thread("watch", lambda: self._keep(self._watcher.run))
        _in_thread("present", lambda: self._keep(self._presenter.run))
        said: str | None = None
        while not self._ended.is_set():
            said = self._show_icon(said)
            if self._session_is_over():
                self._log.info("session.ended")
                break
            self._ended.wait(LOOK_S)
        self._agent.end_with_session()
        self._log.info("tray.stopped")

    def end(self) -> None:
        """Have `run` return soon. Any thread."""
        self._ended.set()
        self._screen.stop()

    def _quit(self) -> None:
        """*Sair*: the icon alone; the agent stays."""
        self._agent.leave()
        self.end()

    def _session_is_over(self) -> bool:
        """Whether the desktop was there and is no more; one that is yet to come is waited for."""
        there = is_there(self._environ)
        over = self._had_desktop and not there
        self._had_desktop = there
        return over

    def _end_with_stdin(self) -> None:
        while os.read(0, 4096):
            pass
        self.end()

    def _show_icon(self, said: str | None) -> str | None:
        """On what the session offers, for as long as it does; why not, which is said once."""
        callbacks = Callbacks(self._actor.on_click, self._actor.on_menu, self._presenter.beat)
        try:
            backend = self._choose(self._backend_name, callbacks)
            if self._screen.attach(backend):
                self._log.info("backend.started", backend=backend.name)
                backend.run()
            reason = None
        except BackendGone as gone:
            reason = gone.reason
            if reason != said:
                self._log.warning("backend.gone", reason=reason)
                _tell(_("No desktop shows icons here yet; looking on."))
        except Exception as error:  # no icon is better than one that nobody keeps: look again
            reason = repr(error)
            self._log.error("tray.crashed", error=reason)
        finally:
            self._screen.detach()
        return reason

    def _keep(self, work: Callable[[], None]) -> None:
        """A thread whose end would leave a lie on the screen: the icon goes, and all begins anew."""
        try:
            work()
        except Exception as error:
            self._log.error("tray.crashed", error=repr(error))
            self._screen.stop()
            time.sleep(CRASH_PAUSE_S)
            self._start_anew()

    def _on_other_version(self, pid: int) -> None:
        """The agent was updated under us: become the new program too, once for each such agent."""
        if pid != self._options.restarted_for:
            self._log.info("tray.outdated", pid=pid)
            self._start_anew(pid)

    def _start_anew(self, agent_pid: int | None = None) -> None:
        self._log.info("tray.restarting")
        options = self._options._replace(ends_agent=self._agent.is_ours)
        if agent_pid is not None:
            options = options._replace(restarted_for=agent_pid)
        try:
            start_anew(*options.words())
        except OSError as error:  # the program is gone: better no icon than one that nobody keeps
            self._log.error("tray.crashed", error=repr(error))
            os._exit(_FAILED)


def _settings(paths: Paths, environ: Mapping[str, str], log: TrayLog) -> Loaded:
    """The profile's settings; the defaults where they have a mistake, which the agent tells of."""
    try:
        return load(paths, environ)
    except SettingsError as error:
        log.error("settings.refused", detail=str(error))
        return Loaded(Settings(), {})


def _own(loaded: Loaded) -> Own:
    """Whose workstation it is. Not to be chosen here where something stronger has set it."""
    origin = loaded.origins.get("workstation.user", Origin(OriginKind.DEFAULT))
    stronger = (OriginKind.ENVIRONMENT, OriginKind.COMMAND)
    free = origin.kind not in stronger and "workstation.user" not in loaded.locks
    return Own(login=loaded.settings.workstation.user, may_choose=free)


def _rules(settings: Settings) -> Rules:
    end = settings.tray.end_of_day
    return Rules(settings.tray.notifications, time_of_day.fromisoformat(end) if end else None)


def _tell(text: str) -> None:
    """Say it where somebody may read it; a program without a console has no stderr."""
    if sys.stderr is not None:
        print(text, file=sys.stderr)


def _in_thread(name: str, work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()
