"""The window of the icon inside a plain X11 panel (XEmbed), and how it is painted.

The whole window is painted with one request, so that nobody ever sees it half done or blank. Where
the panel offers a visual with transparency, it lays the icon on its own background; elsewhere the
background is read from the panel and the icon blended into it here.
"""

from __future__ import annotations

from typing import Any

from Xlib import X, Xatom, Xutil, error
from Xlib.display import Display
from Xlib.protocol import event

from onvio_agent.contract.status import IconState
from onvio_tray import icons
from onvio_tray.backends.base import BackendGone

_TITLE = "ONVIO"
_DOCK = 0  # SYSTEM_TRAY_REQUEST_DOCK
_XEMBED_VERSION, _XEMBED_MAPPED = 0, 1
_FIRST_SIDE = 24  # pixels, until the panel gives more or less
_PIXEL = 4  # bytes
_DEPTH, _DEPTH_WITH_ALPHA = 24, 32  # bits
_EVENTS = (
    X.ButtonPressMask
    | X.ExposureMask
    | X.StructureNotifyMask
    | X.EnterWindowMask
    | X.LeaveWindowMask
)


class IconWindow:
    """One window in one panel. Ends with the panel; then a new one is made for the next."""

    def __init__(self, display: Display, panel: Any) -> None:
        """Asks the panel (a window, the owner of the tray's selection) to take a new window in."""
        self._screen = display.screen()
        self._visual, self._depth = self._wanted_visual(display, panel)
        self._has_alpha = self._depth == _DEPTH_WITH_ALPHA
        self.window = self._made()
        self._gc = self.window.create_gc(foreground=0, background=0, graphics_exposures=False)
        self._width = self._height = _FIRST_SIDE
        self._background: bytes | None = None
        self.window.set_wm_name(_TITLE)
        self.window.set_wm_class("onvio-tray", "Onvio-tray")
        least = {"flags": Xutil.PMinSize, "min_width": _FIRST_SIDE, "min_height": _FIRST_SIDE}
        self.window.set_wm_normal_hints(**least)  # else a panel of GTK gives one pixel
        info = display.get_atom("_XEMBED_INFO")
        self.window.change_property(info, info, 32, [_XEMBED_VERSION, _XEMBED_MAPPED])
        opcode = display.get_atom("_NET_SYSTEM_TRAY_OPCODE")
        request = event.ClientMessage(
            window=panel.id,
            client_type=opcode,
            data=(32, [X.CurrentTime, _DOCK, self.window.id, 0, 0]),
        )
        panel.send_event(request)

    def resized(self, width: int, height: int) -> None:
        """The panel says how large the window is, in pixels."""
        self._width, self._height = width, height
        self._background = None

    def exposed(self) -> None:
        """What lay over or under the window has changed."""
        self._background = None

    def paint(self, icon: IconState) -> None:
        """The icon in the middle, as large as fits."""
        side = icons.fitting(min(self._width, self._height))
        drawn = icons.pixels(icon, side).rgba
        if self._has_alpha:
            canvas = bytes(self._width * self._height * _PIXEL)
        else:
            if self._background is None:
                self._background = self._read_background()
            canvas = self._background
        data = blended(drawn, side, canvas, self._width)
        self.window.put_image(
            self._gc, 0, 0, self._width, self._height, X.ZPixmap, self._depth, 0, data
        )

    def set_name(self, text: str) -> None:
        """What a panel may show, and what a screen reader says."""
        self.window.set_wm_name(text.encode("latin-1", "replace").decode("latin-1"))

    def destroy(self) -> None:
        """Take the window away; nothing where it has gone."""
        self._gc.free()
        self.window.destroy()

    def _wanted_visual(self, display: Display, panel: Any) -> tuple[int, int]:
        atom = display.get_atom("_NET_SYSTEM_TRAY_VISUAL")
        answer = panel.get_full_property(atom, Xatom.VISUALID)
        wanted = answer.value[0] if answer else self._screen.root_visual
        for depth in self._screen.allowed_depths:
            if any(each["visual_id"] == wanted for each in depth["visuals"]):
                return wanted, depth["depth"]
        return self._screen.root_visual, self._screen.root_depth

    def _made(self) -> Any:
        if self._depth not in (_DEPTH, _DEPTH_WITH_ALPHA):
            raise BackendGone(f"a display with {self._depth} bits of colour")
        root = self._screen.root
        if self._has_alpha:
            colormap = root.create_colormap(self._visual, X.AllocNone)
            look = {"background_pixel": 0, "border_pixel": 0, "colormap": colormap}
        else:
            look = {"background_pixmap": X.ParentRelative}
        side = _FIRST_SIDE
        return root.create_window(
            0,
            0,
            side,
            side,
            0,
            self._depth,
            X.InputOutput,
            self._visual,
            event_mask=_EVENTS,
            **look,
        )

    def _read_background(self) -> bytes:
        """What the panel shows behind the icon; black where the window is not on the screen."""
        self.window.clear_area()
        try:
            image = self.window.get_image(0, 0, self._width, self._height, X.ZPixmap, 0xFFFFFFFF)
        except error.XError:  # not on the screen, or gone with its panel
            return bytes(self._width * self._height * _PIXEL)
        return bytes(image.data)


def blended(rgba: bytes, side: int, canvas: bytes, width: int) -> bytes:
    """A square drawing (R G B A) laid on the middle of a canvas of that width, both in pixels.

    The canvas is B G R x, as X11 has it; x becomes the drawing's alpha, and colours are multiplied
    by it on a canvas of zeros: what a visual of 32 bits wants.
    """
    result = bytearray(canvas)
    height = len(canvas) // width // _PIXEL
    left, top = (width - side) // 2, (height - side) // 2
    for row in range(max(0, -top), min(side, height - top)):
        for column in range(max(0, -left), min(side, width - left)):
            source = (row * side + column) * _PIXEL
            red, green, blue, alpha = rgba[source : source + _PIXEL]
            at = ((top + row) * width + left + column) * _PIXEL
            for channel, value in enumerate((blue, green, red)):
                below = result[at + channel] * (255 - alpha)
                result[at + channel] = (value * alpha + below + 127) // 255
            result[at + 3] = alpha
    return bytes(result)
