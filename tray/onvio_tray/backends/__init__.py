"""How the icon gets onto each kind of desktop; `base.py` is all that the rest of the tray knows."""
