"""The office and its rules (S1-S11), pure: no I/O, no clock, no asyncio."""
