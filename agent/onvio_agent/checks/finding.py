"""How a check ends other than well. A check returns its detail, or raises one of these."""

from __future__ import annotations

from onvio_agent.contract import reasons
from onvio_agent.errors import fill
from onvio_agent.i18n import N_, _
from onvio_agent.onvio.causes import connect_reason
from onvio_agent.onvio.errors import clean

_SEEN = {
    "network.none": N_("no way there"),
    "network.dns": N_("the name was not found"),
    "network.refused": N_("the connection was refused"),
    "network.timeout": N_("no answer in time"),
    "network.interrupted": N_("the connection was cut"),
    "tls.untrusted": N_("the certificate is not trusted"),
    "tls.expired": N_("the certificate is out of date"),
    "tls.wrong_name": N_("the certificate is of another name"),
    "tls.failed": N_("no secure connection"),
    "onvio.unavailable": N_("out of service"),
    "onvio.limited": N_("asks to wait"),
    "onvio.unexpected_answer": N_("an unknown answer"),
}
"""Shorter than the catalogue's sentences, which come after the ladder."""


def seen(reason: str, told: str) -> str:
    """What was seen, in the user's language; in parentheses what a system or a server `told` of it."""
    words = _(_SEEN.get(reason) or reasons.get(reason).title).rstrip(".")
    return fill(_("{what} ({told})"), {"what": words, "told": told}) if told else words


def seen_in(error: BaseException) -> str:
    """The same, of an attempt to connect that ended with `error`."""
    return seen(*connect_reason(error))


class Broken(Exception):
    """The rung broke: a reason of the catalogue, and what was seen (cleaned and cut)."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reasons.get(reason).code
        self.detail = clean(detail)
        super().__init__(f"{self.reason}: {self.detail}")


class Untried(Exception):
    """Nothing could be learnt here, which is no fault of this rung; `detail` says why."""

    def __init__(self, detail: str) -> None:
        self.detail = clean(detail)
        super().__init__(self.detail)
