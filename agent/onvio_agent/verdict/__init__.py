"""The decisions, pure: facts and an instant go in, a verdict comes out. No I/O, no clock."""
