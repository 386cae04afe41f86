"""What starts the agent or the icon at login: the files and keys of each desktop.

Used by the command line alone. What is looked at is what the next login will read, wherever it was
changed; nothing is remembered beside it.
"""
