"""The words after `onvio-tray`, read by hand: a parser would cost more memory than the whole menu."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

USAGE = "onvio-tray [--version] [--end-with-stdin]"

_RESTARTED_FOR, _END_WITH_STDIN = "--restarted-for", "--end-with-stdin"


class Options(NamedTuple):
    """`restarted_for`: the pid of the agent for whose version the tray has begun anew, once.

    `end_with_stdin`: end when the standard input is closed, as whoever started this dies.
    """

    restarted_for: int = 0
    end_with_stdin: bool = False

    def words(self) -> list[str]:
        """The same, for the tray that follows this one."""
        ending = [_END_WITH_STDIN] if self.end_with_stdin else []
        return [_RESTARTED_FOR, str(self.restarted_for), *ending]


def read_options(words: Sequence[str]) -> Options | None:
    """What `words` say; None where they say anything else."""
    left = list(words)
    restarted_for, ending = "0", False
    while left:
        word = left.pop(0)
        if word == _END_WITH_STDIN:
            ending = True
        elif word == _RESTARTED_FOR and left and left[0].isdecimal():
            restarted_for = left.pop(0)
        else:
            return None
    return Options(int(restarted_for), ending)
