"""The panel: the office in a browser, server-rendered, on the control API's own port.

A page is one file in `pages/` and one template. Nothing is decided here: pages call the same actions
as the control API. Everything but `door.py` is loaded when a browser first comes.
"""
