"""The icons' files are what the drawing says; they are told apart without colour, on any panel."""

from __future__ import annotations

import importlib.util
import io
from types import ModuleType

import pytest
from PIL import Image

from arch.sources import ROOT
from onvio_agent.contract.status import IconState
from onvio_tray.icons import DATA_DIR, SIZES, fitting, pixels, png_path

SMALL = (16, 22, 24, 32, 48)
PANELS = ("#ffffff", "#f0f0f0", "#2e3436", "#1e1e1e", "#000000")


def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("icons", ROOT / "packaging" / "icons.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DRAWN: dict[str, bytes] = drawing().drawn()


def decoded(data: bytes) -> tuple[tuple[int, int], bytes]:
    image = Image.open(io.BytesIO(data))
    assert image.mode == "RGBA"
    return image.size, image.tobytes()


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_each_file_is_as_drawn(name: str) -> None:
    lies = (DATA_DIR / name).read_bytes()
    if name.endswith(".svg"):
        assert lies == DRAWN[name]
    else:
        assert decoded(lies) == decoded(DRAWN[name])


@pytest.mark.parametrize("name", [name for name in sorted(DRAWN) if name.endswith(".svg")])
def test_the_panel_shows_the_same_drawings(name: str) -> None:
    shown = ROOT / "agent" / "onvio_agent" / "panel" / "static" / name
    assert shown.read_bytes() == DRAWN[name]


def test_no_file_is_left_from_an_earlier_drawing() -> None:
    assert sorted(path.name for path in DATA_DIR.iterdir()) == sorted(DRAWN)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("icon", list(IconState))
def test_the_small_reader_sees_what_an_image_library_sees(icon: IconState, size: int) -> None:
    read = pixels(icon, size)
    assert (read.size, read.rgba) == (size, decoded(png_path(icon, size).read_bytes())[1])


def test_the_bytes_are_turned_for_a_status_notifier_item() -> None:
    read = pixels(IconState.GREEN, 16)
    middle = (8 * 16 + 8) * 4
    red, green, blue, alpha = read.rgba[middle : middle + 4]
    assert read.argb()[middle : middle + 4] == bytes((alpha, red, green, blue))
    assert len(read.argb()) == len(read.rgba)


@pytest.mark.parametrize(("side", "size"), [(8, 16), (16, 16), (23, 22), (24, 24), (999, 256)])
def test_the_size_that_fits_is_chosen(side: int, size: int) -> None:
    assert fitting(side) == size


@pytest.mark.parametrize("size", SMALL)
@pytest.mark.parametrize("one", list(IconState))
@pytest.mark.parametrize("other", list(IconState))
def test_shapes_differ_without_colour(one: IconState, other: IconState, size: int) -> None:
    """In a tenth of the square or more: seen, not only measured."""
    ours, theirs = pixels(one, size).rgba[3::4], pixels(other, size).rgba[3::4]
    differ = sum(abs(a - b) > 128 for a, b in zip(ours, theirs, strict=True))
    assert one is other or differ > size * size / 10


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("icon", list(IconState))
def test_each_colour_stands_out_from_light_and_dark_panels(icon: IconState, panel: str) -> None:
    """2.8 : 1 and more; beside the shape's size that is easily seen."""
    read = pixels(icon, 48).rgba
    solid = next(read[at : at + 3] for at in range(0, len(read), 4) if read[at + 3] == 255)
    ground = bytes.fromhex(panel[1:])
    light, dark = sorted((_luminance(solid), _luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) > 2.8


def _luminance(rgb: bytes) -> float:
    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
