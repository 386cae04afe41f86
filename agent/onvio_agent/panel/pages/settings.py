"""*Configurações*: the few settings that people change; all others are for the file.

The settings' file is this user's own, so whoever sits here may change it. What the environment or
the administrator has set stays as it is and is shown as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
from starlette.responses import Response

from onvio_agent.errors import Failed, Refused, WrongUsage
from onvio_agent.i18n import N_, _, set_language
from onvio_agent.panel.next_steps import NextStep
from onvio_agent.panel.page import Page, get, post
from onvio_agent.panel.turn import Turn
from onvio_agent.plain_text import clean
from onvio_config.edit import set_value
from onvio_config.keys import expected, known_keys
from onvio_config.load import Loaded
from onvio_config.model import Settings
from onvio_config.sources import OriginKind
from onvio_config.text import SettingsError

_FIELDS = {
    "ui.language": N_("Language"),
    "workstation.user": N_("This workstation's user"),
    "tray.notifications": N_("Notifications"),
    "tray.end_of_day": N_("Time at which the icon tells of documents that still wait"),
    "proxy.url": N_("Proxy's address"),
    "proxy.user": N_("User at the proxy"),
    "proxy.password_file": N_("File with the password at the proxy"),
}
_FIXED = (OriginKind.ENVIRONMENT, OriginKind.COMMAND)


class _Field(NamedTuple):
    """`fixed`: where it was set so that it cannot be changed here; None: it can. `waits`: the running
    agent goes by another value."""

    label: str
    value: object
    fixed: str | None
    waits: bool


async def _show(turn: Turn) -> Response:
    loaded = await _load(turn)
    return turn.show(
        "preferences.html",
        fields={dotted: _field(turn, loaded, dotted) for dotted in _FIELDS},
        path=turn.workstation.paths.settings_path,
    )


def _field(turn: Turn, loaded: Loaded, dotted: str) -> _Field:
    value = _value(loaded.settings, dotted)
    waits = dotted.startswith("proxy.") and value != _value(turn.desk.settings, dotted)
    return _Field(_FIELDS[dotted], value, _fixed(loaded, dotted), waits)


def _fixed(loaded: Loaded, dotted: str) -> str | None:
    origin = loaded.origins[dotted]
    if dotted in loaded.locks:
        place, said = loaded.locks[dotted].origin, _("Locked by the administrator: {place}")
    elif origin.kind in _FIXED:
        place, said = origin, _("Set elsewhere: {place}")
    else:
        return None
    return said.replace("{place}", clean(place.text().render(_)))


async def _save(turn: Turn) -> Response:
    loaded = await _load(turn)
    changed = {
        dotted: value
        for dotted, value in _asked(turn, loaded).items()
        if value != _value(loaded.settings, dotted)
    }
    for dotted, value in changed.items():
        _check(turn, dotted, value)
    if not changed:
        turn.say(_("Nothing has changed."))
        return turn.go("/settings")
    path = turn.workstation.paths.settings_path
    try:
        await turn.workstation.aside.run(lambda: _write(path, changed))
    except SettingsError as error:
        raise _refused(error) from error
    turn.desk.log.info("settings.changed", keys=sorted(changed))
    _apply(turn, await _load(turn))
    later = any(not dotted.startswith(("ui.", "workstation.")) for dotted in changed)
    turn.say(_("Saved."), _later() if later else "")
    return turn.go("/settings")


def _asked(turn: Turn, loaded: Loaded) -> dict[str, str | bool]:
    """What the form says of those that may be changed here."""
    asked: dict[str, str | bool] = {}
    for dotted in _FIELDS:
        if _fixed(loaded, dotted) is None:
            ticked = known_keys()[dotted].base is bool
            form = turn.form
            asked[dotted] = form.ticked(dotted) if ticked else form.text(dotted).strip()
    return asked


def _later() -> NextStep:
    """No button: an agent that ended itself here could not promise this page that it comes back."""
    text = _(
        "Proxy and notifications count from the next start of agent and icon: sign out of the computer "
        "and in again, or have IT support restart them."
    )
    return NextStep(text, _("About"), "/about#commands")


def _check(turn: Turn, dotted: str, value: str | bool) -> None:
    key = known_keys()[dotted]
    if dotted == "workstation.user" and value and turn.desk.hub.office.find(str(value)) is None:
        raise Refused("user.unknown", login=clean(str(value)))
    try:
        msgspec.convert(value, key.type)
    except msgspec.ValidationError:
        detail = _("{key} must be {expected}.")
        for name, text in {"key": _(_FIELDS[dotted]), "expected": expected(key).render(_)}.items():
            detail = detail.replace("{" + name + "}", text)
        raise WrongUsage("settings.invalid", detail=detail) from None


def _write(path: Path, changed: Mapping[str, str | bool]) -> None:
    for dotted, value in changed.items():
        section, _dot, name = dotted.partition(".")
        set_value(path, section, name, value)


def _apply(turn: Turn, loaded: Loaded) -> None:
    """What counts at once."""
    set_language(loaded.settings.ui.language)
    user = turn.desk.hub.office.find(loaded.settings.workstation.user)
    turn.desk.hub.set_own_login(user.login if user else "")


async def _load(turn: Turn) -> Loaded:
    try:
        return await turn.workstation.aside.run(turn.workstation.load)
    except SettingsError as error:
        raise _refused(error) from error


def _refused(error: SettingsError) -> Failed:
    return Failed("settings.invalid", detail=error.text.render(_))


def _value(settings: Settings, dotted: str) -> object:
    section, _dot, name = dotted.partition(".")
    return getattr(getattr(settings, section), name)


PAGE = Page(N_("Settings"), (get("/settings", _show), post("/settings", _save)))
