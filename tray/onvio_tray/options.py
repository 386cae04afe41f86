"""The words after `onvio-tray`, read by hand: a parser would cost more memory than the whole menu."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

USAGE = "onvio-tray [--version] [--with-agent] [--end-with-stdin]"

_RESTARTED_FOR, _END_WITH_STDIN = "--restarted-for", "--end-with-stdin"
_WITH_AGENT, _ENDS_AGENT = "--with-agent", "--ends-agent"


class Options(NamedTuple):
    """`restarted_for`: the pid of the agent for whose version the tray has begun anew, once.

    `end_with_stdin`: end when the standard input is closed, as whoever started this dies.
    `with_agent`: start the agent too, where it does not run yet, and end that one with the session.
    `ends_agent`: a tray before this one in the session has started it.
    """

    restarted_for: int = 0
    end_with_stdin: bool = False
    with_agent: bool = False
    ends_agent: bool = False

    def words(self) -> list[str]:
        """The same, for the tray that follows this one."""
        flags = {
            _END_WITH_STDIN: self.end_with_stdin,
            _WITH_AGENT: self.with_agent,
            _ENDS_AGENT: self.ends_agent,
        }
        return [_RESTARTED_FOR, str(self.restarted_for), *(word for word in flags if flags[word])]


def read_options(words: Sequence[str]) -> Options | None:
    """What `words` say; None where they say anything else."""
    left = list(words)
    restarted_for = "0"
    flags = dict.fromkeys((_END_WITH_STDIN, _WITH_AGENT, _ENDS_AGENT), False)
    while left:
        word = left.pop(0)
        if word in flags:
            flags[word] = True
        elif word == _RESTARTED_FOR and left and left[0].isdecimal():
            restarted_for = left.pop(0)
        else:
            return None
    return Options(int(restarted_for), *flags.values())
