"""`onvio-agent pause`: no traffic to ONVIO until the time given, or until somebody resumes."""

from __future__ import annotations

import re

import click

from onvio_agent.cli.acting import connect
from onvio_agent.cli.board import icon_lines, show
from onvio_agent.contract.status import IntentState
from onvio_agent.i18n import _

_UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


class Span(click.ParamType):  # type: ignore[type-arg]  # generic only in newer clicks
    """`90`, `90s`, `30m`, `1h`, `2d`: seconds."""

    name = "span"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds; more than none."""
        found = re.fullmatch(r"([0-9]{1,7})([smhd]?)", str(value).strip())
        seconds = int(found[1]) * _UNITS_S[found[2]] if found else 0
        if seconds <= 0:
            wrong = _("{value} is not a time such as 90, 30m or 1h.")
            self.fail(wrong.replace("{value}", str(value)), param, ctx)
        return float(seconds)


@click.command(name="pause", help=_("Pause the connection."))
@click.option(
    "--for",
    "for_s",
    type=Span(),
    metavar="1h|30m|SECONDS",
    help=_("How long. Without it: until somebody resumes."),
)
def command(for_s: float | None) -> int:
    """Exit codes: 0 paused, 2 longer than a pause may be, 3 the agent is not running."""
    snapshot = connect().set_intent(IntentState.PAUSED, for_s)
    show(icon_lines(snapshot.icon))
    return 0
