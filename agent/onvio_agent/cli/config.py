"""`onvio-agent config`: what is set, where it was set, and whether it is right.

Needs no running agent and changes nothing.
"""

from __future__ import annotations

import click

from onvio_agent.cli.frame import invocation
from onvio_agent.cli.output import print_json
from onvio_agent.errors import Failed
from onvio_agent.i18n import N_, _
from onvio_agent.log.redaction import HIDDEN
from onvio_agent.plain_text import clean
from onvio_config.keys import known_keys
from onvio_config.load import Loaded
from onvio_config.sources import OriginKind

_KINDS = {
    OriginKind.DEFAULT: N_("default"),
    OriginKind.MACHINE: N_("machine-wide file"),
    OriginKind.USER: N_("user's file"),
    OriginKind.ENVIRONMENT: N_("environment"),
    OriginKind.COMMAND: N_("command line"),
}


@click.group(name="config", help=_("Show and check the settings."))
def command() -> None:
    """The group of the settings' commands."""


@command.command(name="show", help=_("Show every setting as it applies now."))
@click.option("--origin", "with_origin", is_flag=True, help=_("Also where each was set."))
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
def show(with_origin: bool, as_json: bool) -> int:
    """Exit codes: 0 shown, 4 a locked setting is set, 5 a settings file has a mistake."""
    loaded = invocation().loaded
    if as_json:
        print_json(_document(loaded, with_origin))
        return 0
    section = ""
    for dotted, key in known_keys().items():
        if key.section != section:
            click.echo(("\n" if section else "") + f"[{key.section}]")
            section = key.section
        note = f"  # {_place(loaded, dotted)}" if with_origin else ""
        click.echo(f"{key.name} = {_as_toml(_value(loaded, dotted))}{note}")
    return 0


@command.command(name="check", help=_("Check the settings; a mistake is named with its place."))
def check() -> int:
    """Exit codes: 0 the settings are right, 4 a locked one is set, 5 a settings file has a mistake."""
    calls = invocation()
    loaded = calls.loaded
    _check_what_is_named(loaded)
    changed = [origin for origin in loaded.origins.values() if origin.kind != OriginKind.DEFAULT]
    click.echo(_("The settings are right; {n} differ from the default.").replace(
        "{n}", str(len(changed))
    ))  # fmt: skip
    for path in (calls.paths.machine_settings_path, calls.paths.settings_path):
        if path is not None:
            state = _("read") if path.is_file() else _("not there")
            click.echo(f"{clean(str(path))}: {state}")
    return 0


@command.command(name="schema", help=_("Print the settings' JSON Schema, for editors."))
def schema() -> int:
    """Exit codes: 0 printed."""
    from onvio_config.schema import settings_schema

    print_json(settings_schema())
    return 0


def _check_what_is_named(loaded: Loaded) -> None:
    """Raises `Failed` (settings.invalid), with the place that sets it, for certificates or a proxy that
    cannot be used."""
    from onvio_agent.onvio.proxies import refuse_unusable
    from onvio_agent.onvio.tls import Trust

    settings = loaded.settings
    try:
        refuse_unusable(settings)
        if settings.tls.ca_file:
            Trust(settings.tls.ca_file)
    except Failed as error:
        detail = str(error.fields["detail"])
        origin = loaded.origins.get(detail.partition(" ")[0])
        if origin is None:  # a variable of other programs' too
            raise
        where = origin.text().render(_)
        raise Failed("settings.invalid", detail=f"{where}: {detail}") from error


def _document(loaded: Loaded, with_origin: bool) -> dict[str, dict[str, object]]:
    sections: dict[str, dict[str, object]] = {}
    for dotted, key in known_keys().items():
        value = _with_origin(loaded, dotted) if with_origin else _value(loaded, dotted)
        sections.setdefault(key.section, {})[key.name] = value
    return sections


def settings_rows(loaded: Loaded) -> list[dict[str, object]]:
    """Every setting with its origin, one row each; a secret one's value hidden."""
    return [{"setting": dotted} | _with_origin(loaded, dotted) for dotted in known_keys()]


def _with_origin(loaded: Loaded, dotted: str) -> dict[str, object]:
    origin = loaded.origins[dotted]
    place = {"kind": origin.kind.value, "where": origin.where or None, "line": origin.line}
    return {"value": _value(loaded, dotted), "origin": place, "locked": dotted in loaded.locks}


def _value(loaded: Loaded, dotted: str) -> object:
    key = known_keys()[dotted]
    value = getattr(getattr(loaded.settings, key.section), key.name)
    return HIDDEN if key.secret and value else value


def _place(loaded: Loaded, dotted: str) -> str:
    origin = loaded.origins[dotted]
    kind = _(_KINDS[origin.kind])
    place = kind if not origin.where else f"{kind}: {clean(origin.text().render(_))}"
    return place + (_(" (locked)") if dotted in loaded.locks else "")


def _as_toml(value: object) -> str:
    import json

    return clean(json.dumps(value, ensure_ascii=False))
