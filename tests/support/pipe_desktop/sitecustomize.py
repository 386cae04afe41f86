"""Gives every Python that is started with this folder on its path a desktop made of pipes.

Why: a tray that begins anew executes its own program; this is how it still finds the test's desktop.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

_REPLACED = "onvio_tray.backends.choose"
_PATH = Path(__file__).with_name("pipe_choose.py")


class _Finder:
    """Finds the replaced module here, and no other."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return spec_from_file_location(name, _PATH) if name == _REPLACED else None


sys.meta_path.insert(0, _Finder)
