"""Settings and folders, shared by the agent and the tray.

The lowest package but the contract: it imports nothing of the agent, asks no clock and writes
nothing but missing folders and, when a person asks for it, one value of that person's own file.
"""
