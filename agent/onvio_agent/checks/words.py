"""A diagnosis in words, for people: in a terminal, in the panel, and to be sent to IT support."""

from __future__ import annotations

from onvio_agent.contract import reasons
from onvio_agent.contract.diagnosis import Diagnosis, Rung
from onvio_agent.errors import fill
from onvio_agent.i18n import N_, _
from onvio_agent.plain_text import clean

NAMES = {
    "config": N_("Settings"),
    "route": N_("Network"),
    "dns": N_("Name lookup (DNS)"),
    "proxy": N_("Proxy"),
    "tcp": N_("Connection"),
    "tls": N_("Certificate (TLS)"),
    "http": N_("ONVIO's interface"),
    "portal": N_("Sign-in page of the network"),
    "clock": N_("Date and time"),
    "token": N_("ONVIO's sign-in server"),
    "link": N_("Users' links"),
    "vault": N_("Key of the sessions"),
    "store": N_("Data file"),
    "disk": N_("Disk and log folder"),
}
"""What each rung looks at."""

ON_THE_WAY = ("network.", "tls.", "clock.")
"""How the reasons begin that a broken way has."""
_ANOTHER_WAY = N_(
    "If it lasts longer than a minute, the agent runs with another proxy or other settings than this "
    "window: onvio-agent stop, then onvio-agent start here."
)

_MARKS = {True: "✓", False: "✗", None: "-"}
_NAME_WIDTH, _TIME_WIDTH = 30, 9


def line(rung: Rung) -> tuple[str, str]:
    """The rung's mark, and the rest of its line in columns."""
    took = "" if rung.took_ms is None else f"{rung.took_ms:.0f} ms"
    name = _(NAMES[rung.name])
    return _MARKS[rung.ok], f"{name:<{_NAME_WIDTH}}{took:>{_TIME_WIDTH}}  {clean(rung.detail)}"


def conclusion(diagnosis: Diagnosis) -> list[str]:
    """The reason that broke first, and what to do; or that nothing is broken."""
    first = next((rung for rung in diagnosis.rungs if rung.ok is False), None)
    if first is None:
        return [_("Nothing is broken on the way to ONVIO.")]
    title, next_step = sentences(first)
    told = [f"{first.reason or 'internal.error'}: {title}"]
    return [*told, f"→ {next_step}"] if next_step else told


def sentences(rung: Rung) -> tuple[str, str]:
    """The reason's title and its next step; where they name a place or a user, it is the rung's detail."""
    reason = reasons.get(rung.reason or "internal.error")
    fields: dict[str, object] = dict.fromkeys(
        ("path", "detail", "login", "pid"), clean(rung.detail)
    )
    differs = rung.name == "link" and reason.code.startswith(ON_THE_WAY)
    next_step = _ANOTHER_WAY if differs else reason.next_step
    return fill(_(reason.title), fields), fill(_(next_step), fields)


def as_text(diagnosis: Diagnosis) -> str:
    """All of it, as `doctor` prints it."""
    rungs = [" ".join(line(rung)).rstrip() for rung in diagnosis.rungs]
    return "\n".join([*rungs, "", *conclusion(diagnosis)]) + "\n"
