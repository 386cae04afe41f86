"""What brings facts in, and what follows from them: timers, and the keepers of log and promises.

A watcher listens to the hub and sets its next instant anew after each publication; it decides no
state. Work is done by actions.
"""
