"""A small window of text lines on plain X11: the menu of the icon, and its sentence on hovering.

Drawn with the fonts that every X server has, in the letters of Western Europe; enough for Portuguese.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from Xlib import X
from Xlib.display import Display

from onvio_agent.contract.status import IconState
from onvio_tray import icons
from onvio_tray.backends.base import MenuItem
from onvio_tray.backends.x11_icon import blended

_FONTS = (
    "-*-helvetica-medium-r-normal--14-*-*-*-*-*-iso8859-1",
    "-*-*-medium-r-normal--14-*-*-*-*-*-iso8859-1",
    "fixed",
)
_WHITE, _BLACK, _DIM, _MARKED = 0xFFFFFF, 0x202020, 0x909090, 0x2A6FB0
_PLAINER = str.maketrans({"\u2013": "-", "\u2014": "-", "\u2026": "...", "\u2019": "'"})
_MARGIN = 6  # pixels, at every side of a line
_ICON = 16  # pixels
_SEPARATOR_HEIGHT = 7
_POINTER = 18  # pixels that it takes up: a sentence below it would end the hovering
_EVENTS = X.ExposureMask | X.ButtonPressMask | X.ButtonReleaseMask | X.PointerMotionMask


class Popup:
    """Shown from its making until `close`. `marked` is the line below the pointer."""

    def __init__(
        self, display: Display, lines: Sequence[MenuItem], at: tuple[int, int], *, is_menu: bool
    ) -> None:
        self._display = display
        self._lines = lines
        self._is_menu = is_menu
        self._marked: int | None = None
        self._font = _opened(display)
        metrics = self._font.query()
        self._ascent = metrics.font_ascent
        self._line_height = metrics.font_ascent + metrics.font_descent + _MARGIN
        self._indent = _MARGIN + (_ICON + _MARGIN if any(line.icon for line in lines) else 0)
        self._tops = self._laid_out()
        self.window = self._made(at)
        self._gc = self.window.create_gc(font=self._font, graphics_exposures=False)
        self.window.map()
        if is_menu:
            self.window.grab_pointer(
                False, _EVENTS & ~X.ExposureMask, X.GrabModeAsync, X.GrabModeAsync, 0, 0, 0
            )

    def close(self) -> None:
        """Take it from the screen."""
        if self._is_menu:
            self._display.ungrab_pointer(X.CurrentTime)
        self._gc.free()
        self._font.close()
        self.window.destroy()

    def moved(self, x: int, y: int) -> None:
        """The pointer is there, in pixels of the window."""
        marked = self._line_at(x, y)
        if marked != self._marked:
            self._marked = marked
            self.paint()

    def chosen(self, x: int, y: int) -> str:
        """What a click there asks for; "" for nothing."""
        number = self._line_at(x, y)
        return "" if number is None else self._lines[number].id

    def paint(self) -> None:
        """Every line."""
        for number, line in enumerate(self._lines):
            top, height = self._tops[number], self._tops[number + 1] - self._tops[number]
            back = _MARKED if number == self._marked else _WHITE
            self._gc.change(foreground=back)
            self.window.fill_rectangle(self._gc, 0, top, self._width, height)
            if line.separator:
                self._gc.change(foreground=_DIM)
                self.window.fill_rectangle(self._gc, 0, top + height // 2, self._width, 1)
                continue
            if line.icon:
                self._paint_icon(line.icon, top + (height - _ICON) // 2, back)
            able = _BLACK if line.enabled or not self._is_menu else _DIM
            front = _WHITE if number == self._marked else able
            self._gc.change(foreground=front, background=back)
            baseline = top + _MARGIN // 2 + self._ascent
            self.window.image_text(self._gc, self._indent, baseline, _text(line.label))

    def _paint_icon(self, icon: IconState, top: int, back: int) -> None:
        canvas = back.to_bytes(4, "little") * (_ICON * _ICON)
        data = blended(icons.pixels(icon, _ICON).rgba, _ICON, canvas, _ICON)
        depth = self._display.screen().root_depth
        self.window.put_image(self._gc, _MARGIN, top, _ICON, _ICON, X.ZPixmap, depth, 0, data)

    def _line_at(self, x: int, y: int) -> int | None:
        if not 0 <= x < self._width:
            return None
        for number, line in enumerate(self._lines):
            if self._tops[number] <= y < self._tops[number + 1]:
                return number if line.id and line.enabled else None
        return None

    def _laid_out(self) -> list[int]:
        """The top of each line, and the end of the last; also finds the width."""
        tops, width = [0], 0
        for line in self._lines:
            tops.append(tops[-1] + (_SEPARATOR_HEIGHT if line.separator else self._line_height))
            extents = self._font.query_text_extents(_text(line.label))
            width = max(width, extents.overall_width)
        self._width = self._indent + width + _MARGIN
        return tops

    def _made(self, at: tuple[int, int]) -> Any:
        """Near the pointer, and whole on the screen."""
        screen = self._display.screen()
        height = self._tops[-1]
        left = max(0, min(at[0], screen.width_in_pixels - self._width))
        gap = 0 if self._is_menu else _POINTER
        top = at[1] + gap
        if top + height > screen.height_in_pixels:
            top = at[1] - gap - height
        return screen.root.create_window(
            left,
            max(0, top),
            self._width,
            height,
            1,
            screen.root_depth,
            X.InputOutput,
            X.CopyFromParent,
            override_redirect=True,
            save_under=True,
            background_pixel=_WHITE,
            border_pixel=_DIM,
            event_mask=_EVENTS,
        )


def _opened(display: Display) -> Any:
    """The first of the fonts that this server has."""
    names = [name for name in _FONTS if display.list_fonts(name, 1)]
    return display.open_font(names[0] if names else _FONTS[-1])


def _text(label: str) -> bytes:
    return label.translate(_PLAINER).encode("latin-1", "replace")
