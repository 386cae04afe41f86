"""The language of everything that people see.

A message id is the plain English sentence; the catalogues lie in `locale/`, compiled by
`packaging/messages.py`. One process speaks one language. Log events, code and docs are English and
do not pass through here.
"""

from __future__ import annotations

import gettext as _gettext
from datetime import datetime
from functools import cache
from pathlib import Path

DEFAULT_LANGUAGE = "pt_BR"
LOCALE_DIR = Path(__file__).parent / "locale"
_DOMAIN = "onvio_agent"
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
_chosen = {"language": DEFAULT_LANGUAGE}


def set_language(language: str) -> None:
    """Speak `language` (`pt_BR` or `en`) from now on; an unknown one speaks English."""
    _chosen["language"] = language


def current_language() -> str:
    """The language that was set; pt_BR before that."""
    return _chosen["language"]


def _(message: str) -> str:
    """`message` in the current language."""
    return _catalogue(current_language()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form of the sentence for `count`, in the current language; `{n}` is left in."""
    return _catalogue(current_language()).ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    """Mark `message` for the message catalogue without translating it."""
    return message


def age(seconds: float) -> str:
    """How long ago, in words: `há 3 min`. Less than a second, or the future, is now."""
    if seconds < 1:
        return _("just now")
    if seconds < _MINUTE_S:
        return _("{n} s ago").replace("{n}", str(int(seconds)))
    if seconds < _HOUR_S:
        return _("{n} min ago").replace("{n}", str(int(seconds // _MINUTE_S)))
    if seconds < _DAY_S:
        return _("{n} h ago").replace("{n}", str(int(seconds // _HOUR_S)))
    days = int(seconds // _DAY_S)
    return ngettext("{n} day ago", "{n} days ago", days).replace("{n}", str(days))


def clock_time(moment: datetime) -> str:
    """The workstation's own time of day: `14:03:20`."""
    return moment.astimezone().strftime("%H:%M:%S")


def duration(seconds: float) -> str:
    """How long, in words: `2 h 05 min`."""
    whole = int(seconds)
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S:02} min"
    days = ngettext("{n} day", "{n} days", whole // _DAY_S)
    return f"{days.replace('{n}', str(whole // _DAY_S))} {whole % _DAY_S // _HOUR_S} h"


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation(_DOMAIN, LOCALE_DIR, [language], fallback=True)
