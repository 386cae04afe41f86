"""The ladder: checks from this machine's route up to a user's link, one file for each rung.

`ladder.py` decides the order, `explain.py` what a failure that was seen elsewhere really means; only
`sockets.py` touches the network. Loaded at the first trouble, or by `onvio-agent doctor`. No check
changes anything, and none may send a token or a password of ONVIO's.
"""
