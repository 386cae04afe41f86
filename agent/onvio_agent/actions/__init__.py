"""What a person or the clock asks for, one file each.

Actions ask ONVIO, save, and tell the hub what they learnt, in that order. They decide nothing about
states: rules (office/) refuse, verdicts (verdict/) judge.
"""
