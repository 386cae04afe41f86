"""What the agent keeps: the SQLite data file and the vault that seals the tokens in it.

`base` is what the rest of the agent knows; only `app.py` and the commands name the classes behind it.
"""
