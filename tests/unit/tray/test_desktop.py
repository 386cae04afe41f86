"""A desktop is there for as long as its display takes connections."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from onvio_tray.backends.desktop import is_there


def test_a_wayland_compositor_counts_before_the_x11_beside_it(tmp_path: Path) -> None:
    environ = {"WAYLAND_DISPLAY": "wl", "XDG_RUNTIME_DIR": str(tmp_path), "DISPLAY": ":4711"}
    assert not is_there(environ)
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "wl"))
        compositor.listen()
        assert is_there(environ)
    assert not is_there(environ)


def test_a_local_display_is_there_while_it_listens() -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/.X11-unix/X4712")
        server.listen()
        for name in (":4712", ":4712.0", "unix:4712"):
            assert is_there({"DISPLAY": name})
    assert not is_there({"DISPLAY": ":4712"})


def test_a_display_over_the_network_is_asked_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1] - 6000
        assert is_there({"DISPLAY": f"127.0.0.1:{number}.0"})
    assert not is_there({"DISPLAY": f"127.0.0.1:{number}.0"})


@pytest.mark.parametrize("environ", [{}, {"DISPLAY": ""}, {"DISPLAY": "what"}])
def test_where_none_is_named_none_can_end(environ: dict[str, str]) -> None:
    assert is_there(environ)
