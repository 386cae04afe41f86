"""The program `onvio-tray`, also as `python -m onvio_tray`."""

import sys

import onvio_tray.lean  # noqa: F401 - first: it keeps out what the others would load
from onvio_tray.main import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
