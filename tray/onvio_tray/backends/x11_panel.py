"""The panel of a plain X11 desktop, there or not yet, and our icon, sentence and menu in it.

Windows of others vanish between a look and a touch: such errors are no news, since an event says it too.
"""

from __future__ import annotations

from math import inf
from typing import Any

from Xlib import X, error
from Xlib.display import Display

from onvio_tray.backends.base import Callbacks, MenuItem, Shown
from onvio_tray.backends.x11_icon import IconWindow
from onvio_tray.backends.x11_popup import Popup

SETTLE_S = 0.5
"""Seconds between the coming of a panel and our request. 0.5: trayer lost four of twelve icons that
asked while it was starting, and none of those that waited so long."""

_ASK_AGAIN_S = 5.0
"""Seconds in which a panel takes an icon in, if it has heard us. 5: a busy desktop takes one or two."""

_HOVER_S = 0.6
"""Seconds of resting before the sentence appears. 0.6: not while the pointer only passes."""

_LEFT, _MIDDLE, _RIGHT = 1, 2, 3


def panel_of(display: Display) -> Any:
    """The window of the panel that takes icons in; None where there is none."""
    selection = display.get_atom(f"_NET_SYSTEM_TRAY_S{display.get_default_screen()}")
    return display.get_selection_owner(selection) or None


class Panel:
    """Call `serve` whenever the display or `show` has news, and when `wait_s` has passed."""

    def __init__(self, display: Display, callbacks: Callbacks, shown: Shown, now: float) -> None:
        self.display = display
        self.has_taken_it = False
        self._callbacks = callbacks
        self._shown = shown
        self._manager = display.get_atom("MANAGER")
        self._owner: Any = None
        self._icon: IconWindow | None = None
        self._menu: Popup | None = None
        self._sentence: Popup | None = None
        self._now = now  # all of these: seconds of the caller's steady clock
        self._ask_at = self._hover_at = inf
        display.set_error_handler(_ignored)
        display.screen().root.change_attributes(event_mask=X.StructureNotifyMask)
        self._look()

    def serve(self, shown: Shown, now: float) -> None:
        """Show this, handle what has come, do what is due."""
        self._now = now
        self._show(shown)
        while self.display.pending_events():
            self._handle(self.display.next_event())
        if now >= self._ask_at:
            self._ask()
        if now >= self._hover_at:
            self._open_sentence()
        self.display.flush()

    def wait_s(self, now: float) -> float:
        """Seconds until something is due; none where an event came along with an answer."""
        if self.display.pending_events():
            return 0.0
        return max(0.0, min(self._ask_at, self._hover_at) - now)

    def _show(self, shown: Shown) -> None:
        before, self._shown = self._shown, shown
        if self._icon and before.icon != shown.icon:
            self._icon.paint(shown.icon)
        if self._icon and before.tooltip != shown.tooltip:
            self._icon.set_name(shown.tooltip)

    def _look(self) -> None:
        """Watch the panel, if there is one, and ask it soon."""
        self.display.grab_server()  # so that it cannot go between the question and the watching
        self._owner = panel_of(self.display)
        if self._owner:
            self._owner.change_attributes(event_mask=X.StructureNotifyMask)
        self.display.ungrab_server()
        self._ask_at = self._now + SETTLE_S if self._owner else inf

    def _ask(self) -> None:
        """Ask the panel to take a new icon in; again, where the one before has been lost."""
        self._leave()
        self._ask_at = self._now + _ASK_AGAIN_S
        try:
            self._icon = IconWindow(self.display, self._owner)
        except error.XError:  # the panel has gone meanwhile; its end or its successor is told
            return
        self._icon.set_name(self._shown.tooltip)

    def _leave(self) -> None:
        """Take away what is in the panel."""
        self._close_sentence()
        self._close_menu()
        if self._icon:
            self._icon.destroy()
        self._icon = None
        self.has_taken_it = False

    def _handle(self, event: Any) -> None:
        is_new = event.type == X.ClientMessage and event.client_type == self._manager
        is_gone = event.type == X.DestroyNotify and self._owner and event.window == self._owner
        if is_new or is_gone:
            self._renew()
        elif self._menu and event.type in (X.MotionNotify, X.ButtonPress, X.ButtonRelease):
            self._handle_menu(self._menu, event)
        elif event.type == X.Expose and event.count == 0:
            self._expose(event.window)
        elif self._icon and getattr(event, "window", None) == self._icon.window:  # not all have one
            self._handle_icon(self._icon, event)

    def _renew(self) -> None:
        """Panels have changed."""
        self._leave()
        self._look()

    def _handle_icon(self, icon: IconWindow, event: Any) -> None:
        if event.type == X.ReparentNotify:
            self.has_taken_it = event.parent != self.display.screen().root
            self._ask_at = inf if self.has_taken_it else self._now + SETTLE_S
        elif event.type == X.ConfigureNotify:
            icon.resized(event.width, event.height)
            icon.paint(self._shown.icon)
        elif event.type == X.ButtonPress:
            self._handle_button(event)
        elif event.type in (X.EnterNotify, X.LeaveNotify):
            self._close_sentence()
            if event.type == X.EnterNotify:
                self._hover_at = self._now + _HOVER_S
        elif event.type == X.DestroyNotify:
            self._icon = None
            self._renew()

    def _handle_button(self, event: Any) -> None:
        self._close_sentence()
        if event.detail in (_LEFT, _MIDDLE):
            self._callbacks.on_click()
        elif event.detail == _RIGHT and self._shown.menu:
            at = (event.root_x, event.root_y)
            self._menu = Popup(self.display, self._shown.menu, at, is_menu=True)

    def _handle_menu(self, menu: Popup, event: Any) -> None:
        """The menu holds the pointer: everything that it does comes here."""
        if event.type == X.MotionNotify:
            menu.moved(event.event_x, event.event_y)
            return
        chosen = menu.chosen(event.event_x, event.event_y)
        if chosen or event.type == X.ButtonPress:
            self._close_menu()
        if chosen:
            self._callbacks.on_menu(chosen)

    def _expose(self, window: Any) -> None:
        if self._icon and window == self._icon.window:
            self._icon.exposed()
            self._icon.paint(self._shown.icon)
        for popup in (self._menu, self._sentence):
            if popup and window == popup.window:
                popup.paint()

    def _open_sentence(self) -> None:
        self._hover_at = inf
        if self._menu or not self._shown.tooltip:
            return
        pointer = self.display.screen().root.query_pointer()
        line = MenuItem(id="", label=self._shown.tooltip)
        at = (pointer.root_x, pointer.root_y)
        self._sentence = Popup(self.display, [line], at, is_menu=False)

    def _close_menu(self) -> None:
        menu, self._menu = self._menu, None
        if menu:
            menu.close()

    def _close_sentence(self) -> None:
        sentence, self._sentence = self._sentence, None
        self._hover_at = inf
        if sentence:
            sentence.close()


def _ignored(_error: object, _request: object) -> None:
    """See the head of this module."""
