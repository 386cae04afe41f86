"""`onvio-agent autostart`: whether the icon, or the agent alone, starts at login.

Needs no running agent, and starts or ends none: it says what the next login does.
"""

from __future__ import annotations

import click

from onvio_agent.autostart.place import Found, Login, Place, Start
from onvio_agent.autostart.places import icon_place, service_place
from onvio_agent.cli.frame import Invocation, invocation
from onvio_agent.cli.output import print_json
from onvio_agent.cli.process import own_program, tray_program
from onvio_agent.errors import WrongUsage
from onvio_agent.i18n import N_, _
from onvio_agent.plain_text import clean
from onvio_config.paths import HOME_VARIABLE, MACHINE_VARIABLE

_KEPT = (HOME_VARIABLE, MACHINE_VARIABLE)
"""They name the profile: what starts at login must come to the same one."""

_SAID = {
    Login.ON: N_("on"),
    Login.OFF: N_("off"),
    Login.BROKEN: N_("broken: the program is not there"),
}
_ALL_USERS = click.Option(
    ["--all-users"], is_flag=True, help=_("For everybody on this machine; needs its administrator.")
)
_SERVICE = click.Option(
    ["--service"],
    is_flag=True,
    help=_("The agent alone, under systemd, instead of the icon that starts it."),
)
_JSON = click.Option(["--json", "as_json"], is_flag=True, help=_("As one JSON document."))


@click.group(name="autostart", help=_("Start the icon and the agent at login, or not."))
def command() -> None:
    """The group of these commands."""


@command.command(name="on", params=[_SERVICE, _ALL_USERS], help=_("Start at each login."))
def on(service: bool, all_users: bool) -> int:
    """Exit codes: 0 it is on, 2 no such way here, 5 it could not be written."""
    calls = invocation()
    if service:
        place = service_place(calls.environ)
        if place is None:
            raise WrongUsage("request.invalid", detail=_("This system has no systemd."))
        program = [*own_program(), "run"]
    else:
        place = icon_place(calls.environ)
        program = [*tray_program(), "--with-agent"]
    place.turn_on(Start(program, _kept(calls, all_users)), all_users=all_users)
    return _report(calls)


@command.command(name="off", params=[_ALL_USERS], help=_("Start nothing at login."))
def off(all_users: bool) -> int:
    """Exit codes: 0 both are off, 5 it could not be written."""
    calls = invocation()
    for _name, place in _places(calls):
        place.turn_off(all_users=all_users)
    return _report(calls)


@command.command(name="status", params=[_JSON], help=_("Show what the next login starts."))
def status(as_json: bool) -> int:
    """Exit codes: 0 shown, whatever is on and wherever it was switched."""
    calls = invocation()
    if not as_json:
        return _show(calls)
    found = {name: (place.kind, place.look()) for name, place in _places(calls)}
    print_json({name: _document(kind, each) for name, (kind, each) in found.items()})
    return 0


def _places(calls: Invocation) -> list[tuple[str, Place]]:
    service = service_place(calls.environ)
    places = [("icon", icon_place(calls.environ))]
    return places if service is None else [*places, ("service", service)]


def _kept(calls: Invocation, all_users: bool) -> dict[str, str]:
    if all_users:
        return {}
    return {name: calls.environ[name] for name in _KEPT if name in calls.environ}


def _report(calls: Invocation) -> int:
    if service_place(calls.environ) is not None:
        from onvio_agent.autostart.systemd import reload

        reload()
    return _show(calls)


def _show(calls: Invocation) -> int:
    names = {"icon": _("Icon and agent"), "service": _("Agent alone")}
    for name, place in _places(calls):
        found = place.look()
        whose = _("for all users") if found.all_users else _("for this user")
        where = f"  ({whose}: {clean(found.where)})" if found.where else ""
        click.echo(f"{names[name]}: {_(_SAID[found.login])}{where}")
    return 0


def _document(kind: str, found: Found) -> dict[str, object]:
    return {
        "kind": kind,
        "state": found.login.value,
        "all_users": found.all_users,
        "where": found.where or None,
    }
